import type { Dialect } from '../../contract/dialect.ts'

/** How values of a column compare, for the types where that is known to the last digit. */
export type KeyKind = 'integer' | 'text' | 'uuid'

/** Gives the canonical form of a value, or `undefined`; see `KeyColumn.canonical`. */
export type Canonical = (value: unknown) => string | undefined

/**
 * The canonical form of each kind. It is *coarser* than the database's equality:
 * - integer: decimal digits. Other spellings that a database takes for the same number ('05', ' 5', '5.0') have no form.
 * - text: printable ASCII without case and punctuation, because collations and padded types ignore those, each its own share.
 *   What is not ASCII has no form: collations take 'é' for 'e'.
 * - uuid: 32 hexadecimal digits, with or without dashes and braces.
 */
export function canonicalOf(kind: KeyKind, dialect: Dialect): Canonical {
  switch (kind) {
    case 'integer':
      return dialect === 'mysql' ? mysqlInteger : integer
    case 'text':
      return text
    case 'uuid':
      return uuid
  }
}

const decimal = /^-?(?:0|[1-9]\d{0,18})$/

const largest = '9223372036854775807'

function integer(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : undefined
    case 'bigint':
      return digits(String(value))
    case 'string':
      return digits(value)
    default:
      return undefined
  }
}

/** Decimal digits as they are, if they fit 64 bits: beyond, databases compare by other types. */
function digits(value: string): string | undefined {
  if (value === '-0' || !decimal.test(value)) return undefined
  const size = value.startsWith('-') ? value.slice(1) : value
  return size.length < largest.length || size <= largest ? value : undefined
}

/** MySQL compares a string with an integer as floating-point numbers, which are exact up to 15 digits. */
function mysqlInteger(value: unknown): string | undefined {
  if (typeof value === 'string' && value.length > 15) return undefined
  return integer(value)
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value)) return undefined
  return value.toLowerCase().replaceAll(/[^0-9a-z]+/g, '')
}

function uuid(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const hex = value.toLowerCase().replaceAll(/[-{}]/g, '')
  return /^[0-9a-f]{32}$/.test(hex) ? hex : undefined
}
