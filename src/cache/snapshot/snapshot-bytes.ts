import type { Codec } from '../../contract/codec.ts'
import type {
  ColumnKind,
  ColumnarRows,
  PlainValue,
  Snapshot,
  SnapshotMeta,
} from '../../contract/snapshot.ts'

/** A snapshot as bytes, for another process or a file. */
export function encodeSnapshot(snapshot: Snapshot, codec: Codec): Uint8Array {
  return codec.encode(snapshot)
}

/** The snapshot that {@link encodeSnapshot} wrote. Throws an `Error` for bytes that hold none. */
export function decodeSnapshot(bytes: Uint8Array, codec: Codec): Snapshot {
  const snapshot = codec.decode(bytes)
  if (!isRecord(snapshot)) throw noSnapshot()
  const { meta, body } = snapshot
  if (meta !== undefined && !isRecord(meta)) throw noSnapshot()
  if (!isRecord(body)) throw noSnapshot()
  return { meta, body: body['form'] === 'columns' ? columnarRows(body) : plainValue(body) }
}

function plainValue(body: SnapshotMeta): PlainValue {
  if (body['form'] !== 'value' || !('value' in body)) throw noSnapshot()
  return { form: 'value', value: body['value'] }
}

function columnarRows(body: SnapshotMeta): ColumnarRows {
  const { names, rowCount, columns, kinds } = body
  const fits =
    isListOf(names, isString) &&
    typeof rowCount === 'number' &&
    Number.isSafeInteger(rowCount) &&
    rowCount >= 0 &&
    isListOf(columns, isList) &&
    isListOf(kinds, isKind) &&
    columns.length === names.length &&
    kinds.length === names.length &&
    columns.every(
      (column, c) =>
        column.length === rowCount && (kinds[c] !== 'dates' || column.every(isKeptDate)),
    )
  if (!fits) throw noSnapshot()
  return { form: 'columns', names, rowCount, columns, kinds }
}

function isRecord(value: unknown): value is SnapshotMeta {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isListOf<T>(value: unknown, isElement: (element: unknown) => element is T): value is T[] {
  return Array.isArray(value) && value.every(isElement)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isKind(value: unknown): value is ColumnKind {
  return value === 'plain' || value === 'dates' || value === 'deep'
}

function isKeptDate(value: unknown): boolean {
  return typeof value === 'number' || value === null || value === undefined
}

function noSnapshot(): Error {
  return new Error('The bytes hold no snapshot of a result.')
}
