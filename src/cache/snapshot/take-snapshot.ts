import type { ColumnarRows, PlainValue, Snapshot, SnapshotMeta } from '../../contract/snapshot.ts'
import { copyForeign, newTally, type CopyTally } from './copy-value.ts'
import { entryBytes, snapshotBytes } from './size-estimate.ts'
import { takeColumns } from './take-columns.ts'
import { Uncopyable } from './uncopyable.ts'

/** A snapshot and what it weighs. */
export interface TakenSnapshot {
  readonly snapshot: Snapshot
  /** Estimated bytes that an entry with it takes in this heap: within a factor of two of the truth for ordinary rows. */
  readonly bytes: number
}

/**
 * Puts a result to rest: a private copy of `body`, column by column if it is uniform rows. `meta` is kept as it is, so the caller
 * must not have it shared. The order of properties, dates, buffers and nested data are kept.
 *
 * `undefined`: the result holds something that cannot be copied (an instance of an unknown class, a function, a symbol, a cycle), so
 * it must not be cached.
 */
export function takeSnapshot(
  meta: SnapshotMeta | undefined,
  body: unknown,
): TakenSnapshot | undefined {
  const tally = newTally()
  tally.bytes = entryBytes + snapshotBytes
  try {
    if (meta !== undefined) weigh(meta, tally)
    const kept = columnarRows(body, tally) ?? plainValue(body, tally)
    return { snapshot: { meta, body: kept }, bytes: tally.bytes }
  } catch (error) {
    if (error instanceof Uncopyable) return undefined
    throw error
  }
}

function weigh(meta: SnapshotMeta, tally: CopyTally): void {
  copyForeign(meta, tally)
}

function plainValue(body: unknown, tally: CopyTally): PlainValue {
  return { form: 'value', value: copyForeign(body, tally) }
}

function columnarRows(body: unknown, tally: CopyTally): ColumnarRows | undefined {
  if (!Array.isArray(body) || Object.getPrototypeOf(body) !== Array.prototype) return undefined
  const rows = body as readonly unknown[]
  const names = uniformNames(rows)
  if (names === undefined) return undefined
  return takeColumns(rows as readonly object[], names, tally)
}

/** The names that every row has, in one order; `undefined` if the rows are not plain objects of one shape. */
function uniformNames(rows: readonly unknown[]): readonly string[] | undefined {
  if (rows.length === 0) return []
  const [first] = rows
  if (!isPlainObject(first)) return undefined
  const names = Reflect.ownKeys(first)
  if (!names.every((name) => typeof name === 'string')) return undefined
  // By index: for..of would take holes for rows.
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]
    if (!isPlainObject(row) || !hasNames(row, names)) return undefined
  }
  return names
}

function isPlainObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/** Whether an object has these names in this order: V8 keeps the list of a shape, so for..in makes none. */
function hasNames(row: object, names: readonly string[]): boolean {
  let at = 0
  for (const name in row) {
    if (name !== names[at]) return false
    at++
  }
  return at === names.length
}
