import type { Dialect } from '../contract/dialect.ts'
import { readDriverError } from './driver-error.ts'

/** Unknown table, column, function, type, a right that is missing, and the plan of a table that has changed. */
const postgresStates: ReadonlySet<string> = new Set(['42P01', '42703', '42883', '42704', '42501'])
const changedPlan = /cached plan must not change result type/

/** Unknown table, column, routine, number of columns, and a table that has changed. */
const mysqlNumbers: ReadonlySet<number> = new Set([1054, 1136, 1146, 1305, 1412])

/**
 * Whether a refused statement may have met another schema than it was made for: a hint to look, no proof. SQLite needs none, its schema is
 * looked at anyway.
 */
export function speaksOfSchema(dialect: Dialect, error: unknown): boolean {
  if (dialect === 'sqlite') return false
  const { code, errno, message } = readDriverError(error)
  return dialect === 'postgres'
    ? postgresStates.has(code) || changedPlan.test(message)
    : mysqlNumbers.has(errno)
}
