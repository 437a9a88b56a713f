import type { BypassReason } from './cache-stats.ts'

/** What a query depends on and what a cached read of it would do now. */
export interface Explanation {
  /** The compiled SQL. */
  readonly sql: string
  /** The key by which stores know the query; undefined when it would bypass the cache. */
  readonly key: string | undefined
  /** Tables that the result depends on, views and functions followed; `'everything'` if they cannot be known. */
  readonly tables: readonly string[] | 'everything'
  /** Whether a cached read now would be a hit, a miss or a bypass. */
  readonly outcome: 'hit' | 'miss' | 'bypass'
  /** Why it would bypass. */
  readonly reason: BypassReason | undefined
  /** The same in a sentence. */
  readonly text: string
}
