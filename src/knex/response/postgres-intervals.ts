import { isInterval, mayHoldIntervals } from './postgres-driver.ts'
import { isRecord, type UnknownRecord } from './record.ts'

/** Rows with intervals as plain data. */
export interface CapturedIntervals {
  readonly rows: readonly unknown[]
  readonly columns: readonly (string | number)[]
  /** The class of the intervals, if there were any. */
  readonly prototype: object | undefined
}

/** A column's name, or its position in rows that are arrays. */
type Column = string | number
type Row = Record<Column, unknown>

/**
 * Replaces the intervals in rows by plain objects; rows without any are returned as they are. `undefined` if a column mixes
 * intervals with other objects, which {@link reviveIntervals} could not tell apart.
 */
export function captureIntervals(
  rows: readonly unknown[],
  fields: readonly unknown[],
  rowAsArray: boolean,
): CapturedIntervals | undefined {
  let replaced = rows as readonly Row[]
  let prototype: object | undefined
  const columns: Column[] = []
  for (const column of candidates(fields, rowAsArray)) {
    const seen: Seen = { prototype: undefined, others: false }
    const values = replaced.map((row) => plainInterval(row[column], seen))
    if (seen.prototype === undefined) continue
    if (seen.others) return undefined
    prototype = seen.prototype
    columns.push(column)
    replaced = replaced.map((row, r) => {
      const copy: Row = rowAsArray
        ? ([...(row as unknown as unknown[])] as unknown as Row)
        : { ...row }
      copy[column] = values[r]
      return copy
    })
  }
  return { rows: replaced, columns, prototype }
}

/** Makes intervals of the plain objects in these columns. `false` if their class is not known. */
export function reviveIntervals(
  rows: readonly unknown[],
  columns: readonly Column[],
  prototype: object | undefined,
): boolean {
  if (prototype === undefined) return false
  for (const row of rows as readonly Row[]) {
    for (const column of columns) row[column] = interval(row[column], prototype)
  }
  return true
}

function candidates(fields: readonly unknown[], rowAsArray: boolean): ReadonlySet<Column> {
  const columns = new Set<Column>()
  fields.forEach((field, position) => {
    if (!isRecord(field) || !mayHoldIntervals(field['dataTypeID'])) return
    if (rowAsArray) columns.add(position)
    else if (typeof field['name'] === 'string') columns.add(field['name'])
  })
  return columns
}

interface Seen {
  prototype: object | undefined
  others: boolean
}

function plainInterval(value: unknown, seen: Seen): unknown {
  if (!isRecord(value)) return value
  if (Array.isArray(value)) return value.map((inner) => plainInterval(inner, seen))
  if (isInterval(value)) {
    seen.prototype ??= Object.getPrototypeOf(value) as object
    return { ...value }
  }
  seen.others = true
  return value
}

function interval(value: unknown, prototype: object): unknown {
  if (!isRecord(value)) return value
  if (Array.isArray(value)) return value.map((inner) => interval(inner, prototype))
  return Object.assign(Object.create(prototype) as UnknownRecord, value)
}
