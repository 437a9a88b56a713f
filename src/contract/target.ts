import type { TableDescription } from './catalog.ts'
import type { Dialect } from './dialect.ts'

/** A row as the driver returns it. */
export type Row = Record<string, unknown>

/** What a statement gave. */
export interface StatementResult {
  readonly rows: readonly Row[]
  /** Rows inserted, changed or deleted; rows *matched* by an UPDATE on every database. */
  readonly affected: number
}

/** One open transaction on one connection. */
export interface Session {
  /** Runs SQL with `?` for values. Arrays are passed to PostgreSQL as arrays. */
  query(sql: string, bindings?: readonly unknown[]): Promise<StatementResult>
}

/** How a failed statement is to be taken. */
export type FailureKind =
  /** Worth another try as it is: connection, serialization, deadlock, busy, read-only failover, disk full. */
  | 'transient'
  /** The connection was lost while the statement (a COMMIT, perhaps) was out: it may have taken effect. */
  | 'unknown'
  /** The schema does not fit every row: table or column missing, permission denied. */
  | 'schema'
  /** This data will never be accepted: constraint, type, range. */
  | 'permanent'

/**
 * A database that the buffer flushes into: SQL text in, rows out. Everything that runs here passes the same tap as the
 * application's statements, so cached queries see flushed writes.
 */
export interface Target {
  /** The connection's name, `'default'` for the only one. */
  readonly connection: string
  /** Which database this is, independent of how it was reached. */
  readonly identity: string
  readonly dialect: Dialect
  /**
   * Runs `work` in a transaction: commits when it resolves, rolls back when it rejects. Never blocks the event loop on a lock:
   * a busy SQLite database rejects at once, as `transient`.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** Runs one statement outside of a transaction. */
  query(sql: string, bindings?: readonly unknown[]): Promise<StatementResult>
  /** How to take an error of `transaction` or `query`. */
  classify(error: unknown): FailureKind
  /** A table by name, as the catalog has it now. */
  table(name: string): TableDescription | undefined
  /**
   * The most bytes that the server takes at once; `undefined` where there is no such bound. Where it is exceeded, the server
   * hangs up. A database that cannot be asked is taken to have the usual bound.
   */
  largestPacket?(): Promise<number | undefined>
  /** Breaks off what is under way and not answered: `transaction` and `query` then reject, their outcome unknown. */
  cut?(): void
  /** Reads the catalog again; after creating tables, or when a table is not found. */
  refreshCatalog(): Promise<void>
}
