import type { FailureKind } from '../contract/target.ts'
import type { DriverError } from './driver-error.ts'

/**
 * By primary result code (`SQLITE_BUSY_SNAPSHOT` counts as `SQLITE_BUSY`). A damaged or unreadable file is `transient`: nothing
 * that was accepted may be given up for it.
 */
const byCode: Readonly<Record<string, FailureKind>> = {
  BUSY: 'transient',
  LOCKED: 'transient',
  FULL: 'transient',
  IOERR: 'transient',
  READONLY: 'transient',
  CANTOPEN: 'transient',
  NOMEM: 'transient',
  INTERRUPT: 'transient',
  PROTOCOL: 'transient',
  SCHEMA: 'transient',
  ABORT: 'transient',
  CORRUPT: 'transient',
  NOTADB: 'transient',
  AUTH: 'schema',
  PERM: 'schema',
  CONSTRAINT: 'permanent',
  MISMATCH: 'permanent',
  TOOBIG: 'permanent',
  RANGE: 'permanent',
}

/** `SQLITE_ERROR` is told apart by its text: SQLite has no finer code for it. */
const schemaText =
  /no such (table|column|view|function|index|collation)|has no column named|has \d+ columns but|syntax error|unrecognized token|incomplete input|because it is a view|foreign key mismatch|ON CONFLICT clause does not match/i
const transactionText = /within a transaction|no transaction is active|cannot (commit|rollback)/i

/** How an error of better-sqlite3 is to be taken; `undefined` when it is none. */
export function classifySqlite(error: DriverError): FailureKind | undefined {
  if (error.code.startsWith('SQLITE_')) {
    const known = byCode[error.code.split('_')[1] ?? '']
    if (known !== undefined) return known
    if (transactionText.test(error.message)) return 'transient'
    return schemaText.test(error.message) ? 'schema' : 'permanent'
  }
  if (/can only bind|is too big|too (few|many) parameter values/i.test(error.message)) {
    return 'permanent'
  }
  return undefined
}
