/**
 * Every code that an error of Millrace can carry. `docs/errors.md` has a cause and a remedy for each.
 */
export type ErrorCode =
  /** An option that does not exist. */
  | 'MILLRACE_OPTION_UNKNOWN'
  /** An option whose value has the wrong type, unit or range. */
  | 'MILLRACE_OPTION_INVALID'
  /** A Knex client that Millrace cannot keep coherent. */
  | 'MILLRACE_CLIENT_UNSUPPORTED'
  /** `cache.partition` names a table or column that is not there, or one whose values cannot be told apart exactly. */
  | 'MILLRACE_PARTITION_INVALID'
  /** The database driver is not installed. */
  | 'MILLRACE_DRIVER_MISSING'
  /** The database did not answer while opening. */
  | 'MILLRACE_DATABASE_UNREACHABLE'
  /** A duration that cannot be read, is zero or is negative. */
  | 'MILLRACE_DURATION_INVALID'
  /** `.cache()` on an insert, update or delete. */
  | 'MILLRACE_CACHE_ON_WRITE'
  /** A table that the database does not have. */
  | 'MILLRACE_TABLE_UNKNOWN'
  /** A column that the table does not have. */
  | 'MILLRACE_COLUMN_UNKNOWN'
  /** A connection name that was not opened. */
  | 'MILLRACE_CONNECTION_UNKNOWN'
  /** A buffered `where` that is not a full primary or unique key, or has the wrong type. */
  | 'MILLRACE_KEY_INVALID'
  /** A buffered value that is `undefined`, raw SQL, or of a type that cannot be kept. */
  | 'MILLRACE_VALUE_INVALID'
  /** A buffered update without columns, or an insert without rows. */
  | 'MILLRACE_WRITE_EMPTY'
  /** A buffered write to a table that has no transactions, or otherwise cannot be flushed exactly once. */
  | 'MILLRACE_TABLE_UNSUPPORTED'
  /** `.buffer` inside a transaction. */
  | 'MILLRACE_BUFFER_IN_TRANSACTION'
  /** The buffer was switched off with `buffer: false`. */
  | 'MILLRACE_BUFFER_OFF'
  /** The buffer holds `maxPending` writes for this table. */
  | 'MILLRACE_BUFFER_FULL'
  /** The journal directory cannot be created or written. */
  | 'MILLRACE_JOURNAL_UNWRITABLE'
  /** Another live process or instance owns the journal. */
  | 'MILLRACE_JOURNAL_LOCKED'
  /** The journal was written by a newer version, or is damaged beyond its torn tail. */
  | 'MILLRACE_JOURNAL_UNREADABLE'
  /** The journal belongs to another database. */
  | 'MILLRACE_JOURNAL_FOREIGN'
  /** The journal lacks writes that the ledger expects next: part of it was lost. */
  | 'MILLRACE_JOURNAL_GAP'
  /** Another owner took over the ledger: this process may not flush any more. */
  | 'MILLRACE_FENCED'
  /** The database refused a buffered write for good; it is kept as a dead letter. */
  | 'MILLRACE_WRITE_REFUSED'
  /** A flush could not reach the database; the writes are kept. */
  | 'MILLRACE_FLUSH_FAILED'
  /** No dead letter has this id. */
  | 'MILLRACE_DEAD_LETTER_UNKNOWN'
  /** A worker whose primary never opened Millrace. */
  | 'MILLRACE_PRIMARY_NOT_OPEN'
  /** A worker whose primary opened Millrace on other databases. */
  | 'MILLRACE_PRIMARY_MISMATCH'
  /** The shared store went away while an answer was awaited. */
  | 'MILLRACE_STORE_LOST'
  /** Used after `close()`. */
  | 'MILLRACE_CLOSED'

/** What an error says beside its message. */
export interface ErrorDetails {
  /** What to do about it, in one sentence. */
  readonly remedy?: string
  /** The error underneath. */
  readonly cause?: unknown
}

/** An error of Millrace: says what was wrong, with a stable `code` and a remedy. */
export class MillraceError extends Error {
  /** Stable across versions; branch on this, not on the message. */
  readonly code: ErrorCode
  /** What to do about it; part of the message too. */
  readonly remedy: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(
      details.remedy === undefined ? message : `${message} ${details.remedy}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    )
    this.name = 'MillraceError'
    this.code = code
    this.remedy = details.remedy
  }
}
