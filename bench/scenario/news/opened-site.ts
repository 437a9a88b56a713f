import type { NewsSite } from './site.ts'

/** What a contender has counted since it was opened. */
export interface SiteFigures {
  /** Queries that were sent to the database, transaction control and a cache's own included. */
  readonly statements: number
  /** Queries that asked a cache. */
  readonly cachedReads: number
  /** Those that the cache answered. */
  readonly hits: number
}

/** A contender, ready to answer. */
export interface OpenedSite {
  readonly site: NewsSite
  figures(): Promise<SiteFigures>
  /** Resolves when everything that was accepted is in the database. */
  settle(): Promise<void>
  close(): Promise<void>
}
