import { MillraceError } from '../base/errors.ts'
import type { Row } from '../contract/target.ts'
import { spell } from './spell.ts'

/**
 * A private copy of a value, with its type, so that the caller may change the original afterwards. Throws
 * `MILLRACE_VALUE_INVALID` for what cannot be kept in the journal: `undefined`, functions, symbols, raw SQL, builders and
 * instances of other classes. What the database will think of the value is not judged here.
 */
export function captureValue(value: unknown, where: string): unknown {
  if (value === undefined) {
    throw invalid(`${where} is undefined.`, 'Leave the column out, or give null.')
  }
  return copy(value, where, 0)
}

/** A private copy of a row's values; see {@link captureValue}. */
export function captureRow(row: unknown, what: string): Row {
  if (!isPlain(row)) {
    throw invalid(
      `${what} is ${spell(row)}, not an object of columns.`,
      'Give a plain object such as { name: "Oak" }.',
    )
  }
  const captured: Row = {}
  for (const column of Object.keys(row)) {
    define(captured, column, captureValue(row[column], `Column "${column}" of ${what}`))
  }
  return captured
}

/** Whether a value is an object literal (or one without a prototype). */
export function isPlain(value: unknown): value is Row {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype || isForeignPlain(prototype)
}

/** Object literals of another realm (a vm context, a test runner) have a prototype of their own. */
function isForeignPlain(prototype: unknown): boolean {
  return (
    typeof prototype === 'object' &&
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype ?? {}, 'hasOwnProperty') &&
    Object.hasOwn(prototype ?? {}, 'isPrototypeOf')
  )
}

/** Containers in containers, well below what the journal's format takes; a cycle ends here too. */
const deepest = 400

function copy(value: unknown, where: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return value
    case 'bigint':
      if (depth > 0) throw invalid(`${where} holds a BigInt inside JSON.`, 'Give it as text.')
      return value
    case 'object':
      break
    default:
      throw invalid(`${where} is a ${typeof value}.`, 'Give a plain value.')
  }
  if (value === null) return null
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof Uint8Array) return Buffer.from(value)
  if (depth >= deepest) {
    throw invalid(
      `${where} is nested deeper than ${String(deepest)} levels, or holds itself.`,
      'Give plain data.',
    )
  }
  if (Array.isArray(value)) return value.map((item) => copy(item, where, depth + 1))
  if (isPlain(value)) {
    const copied: Row = {}
    for (const name of Object.keys(value)) define(copied, name, copy(value[name], where, depth + 1))
    return copied
  }
  throw invalid(
    `${where} is ${spell(value)}; raw SQL, builders and class instances cannot wait in a buffer.`,
    'Give a plain value (decimals as text), or write directly.',
  )
}

/** Sets a property by name, `__proto__` included. */
function define(target: Row, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  } else target[name] = value
}

function invalid(message: string, remedy: string): MillraceError {
  return new MillraceError('MILLRACE_VALUE_INVALID', message, { remedy })
}
