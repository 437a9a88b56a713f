import type { Dialect } from '../contract/dialect.ts'

/**
 * One `?` is one value: what a driver would spread over several values, or write as SQL that is no value, is turned into the
 * form that the driver keeps. Dates and booleans stay as they are: Knex and the drivers already agree on those.
 */
export function bindValue(dialect: Dialect, value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value === 'number') {
    // mysql2 would write NaN and Infinity as column names.
    return dialect === 'mysql' && !Number.isFinite(value) ? String(value) : value
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (ArrayBuffer.isView(value)) return asBuffer(value)
  // pg has arrays, and writes objects as JSON by itself.
  return dialect === 'postgres' ? value : JSON.stringify(value)
}

function asBuffer(view: ArrayBufferView): Buffer {
  return Buffer.isBuffer(view) ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength)
}
