import type { SnapshotMeta } from '../../contract/snapshot.ts'
import { captureIntervals, reviveIntervals } from './postgres-intervals.ts'
import {
  fieldPrototype,
  intervalPrototype,
  resultClass,
  typeOverrides,
  type PgResult,
  type PgResultClass,
} from './postgres-driver.ts'
import { classPrototype, isRecord, type UnknownRecord } from './record.ts'
import type {
  CapturedResponse,
  DriverHolder,
  ResponseAdapter,
  ResponseScope,
} from './response-adapter.ts'

/** What a snapshot keeps of a pg `Result`. Its parsers and its empty row follow from the fields. */
interface ResultMeta {
  readonly command: string
  /** Columns whose values are intervals: names, or positions in rows that are arrays. */
  readonly intervals: readonly (string | number)[]
  /** Missing if only the rows are wanted. */
  readonly whole?: {
    readonly rowCount: unknown
    readonly oid: unknown
    readonly rowAsArray: boolean
    /** Own properties of each field. */
    readonly fields: readonly Readonly<UnknownRecord>[]
  }
}

const knownProperties: ReadonlySet<PropertyKey> = new Set([
  'command',
  'rowCount',
  'oid',
  'rows',
  'fields',
  'parseRow',
  '_parsers',
  '_types',
  'RowCtor',
  'rowAsArray',
  '_prebuiltEmptyResultObject',
])

/** pg gives an instance of its `Result`, whose fields are instances of a class of their own. */
export function postgresResponses(): ResponseAdapter {
  return new PostgresResponses()
}

class PostgresResponses implements ResponseAdapter {
  #Result: PgResultClass | undefined
  #types: object | undefined
  #fieldPrototype: object | undefined
  #intervalPrototype: object | undefined

  capture(response: unknown, scope: ResponseScope): CapturedResponse | undefined {
    if (!isRecord(response)) return undefined
    const { command, rows, fields } = response
    if (typeof command !== 'string' || !Array.isArray(rows) || !Array.isArray(fields))
      return undefined
    const whole = scope === 'whole' ? this.#captureWhole(response, fields) : undefined
    if (whole === undefined && (scope === 'whole' || command !== 'SELECT')) return undefined
    const captured = captureIntervals(rows, fields, response['rowAsArray'] === true)
    if (captured === undefined) return undefined
    this.#intervalPrototype ??= captured.prototype
    const meta: ResultMeta = {
      command,
      intervals: captured.columns,
      ...(whole === undefined ? {} : { whole }),
    }
    return { meta: { ...meta }, body: captured.rows }
  }

  #captureWhole(response: UnknownRecord, fields: readonly unknown[]): ResultMeta['whole'] {
    const prototype = classPrototype(response)
    const types = response['_types']
    if (prototype === undefined || !isTypeOverrides(types)) return undefined
    if (!Reflect.ownKeys(response).every((key) => knownProperties.has(key))) return undefined
    // No row description: a statement without a result.
    if (response['_prebuiltEmptyResultObject'] === null) return undefined
    if (response['RowCtor'] !== null && response['RowCtor'] !== undefined) return undefined
    const kept: UnknownRecord[] = []
    for (const field of fields) {
      const properties = this.#captureField(field)
      if (properties === undefined) return undefined
      kept.push(properties)
    }
    this.#Result ??= prototype.constructor as PgResultClass
    this.#types = types
    const { rowCount, oid } = response
    return { rowCount, oid, rowAsArray: response['rowAsArray'] === true, fields: kept }
  }

  #captureField(field: unknown): UnknownRecord | undefined {
    if (!isRecord(field)) return undefined
    const prototype = classPrototype(field)
    if (prototype === undefined) return undefined
    this.#fieldPrototype ??= prototype
    if (prototype !== this.#fieldPrototype) return undefined
    const plain = Object.values(field).every(
      (value) => typeof value === 'string' || typeof value === 'number',
    )
    return plain ? { ...field } : undefined
  }

  revive(meta: SnapshotMeta | undefined, rows: unknown, client: DriverHolder): unknown {
    if (meta === undefined || !Array.isArray(rows)) return undefined
    const { command, intervals, whole } = meta as unknown as ResultMeta
    if (intervals.length > 0 && !reviveIntervals(rows, intervals, this.#intervals(client))) {
      return undefined
    }
    if (whole === undefined) return { command, rows }
    const result = this.#emptyResult(whole.rowAsArray, client)
    const fields = result && this.#reviveFields(whole.fields, client)
    if (result === undefined || fields === undefined) return undefined
    result.addFields(fields)
    return Object.assign(result, { command, rowCount: whole.rowCount, oid: whole.oid, rows })
  }

  hasPlainRows(meta: SnapshotMeta | undefined): boolean {
    if (meta === undefined) return false
    const { command, intervals } = meta as unknown as ResultMeta
    // Of any other command Knex gives the whole result.
    return command === 'SELECT' && intervals.length === 0
  }

  #emptyResult(rowAsArray: boolean, client: DriverHolder): PgResult | undefined {
    this.#Result ??= resultClass(client.driver)
    this.#types ??= typeOverrides(client.driver, client.connectionSettings)
    if (this.#Result === undefined || this.#types === undefined) return undefined
    return new this.#Result(rowAsArray ? 'array' : undefined, this.#types)
  }

  #reviveFields(
    kept: readonly Readonly<UnknownRecord>[],
    client: DriverHolder,
  ): object[] | undefined {
    if (kept.length === 0) return []
    this.#fieldPrototype ??= fieldPrototype(client.driver)
    const prototype = this.#fieldPrototype
    if (prototype === undefined) return undefined
    return kept.map((field) => Object.assign(Object.create(prototype) as object, field))
  }

  #intervals(client: DriverHolder): object | undefined {
    this.#intervalPrototype ??= intervalPrototype(client.driver)
    return this.#intervalPrototype
  }
}

/** Whether these are the parsers of a connection. A query's own parsers are functions that no snapshot can keep. */
function isTypeOverrides(types: unknown): types is object {
  return isRecord(types) && classPrototype(types)?.constructor.name === 'TypeOverrides'
}
