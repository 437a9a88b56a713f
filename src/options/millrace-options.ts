import type { Knex } from 'knex'
import type { Duration } from '../base/duration.ts'
import type { Size } from '../base/size.ts'
import type { AckLevel, OnMissing } from '../contract/buffer-port.ts'
import type { EventSink } from '../contract/events.ts'
import type { StoreFactory } from './store-factory.ts'

/** A database: the configuration of a Knex instance that Millrace makes and closes, or one of yours, which it leaves open. */
export type ConnectionOption = Knex.Config | Knex

/** Options that do not say which databases to open. {@link install} takes these. */
export interface CommonOptions {
  /**
   * Where entries live. `'memory'`: this process; in a worker of `node:cluster` the primary's memory. Default: `'memory'`.
   * An unknown name: `MILLRACE_OPTION_INVALID`.
   */
  readonly store?: 'memory' | StoreFactory
  /** `false`: `.cache()` runs every query against the database. Default: on, with the defaults of {@link CacheSettings}. */
  readonly cache?: boolean | CacheSettings
  /**
   * `false`: open without a write buffer; using `.buffer` is then `MILLRACE_BUFFER_OFF`. Default: on, and idle until the
   * first buffered write: a program that never buffers has no journal and no ledger tables.
   */
  readonly buffer?: boolean | BufferSettings
  /**
   * Columns that every insert fills with an id where the row has none: direct, in a transaction, in a batch or buffered.
   * `{ notes: 'id' }` names a column, with ids of 21 characters; `{ tags: { id: 8 } }` gives sizes (2 to 256). Default: none.
   * Table names are taken without their schema, and hold on every connection that has the table. A wrong size:
   * `MILLRACE_OPTION_INVALID`; a column that its table does not have: `MILLRACE_COLUMN_UNKNOWN`. A table may be created later.
   */
  readonly nanoid?: NanoidOption
  /**
   * How long a write of unknown outcome (connection lost, process killed) may still land in the database; its tables are read
   * from there until then. Longer than your longest commit. A bare number is milliseconds. Default: `'30s'`. SQLite needs no
   * such wait and has none. Zero, negative, infinite or unreadable: `MILLRACE_DURATION_INVALID`.
   */
  readonly settleDelay?: Duration
  /**
   * Hears what happens in the background: failed flushes, dead letters, a lost store. Default: none; then problems reach
   * `process.emitWarning`, each kind once.
   */
  readonly onEvent?: EventSink
}

/** {@link CommonOptions} and one database. */
export interface SingleOptions extends CommonOptions {
  /**
   * The database. Clients: `better-sqlite3`, `pg` (also spelt `postgres`, `postgresql`), `mysql2`. Required, unless
   * `connections` is there. Another client: `MILLRACE_CLIENT_UNSUPPORTED`.
   */
  readonly connection: ConnectionOption
  readonly connections?: never
}

/** {@link CommonOptions} and several databases by name. */
export interface MultiOptions<
  Connections = Record<string, ConnectionOption>,
> extends CommonOptions {
  readonly connection?: never
  /**
   * The databases by name. `default` is required: its tables are `DB.<table>`; those of the others are
   * `DB.<connection>.<table>`. A name that Millrace or Knex uses on `DB` itself: `MILLRACE_OPTION_INVALID`.
   */
  readonly connections: Connections
}

/** What {@link millrace} takes. */
export type MillraceOptions = SingleOptions | MultiOptions

/** How the read cache behaves. */
export interface CacheSettings {
  /** How long an entry may be served where the query does not say. A bare number is seconds. Default: `300`. */
  readonly ttl?: Duration
  /** At most this many entries in all; the least used go first. A whole number from 1. Default: `10_000`. */
  readonly maxEntries?: number
  /** At most this much memory for entries in all (estimated). A bare number is bytes. Default: `'64mb'`. */
  readonly maxBytes?: Size
  /** `true`: hits share one deeply frozen result instead of a copy each. Default: `false`. */
  readonly frozen?: boolean
  /** `false`: every cached query is compiled to SQL to find its entry, for comparison. Default: `true`. */
  readonly fingerprint?: boolean
  /** Lifetimes and bounds of single tables, by table name. Default: none. */
  readonly tables?: Readonly<Record<string, TableCacheSettings>>
  /**
   * Columns, beside primary, unique and foreign keys, by whose values writes and queries are told apart: with
   * `{ orders: ['tenant_id'] }` a write to one tenant's orders leaves the queries of the others alone. Only columns whose
   * values compare exactly: integers and text. Default: none. Every process that shares the store must name the same ones:
   * a cluster worker that does not gets `MILLRACE_PRIMARY_MISMATCH`. A table or column that the database does not have, or one whose
   * values cannot be told apart exactly: `MILLRACE_PARTITION_INVALID`.
   */
  readonly partition?: Readonly<Record<string, readonly string[]>>
  /**
   * The share of hits, from 0 to 1, that is checked: the query is run again, when its caller has been answered, and a different
   * answer counts as a `staleHits` in the statistics, is told in the event `stale-hit`, and its tables are invalidated. One at a time.
   * Costs a query on the pool each time. Default: `0`. Other numbers: `MILLRACE_OPTION_INVALID`.
   */
  readonly audit?: number
}

/** How entries that read one table are kept. */
export interface TableCacheSettings {
  /** How long an entry that reads this table may be served where the query does not say. A bare number is seconds. Default: `cache.ttl`. */
  readonly ttl?: Duration
  /** At most this many entries that read this table. A whole number from 1. Default: no bound of its own. */
  readonly maxKeys?: number
}

/** What happens to a buffered write when the table holds `maxPending` already. */
export type OverflowPolicy =
  /** It waits until there is room. */
  | 'block'
  /** It rejects with `MILLRACE_BUFFER_FULL`. */
  | 'reject'

/** How the write buffer behaves. */
export interface BufferSettings {
  /** How far a write must have come when its receipt resolves; see {@link AckLevel}. Default: `'disk'`. `'store'` is the same as `'disk'` where the store is this machine's; the receipt tells the level reached. */
  readonly ack?: AckLevel
  /**
   * Directory of the journal; made when it is first needed. One process or cluster owns it at a time. Default:
   * `'./.millrace'`. Not writable: `MILLRACE_JOURNAL_UNWRITABLE`; owned by another: `MILLRACE_JOURNAL_LOCKED`.
   */
  readonly journal?: string
  /** How long a write may wait for others to be applied with it. A bare number is milliseconds. Default: `5000`. */
  readonly flushInterval?: Duration
  /** At most this many writes in one flush transaction. A whole number from 1. Default: `1000`. */
  readonly maxBatch?: number
  /** At most this many pending writes per table before `overflow` decides. A whole number from 1. Default: `10_000`. */
  readonly maxPending?: number
  /**
   * How long `close()` and SIGTERM wait for the last flush; what is left then stays in the journal for the next start. A
   * bare number is milliseconds. Default: `'30s'`.
   */
  readonly drainTimeout?: Duration
  /** What a write meets when its table holds `maxPending`. Default: `'block'`. */
  readonly overflow?: OverflowPolicy
  /** What becomes of an update or increment whose row is not there, where the call does not say. Default: `'ignore'`. */
  readonly onMissing?: OnMissing
}

/** Table to column, or to columns with the sizes of their ids. */
export type NanoidOption = Readonly<Record<string, string | Readonly<Record<string, number>>>>
