import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Value } from './kind.ts'

/** A value as plain SQL. */
export function literal(dialect: Dialect, value: Value): string {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return String(value)
    case 'boolean':
      return dialect === 'sqlite' ? String(Number(value)) : String(value)
    case 'string':
      return `'${value.replaceAll(`'`, `''`)}'`
    default:
      return dialect === 'postgres'
        ? `'\\x${value.toString('hex')}'::bytea`
        : `x'${value.toString('hex')}'`
  }
}
