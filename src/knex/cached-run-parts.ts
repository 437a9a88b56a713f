import type { CacheCounters } from '../cache/counters.ts'
import type { ReadThrough } from '../cache/read-through.ts'
import type { RowShapes } from '../cache/snapshot/row-shapes.ts'
import type { CatalogKeeper } from './catalog-keeper.ts'
import type { HitAudit } from './hit-audit.ts'
import type { KnownQueries } from './known-queries.ts'
import type { Listeners } from './listeners.ts'
import type { ReadPlanner } from './read-plan.ts'
import type { DirectAnswers } from './response/direct-answer.ts'
import type { ResponseAdapter } from './response/response-adapter.ts'
import type { SchemaWatch } from './schema-watch.ts'
import type { Sessions } from './sessions.ts'

/** What a cached run works with. */
export interface CachedRunParts {
  /** False where caching is switched off: `.cache()` runs the query. */
  readonly enabled: boolean
  readonly sessions: Sessions
  readonly planner: ReadPlanner
  /** None where every query is to be compiled. */
  readonly queries: KnownQueries | undefined
  readonly readThrough: ReadThrough
  readonly counters: CacheCounters
  readonly catalog: CatalogKeeper
  readonly adapter: ResponseAdapter
  readonly answers: DirectAnswers
  readonly listeners: Listeners
  readonly shapes: RowShapes
  /** Checks a share of the hits; none where no share is given. */
  readonly audit: HitAudit | undefined
  readonly schema: SchemaWatch
}
