import { EventEmitter } from 'node:events'
import { classPrototype, isRecord, type UnknownRecord } from './record.ts'

/** What is used of pg's `Result`. */
export interface PgResult {
  command: unknown
  rowCount: unknown
  oid: unknown
  rows: unknown
  fields: unknown
  /** Sets the fields and all that pg derives from them. */
  addFields(fields: readonly object[]): void
}

/** pg's `Result` class. */
export type PgResultClass = new (rowMode: string | undefined, types: unknown) => PgResult

/** What is used of pg's `Connection`, to have it parse bytes that no server sent. */
interface PgConnection extends EventEmitter {
  attachListeners(stream: EventEmitter): void
}

type PgConnectionClass = new (options: { stream: EventEmitter }) => PgConnection
type TypeOverridesClass = new (types: unknown) => object

const intervalOid = 1186
const intervalListOid = 1187

/** pg's class of results. */
export function resultClass(driver: unknown): PgResultClass | undefined {
  return constructorNamed(driver, 'Result') as PgResultClass | undefined
}

/** Type parsers as a new connection with these settings has them. */
export function typeOverrides(driver: unknown, settings: unknown): object | undefined {
  const TypeOverrides = constructorNamed(driver, 'TypeOverrides') as TypeOverridesClass | undefined
  if (TypeOverrides === undefined) return undefined
  return new TypeOverrides(isRecord(settings) ? settings['types'] : undefined)
}

/**
 * The prototype of pg's fields, whose class pg does not export: a connection without a socket is given a row description to parse.
 * `undefined` if the driver is not built as expected.
 */
export function fieldPrototype(driver: unknown): object | undefined {
  const Connection = constructorNamed(driver, 'Connection') as PgConnectionClass | undefined
  if (Connection === undefined) return undefined
  try {
    const stream = new EventEmitter()
    const connection = new Connection({ stream })
    let prototype: object | undefined
    connection.on('rowDescription', (message: unknown) => {
      const fields = isRecord(message) ? message['fields'] : undefined
      const field: unknown = Array.isArray(fields) ? fields[0] : undefined
      if (isRecord(field)) prototype = classPrototype(field)
    })
    connection.attachListeners(stream)
    stream.emit('data', rowDescription())
    return prototype
  } catch {
    return undefined
  }
}

/** The prototype of the intervals that pg's own parsers make. */
export function intervalPrototype(driver: unknown): object | undefined {
  const types = isRecord(driver) ? driver['types'] : undefined
  if (!isRecord(types) || typeof types['getTypeParser'] !== 'function') return undefined
  const { getTypeParser } = types as { getTypeParser: (oid: number, format: string) => unknown }
  for (const [oid, text] of [
    [intervalOid, '1 day'],
    [intervalListOid, '{"1 day"}'],
  ] as const) {
    const parse = getTypeParser(oid, 'text')
    const parsed: unknown =
      typeof parse === 'function' ? (parse as (text: string) => unknown)(text) : undefined
    const interval: unknown = Array.isArray(parsed) ? parsed[0] : parsed
    if (isInterval(interval)) return classPrototype(interval)
  }
  return undefined
}

/** Whether a value is an interval of pg's own class, holding numbers only. */
export function isInterval(value: unknown): value is UnknownRecord {
  if (!isRecord(value)) return false
  const prototype = classPrototype(value)
  return (
    prototype !== undefined &&
    prototype.constructor.name === 'PostgresInterval' &&
    Object.values(value).every((part) => typeof part === 'number')
  )
}

/** Whether a column of this type may hold intervals. */
export function mayHoldIntervals(typeOid: unknown): boolean {
  return typeOid === intervalOid || typeOid === intervalListOid
}

/** A RowDescription message with one column: name, table, column, type, size, modifier, format. */
function rowDescription(): Buffer {
  const bytes = Buffer.alloc(27)
  bytes.write('T', 0)
  bytes.writeInt32BE(26, 1)
  bytes.writeInt16BE(1, 5)
  bytes.write('a\0', 7)
  return bytes
}

function constructorNamed(driver: unknown, name: string): unknown {
  const found = isRecord(driver) ? driver[name] : undefined
  return typeof found === 'function' ? found : undefined
}
