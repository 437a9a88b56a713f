import type { ColumnDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'

/**
 * A captured value as it is given to the database for this column. Objects and arrays are JSON text, but for arrays of
 * PostgreSQL's array columns. Everything else is left to the driver, as in a direct write.
 */
export function bindColumn(
  value: unknown,
  column: ColumnDescription | undefined,
  dialect: Dialect,
): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date || value instanceof Uint8Array) return value
  if (dialect === 'postgres' && Array.isArray(value) && !isJson(column)) return value
  return JSON.stringify(value)
}

/**
 * A key's value. SQLite takes numbers as floating point; integers go as BigInt, which it takes as integers.
 */
export function bindKey(value: unknown, dialect: Dialect): unknown {
  return bindAmount(value, dialect)
}

/** An amount that the database adds; see {@link bindKey}: SQLite would add a floating point number, inexactly beyond 2^53. */
export function bindAmount(value: unknown, dialect: Dialect): unknown {
  return dialect === 'sqlite' && Number.isSafeInteger(value) ? BigInt(value as number) : value
}

/** A rough size of a binding on the wire, in bytes. */
export function bindingBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * 2 + 8
  if (value instanceof Uint8Array) return value.byteLength * 2 + 8
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + bindingBytes(item), 8)
  if (typeof value === 'object' && value !== null && !(value instanceof Date))
    return JSON.stringify(value).length * 2
  return 24
}

/** What the bindings of one row add to a statement. */
export function sizeOfBindings(bindings: readonly unknown[]): { binds: number; bytes: number } {
  return {
    binds: bindings.length,
    bytes: bindings.reduce<number>((sum, value) => sum + bindingBytes(value), 8),
  }
}

function isJson(column: ColumnDescription | undefined): boolean {
  return column !== undefined && /^jsonb?$/.test(column.type)
}
