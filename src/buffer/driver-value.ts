import type { ColumnDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import { integerOf } from './column-change.ts'

/** Stands for a value that only the database knows (a DEFAULT, a type that it converts). */
export const unknownValue: unique symbol = Symbol('unknown value')

/**
 * A pending value as the driver will return it once it is stored, or {@link unknownValue} where that is the database's to
 * say. Only what survives unchanged in every driver is answered without asking.
 */
export function driverValue(
  value: unknown,
  column: ColumnDescription | undefined,
  dialect: Dialect,
): unknown {
  if (value === null) return null
  if (column === undefined) return unknownValue
  const { family, type } = column
  if (family === 'integer') {
    const integer = integerOf(value)
    if (integer === undefined) return unknownValue
    const number = Number(integer)
    if (dialect === 'postgres')
      return /^(bigint|int8|bigserial)/.test(type) ? String(integer) : number
    return Number.isSafeInteger(number) ? number : unknownValue
  }
  if (typeof value === 'string' && family === 'text' && keepsText(type)) return value
  if (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    /^(double|float8$|real$|float$)/.test(type)
  ) {
    return dialect === 'sqlite' || /^(double|float8)/.test(type) ? value : unknownValue
  }
  if (typeof value === 'boolean' && dialect === 'postgres' && /^bool/.test(type)) return value
  if (value instanceof Uint8Array && /^(blob|bytea|longblob|mediumblob)$/.test(type))
    return Buffer.from(value)
  return unknownValue
}

/** Fixed lengths are padded and enumerations folded; a length may cut. */
function keepsText(type: string): boolean {
  return /^(text|varchar|character varying|longtext|mediumtext|nvarchar)/.test(type)
}
