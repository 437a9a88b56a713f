import type { Dialect } from '../contract/dialect.ts'
import { readDriverError } from './driver-error.ts'

/** MySQL: a deadlock rolls the whole transaction back; a lock wait does too where `innodb_rollback_on_timeout` is set. */
const mysqlEnds: ReadonlySet<number> = new Set([1213, 1205])

/**
 * Whether the engine may have rolled the whole transaction back because of this error, without being told to. PostgreSQL
 * never does (it refuses further statements instead); SQLite's driver tells itself whether a transaction is open.
 */
export function endsTransaction(dialect: Dialect, error: unknown): boolean {
  return dialect === 'mysql' && mysqlEnds.has(readDriverError(error).errno)
}
