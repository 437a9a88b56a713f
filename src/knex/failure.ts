import { MillraceError } from '../base/errors.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { FailureKind } from '../contract/target.ts'
import { lineVerdict, readDriverError } from './driver-error.ts'
import type { DriverError } from './driver-error.ts'
import { classifyMysql } from './failure-mysql.ts'
import { classifyPostgres } from './failure-postgres.ts'
import { classifySqlite } from './failure-sqlite.ts'

const classifyByDialect: Readonly<
  Record<Dialect, (error: DriverError) => FailureKind | undefined>
> = { sqlite: classifySqlite, postgres: classifyPostgres, mysql: classifyMysql }

/**
 * How a failed statement is to be taken, by the driver's codes and never by guesswork about the data. An error that no
 * driver made (a store that cannot be reached, a fault in a pool) is `transient`: what cannot be judged is kept and tried again.
 */
export function classifyFailure(dialect: Dialect, error: unknown): FailureKind {
  if (error instanceof MillraceError) return 'transient'
  const fields = readDriverError(error)
  if (fields.name === 'KnexTimeoutError') return knexTimeout(fields)
  return classifyByDialect[dialect](fields) ?? lineVerdict(fields) ?? 'transient'
}

/**
 * True when the server cannot have answered, so that the statement may still take effect: its COMMIT may land later. False
 * for every answer of the server, and for a statement that was never sent.
 */
export function isUnknownOutcome(dialect: Dialect, error: unknown): boolean {
  return dialect !== 'sqlite' && classifyFailure(dialect, error) === 'unknown'
}

/** Knex uses one class for "no connection was free" and for "the query took too long". */
function knexTimeout(error: DriverError): FailureKind {
  return /query timeout/i.test(error.message) ? 'unknown' : 'transient'
}
