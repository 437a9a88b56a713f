import { classPrototype, isRecord } from './record.ts'

/** What is used of mysql2 to make it produce a column definition. */
interface QueryMaker {
  createQuery(sql: string, values: undefined, done: () => void, config: object): ColumnReader
}

/** What is used of a mysql2 query: the step that reads one column's description. */
interface ColumnReader {
  _fields: unknown[][]
  _fieldCount: number
  _resultIndex: number
  readField(packet: object, connection: object): unknown
}

/** `utf8`, so that the empty name can be decoded. */
const utf8Charset = 33

/**
 * The prototype of mysql2's `ColumnDefinition`, which the package does not export: a query that is never sent is made to read the
 * description of an empty column. `undefined` if the driver is not built as expected.
 */
export function columnDefinitionPrototype(driver: unknown): object | undefined {
  if (!isRecord(driver) || typeof driver['createQuery'] !== 'function') return undefined
  try {
    const query = (driver as unknown as QueryMaker).createQuery('', undefined, () => undefined, {})
    query._fields = [[]]
    query._resultIndex = 0
    // One of two columns: after the last one the query would go on to rows.
    query._fieldCount = 2
    query.readField(emptyColumn(), { clientEncoding: 'utf8', config: {} })
    const field = query._fields[0]?.[0]
    return isRecord(field) && 'columnType' in field ? classPrototype(field) : undefined
  } catch {
    return undefined
  }
}

/** A packet in which every string is empty. */
function emptyColumn(): object {
  return {
    buffer: Buffer.alloc(0),
    offset: 0,
    end: 0,
    readLengthCodedNumber: () => 0,
    skip: () => undefined,
    readInt8: () => 0,
    readInt16: () => utf8Charset,
    readInt32: () => 0,
  }
}
