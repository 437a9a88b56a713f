import type { ColumnDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { ColumnChange } from './step.ts'

/**
 * One change after another of the same column, as one; `undefined` where the two would not surely give what the database
 * gives one by one. Amounts are only added up as integers, and only for columns where addition is exact: a sum of floating
 * point numbers depends on its order.
 */
export function mergeChange(
  earlier: ColumnChange | undefined,
  later: ColumnChange,
  column: ColumnDescription | undefined,
  dialect: Dialect,
): ColumnChange | undefined {
  if (earlier === undefined || later.kind === 'base') return later
  const by = integerOf(later.by)
  if (by === undefined || column === undefined) return undefined
  if (earlier.kind === 'delta') {
    const before = integerOf(earlier.by)
    if (before === undefined || !addsExactly(column, dialect)) return undefined
    return { kind: 'delta', by: narrow(before + by) }
  }
  if (column.family !== 'integer') return undefined
  const base = integerOf(earlier.value)
  return base === undefined ? undefined : { kind: 'base', value: narrow(base + by) }
}

/** A safe integer or BigInt as BigInt; `undefined` for everything else. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined
}

/** A number where it is exact, else a BigInt. */
function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** SQLite keeps decimals as floating point numbers; the others add them exactly. */
function addsExactly(column: ColumnDescription, dialect: Dialect): boolean {
  if (column.family === 'integer') return true
  return dialect !== 'sqlite' && /^(numeric|decimal)\b/.test(column.type)
}
