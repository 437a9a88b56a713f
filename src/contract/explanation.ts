import type { BypassReason } from './cache-stats.ts'
import type { MissCause } from './store.ts'

/** What a query depends on and what a cached read of it would do now. */
export interface Explanation {
  /** The compiled SQL. */
  readonly sql: string
  /** The key by which stores know the query; undefined when it would bypass the cache. */
  readonly key: string | undefined
  /** Tables that the result depends on, views and functions followed; `'everything'` if they cannot be known. */
  readonly tables: readonly string[] | 'everything'
  /**
   * Which rows of each table the result depends on, as far as invalidation tells them apart: `every row`, or a condition such as
   * `id = 7`. Empty when the query bypasses the cache before that is known.
   */
  readonly rows: Readonly<Record<string, string>>
  /**
   * The tags that are consulted on every hit: `posts*` (any write to the table), or `posts?` (a write to rows of which nothing is known),
   * `posts.id?` (one to rows whose id is not known) and `posts.id=7` (one to rows that have or had this value).
   */
  readonly tags: readonly string[]
  /** Whether a cached read now would be a hit, a miss or a bypass. */
  readonly outcome: 'hit' | 'miss' | 'bypass'
  /** Why it would bypass. */
  readonly reason: BypassReason | undefined
  /** Why it would miss. */
  readonly cause: MissCause | undefined
  /** The same in a sentence or two. */
  readonly text: string
}
