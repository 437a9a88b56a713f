/** Why a cached read went to the database without consulting or filling the cache. */
export type BypassReason =
  /** Caching is switched off with `cache: false`. */
  | 'disabled'
  /** The caller asked for it with `bypass: true`. */
  | 'requested'
  /** The read is in a transaction, or a transaction was opened by hand on this instance. */
  | 'transaction'
  /** `FOR UPDATE` and its kin. */
  | 'locking'
  /** The result can change without a write (`random()`, `now()`, system tables). */
  | 'volatile'
  /** Rows are streamed. */
  | 'stream'
  /** The statement is not a query: a raw write, several statements, `columnInfo()`. */
  | 'not-a-query'
  /** The session differs from its siblings (temporary tables, `SET`), or the caller chose the connection. */
  | 'session'
  /** A binding or option has no exact text form, so there is no key. */
  | 'unkeyable'
  /** The result holds something that cannot be copied (instances of classes). */
  | 'uncopyable'
  /** A write that may change the result is under way. */
  | 'pending'
  /** Another reader's query for the same key failed, was overtaken or took too long. */
  | 'contended'
  /** The schema changed elsewhere and the catalog is being read again. */
  | 'schema-changed'
  /** The shared store cannot be reached. */
  | 'store-lost'

/** How exactly a write was narrowed down when it invalidated. One that touched several tables counts by the least exact of them. */
export type InvalidationPrecision =
  /** Every key column's values are known, in every touched row: queries for other values keep their entries. */
  | 'value'
  /** Some key column's values are unknown: queries by that column lose their entries, those by the other key columns keep them. */
  | 'column'
  /** The rows are unknown: every query that reads one of these tables loses its entry. */
  | 'table'
  /** Even the tables are unknown: every entry of the database is lost. */
  | 'everything'

/** What the auditor did with the hits that it chose; see `cache.audit`. */
export interface AuditStats {
  /** Hits that were compared with the database. */
  readonly checked: number
  /** Without a verdict: the entry was invalidated, replaced or marked while the query ran again. */
  readonly raced: number
  /** Without a verdict: no connection came free, the query failed, or its result could not be compared. */
  readonly unfinished: number
}

/** Counts of this process since it opened, and what the store holds now. */
export interface CacheStats {
  /** Reads answered from a valid entry. */
  readonly hits: number
  /** Reads that ran their query in order to fill. */
  readonly misses: number
  /** Results stored. */
  readonly fills: number
  /** Results that an invalidation overtook, or that did not fit. */
  readonly refusedFills: number
  /** Reads that went to the database without the cache, by reason. */
  readonly bypasses: Readonly<Partial<Record<BypassReason, number>>>
  /**
   * Cached reads whose SQL had to be compiled before their entry could be looked for, because their builder says something that is not
   * recognised without; by reason. They cost some microseconds more, no precision.
   */
  readonly fallbacks: Readonly<Record<string, number>>
  /** Committed writes of this process, by how exactly they were narrowed down. */
  readonly invalidations: Readonly<Record<InvalidationPrecision, number>>
  /** Hits, over all processes, on an entry that invalidation by table alone would have lost. */
  readonly kept: number
  /** Of the audited hits those that differed from the database: the cache gave an outdated answer. More than 0 calls for a look. */
  readonly staleHits: number
  readonly audits: AuditStats
  /** Entries dropped for space, by the store. */
  readonly evictions: number
  /** Entries dropped by age, by the store. */
  readonly expirations: number
  /** Entries in the store now. */
  readonly entries: number
  /** Estimated size of the entries in the store now. */
  readonly bytes: number
  /** Hits, misses, fills and bypasses of this process, and entries in the store, by table. */
  readonly tables: Readonly<Record<string, TableCacheStats>>
}

/** Counts for the queries that read one table. */
export interface TableCacheStats {
  readonly hits: number
  readonly misses: number
  readonly entries: number
}
