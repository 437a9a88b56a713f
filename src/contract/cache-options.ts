import type { Duration } from '../base/duration.ts'

/** What one `.cache({ ... })` asks for. Everything left out is taken from the options that Millrace was opened with. */
export interface CacheOptions {
  /**
   * How long the result may be served. A bare number is seconds; `Infinity` never expires. Default: `cache.tables.<table>.ttl`
   * of a table that the query reads (the shortest of several), else `cache.ttl`. Zero, negative or unreadable:
   * `MILLRACE_DURATION_INVALID`.
   */
  readonly ttl?: Duration
  /**
   * Text that is added to the key, never put in its place: two queries with the same SQL and bindings and another `key` are
   * kept apart. For results that depend on something the SQL does not show. Default: none.
   */
  readonly key?: string
  /** `true`: hits share one deeply frozen result, which is faster and must not be changed. Default: `cache.frozen`. */
  readonly frozen?: boolean
  /** `true`: run the query in any case and replace the entry. Default: `false`. */
  readonly refresh?: boolean
  /** `true`: run the query and leave the cache alone, as if `.cache()` were not there. Default: `false`. */
  readonly bypass?: boolean
}

/** What `.cache(...)` takes: a lifetime (a bare number is seconds), or {@link CacheOptions}. */
export type CacheInput = Duration | CacheOptions

/** Columns and values that identify rows, for `.cache.clear({ id: 5 })`. */
export type RowKey<Row = Record<string, unknown>> = { readonly [Column in keyof Row]?: Row[Column] }
