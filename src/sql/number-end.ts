import type { Dialect } from '../contract/dialect.ts'
import { code, isDigit, isWordPart } from './characters.ts'

/**
 * Where the number ends that begins at `start` with a digit, or with a dot before one. Letters that touch a number are the next word for
 * some servers (`1.5from`), and all of it is a name for MySQL where digits alone come before them (`2fa`): `undefined`.
 */
export function numberEnd(sql: string, start: number, dialect: Dialect): number | undefined {
  const prefixed = prefixedEnd(sql, start, dialect)
  if (prefixed !== undefined) return prefixed
  const separators = dialect !== 'mysql'
  let end = digitsEnd(sql, start, separators)
  if (dialect === 'mysql' && end > start && isWordPart(sql.charCodeAt(end)))
    return exponentEnd(sql, end, separators)
  if (sql.charCodeAt(end) === code.dot) end = digitsEnd(sql, end + 1, separators)
  return exponentEnd(sql, end, separators) ?? end
}

/** `1_000` outside of MySQL. */
function digitsEnd(sql: string, start: number, separators: boolean): number {
  let at = start
  while (
    isDigit(sql.charCodeAt(at)) ||
    (separators &&
      at > start &&
      sql.charCodeAt(at) === code.underscore &&
      isDigit(sql.charCodeAt(at + 1)))
  )
    at += 1
  return at
}

/** `e5`, `E-5` */
function exponentEnd(sql: string, at: number, separators: boolean): number | undefined {
  if ((sql.charCodeAt(at) | 32) !== 101) return undefined
  const sign = sql.charCodeAt(at + 1)
  const start = sign === code.plus || sign === code.minus ? at + 2 : at + 1
  const end = digitsEnd(sql, start, separators)
  return end > start ? end : undefined
}

/** `0x1f`, `0b101`, `0o17`. To MySQL `0X1F`, `0x1fg` and `0o17` are names. */
function prefixedEnd(sql: string, start: number, dialect: Dialect): number | undefined {
  if (sql.charCodeAt(start) !== code.zero) return undefined
  const letter = sql.charAt(start + 1)
  const isPart = dialect === 'mysql' ? mysqlDigits[letter] : digits[letter.toLowerCase()]
  if (isPart === undefined) return undefined
  let end = start + 2
  while (
    isPart.test(sql.charAt(end)) ||
    (dialect !== 'mysql' && sql.charAt(end) === '_' && isPart.test(sql.charAt(end + 1)))
  )
    end += 1
  if (end === start + 2) return undefined
  return dialect === 'mysql' && isWordPart(sql.charCodeAt(end)) ? undefined : end
}

type DigitsByPrefix = Readonly<Record<string, RegExp | undefined>>

const mysqlDigits: DigitsByPrefix = { x: /^[0-9a-f]$/i, b: /^[01]$/ }
const digits: DigitsByPrefix = { ...mysqlDigits, o: /^[0-7]$/ }
