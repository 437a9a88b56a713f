import type { SnapshotMeta } from '../../contract/snapshot.ts'
import { columnDefinitionPrototype } from './mysql-driver.ts'
import { classPrototype, isRecord, type UnknownRecord } from './record.ts'
import type { CapturedResponse, DriverHolder, ResponseAdapter } from './response-adapter.ts'

/** Holds the bytes of the packet that described the column; all columns of a result mostly share one. */
const packetProperty = '_buf'

/** What a snapshot keeps of mysql2's column definitions. */
interface FieldsMeta {
  /** The packets that the definitions lie in, each once. */
  readonly packets: readonly Buffer[]
  /** Own properties of each definition; the packet as its number. */
  readonly fields: readonly Readonly<UnknownRecord>[]
}

/** mysql2 gives `[rows, fields]`, the fields being instances of its `ColumnDefinition`. */
export function mysqlResponses(): ResponseAdapter {
  let prototype: object | undefined

  function captureFields(fields: readonly unknown[]): FieldsMeta | undefined {
    const packets: Buffer[] = []
    const kept: UnknownRecord[] = []
    for (const field of fields) {
      if (!isRecord(field)) return undefined
      const own = classPrototype(field)
      if (own === undefined) return undefined
      prototype ??= own
      const properties = own === prototype ? captureField(field, packets) : undefined
      if (properties === undefined) return undefined
      kept.push(properties)
    }
    return { packets: packets.map((packet) => Buffer.from(packet)), fields: kept }
  }

  return {
    capture(response, scope): CapturedResponse | undefined {
      if (!Array.isArray(response) || response.length !== 2) return undefined
      const [rows, fields] = response as readonly unknown[]
      // Several results, and the outcome of a procedure, come with lists of lists or without fields.
      if (!Array.isArray(rows) || !Array.isArray(fields)) return undefined
      if (!fields.every((field) => isRecord(field) && !Array.isArray(field))) return undefined
      if (scope === 'rows') return { meta: undefined, body: rows }
      const captured = captureFields(fields)
      return captured && { meta: { ...captured }, body: rows }
    },

    revive(meta: SnapshotMeta | undefined, rows: unknown, client: DriverHolder): unknown {
      if (meta === undefined) return [rows, undefined]
      prototype ??= columnDefinitionPrototype(client.driver)
      if (prototype === undefined) return undefined
      return [rows, reviveFields(meta as unknown as FieldsMeta, prototype)]
    },

    hasPlainRows: () => true,
  }
}

function captureField(field: UnknownRecord, packets: Buffer[]): UnknownRecord | undefined {
  const kept: UnknownRecord = {}
  for (const key of Reflect.ownKeys(field)) {
    if (typeof key === 'symbol') return undefined
    const value = field[key]
    if (key === packetProperty && Buffer.isBuffer(value)) {
      const known = packets.indexOf(value)
      kept[key] = known < 0 ? packets.push(value) - 1 : known
    } else if (typeof value === 'object' || typeof value === 'function') {
      if (value !== null) return undefined
      kept[key] = value
    } else kept[key] = value
  }
  return kept
}

function reviveFields(meta: FieldsMeta, prototype: object): object[] {
  const packets = meta.packets.map((packet) => Buffer.from(packet))
  return meta.fields.map((kept) => {
    const field = Object.assign(Object.create(prototype) as UnknownRecord, kept)
    const packet = kept[packetProperty]
    if (typeof packet === 'number') field[packetProperty] = packets[packet]
    return field
  })
}
