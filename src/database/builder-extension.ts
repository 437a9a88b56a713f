import type { CacheInput, RowKey } from '../contract/cache-options.ts'

/**
 * `.cache` of a query: reads it through the cache, wherever in the chain it stands. On an insert, update or delete the query
 * rejects with `MILLRACE_CACHE_ON_WRITE`.
 */
export interface CacheMethod<Query, Row> {
  /** With a lifetime (a bare number is seconds; `'5m'`), with options, or with the defaults. */
  (options?: CacheInput): Query
  /** Drops every cached query that depends on the table, or on its rows with this key. */
  clear(key?: RowKey<Row>): Promise<void>
}

/* Merging with Knex's declarations takes its namespace, its type parameters and their defaults as they are. */
/* eslint-disable @typescript-eslint/no-namespace, @typescript-eslint/no-unused-vars */
/* eslint-disable @typescript-eslint/no-empty-object-type, @typescript-eslint/no-explicit-any */
declare module 'knex' {
  namespace Knex {
    interface QueryBuilder<TRecord extends {} = any, TResult = any> {
      /** Reads this query through Millrace's cache; there once the instance is Millrace's. */
      readonly cache: CacheMethod<this, TRecord>
    }
    interface Raw<TResult = any> {
      /** Reads this query through Millrace's cache; a statement that is no select runs uncached. */
      cache(options?: CacheInput): this
    }
  }
}
