import type { Program } from './program.ts'

/** What happens in the background. Give `options.onEvent` a listener; without one, problems reach `process.emitWarning`, each kind once. */
export type MillraceEvent =
  /** A flush failed and will be tried again; nothing is lost. */
  | {
      readonly type: 'flush-failed'
      readonly connection: string
      readonly error: Error
      readonly attempt: number
    }
  /** A write was refused by the database for good and is kept as a dead letter. */
  | {
      readonly type: 'dead-letter'
      readonly connection: string
      readonly table: string
      readonly id: string
      readonly error: Error
    }
  /** Another owner took over the ledger: this process stops flushing. */
  | { readonly type: 'fenced'; readonly connection: string; readonly error: Error }
  /** The journal and the ledger do not fit together: flushing stops until someone looks. */
  | { readonly type: 'journal-gap'; readonly connection: string; readonly error: Error }
  /** The journal could not be written: writes are refused until it can. */
  | { readonly type: 'journal-failed'; readonly error: Error }
  /** A write's outcome is unknown; its tables are read from the database until it is settled. */
  | { readonly type: 'outcome-unknown'; readonly connection: string; readonly error: Error }
  /** Processes died with writes under way: everything of this database is read from it until these have settled. */
  | { readonly type: 'unclean-start'; readonly connection: string; readonly writers: number }
  /** The file that tells of writes under way could not be written or read: if this process is killed, the next one will not wait. */
  | { readonly type: 'marker-failed'; readonly error: Error }
  /** The database was restarted, failed over or was replaced: everything cached from it is void. */
  | { readonly type: 'database-changed'; readonly connection: string }
  /**
   * A hit that `cache.audit` chose was outdated; what it reads was invalidated. Either something writes past Millrace, or Millrace has a
   * mistake. `key` and `stamp` tell which entry it was, `program` what its validity was decided by.
   */
  | {
      readonly type: 'stale-hit'
      readonly connection: string
      readonly sql: string
      readonly key: string
      readonly tables: readonly string[] | 'everything'
      readonly program: Program
      readonly stamp: number
    }
  /** Another program changed the schema; the catalog was read again and everything cached from this database is void. */
  | { readonly type: 'schema-changed-outside'; readonly connection: string }
  /** The shared store cannot be reached; reads go to the database. */
  | { readonly type: 'store-lost'; readonly error: Error }
  /** The catalog could not be read after a schema change; writes count for every table until it can. */
  | { readonly type: 'catalog-failed'; readonly connection: string; readonly error: Error }
  /** Draining did not finish in time; the rest waits in the journal for the next start. */
  | { readonly type: 'drain-timeout'; readonly connection: string; readonly pending: number }

/** Receives {@link MillraceEvent}s. What it throws is reported as a warning and goes no further. */
export type EventSink = (event: MillraceEvent) => void
