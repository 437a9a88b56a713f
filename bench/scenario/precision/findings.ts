import type { Mode } from './modes.ts'
import type { WorldCounts, WorldOptions } from './world.ts'

/** How long it runs. */
export interface PrecisionPlan extends Omit<WorldOptions, 'writeShare'> {
  /** Requests before the measurement, and in it, of each way of caching. */
  readonly requests: number
  /** The same, for each share of writes of the sweep. */
  readonly sweepRequests: number
  readonly writeShare: number
  readonly sweepShares: readonly number[]
}

/** What one way of caching did on one database. */
export interface ModeResult extends WorldCounts {
  readonly mode: Mode | 'none'
  readonly title: string
  readonly hitRatio: number
  /** Of the hits, the part that was stale. */
  readonly staleShare: number
  readonly requestsPerSecond: number
  /** Of the entries that a write could not change, the part that stayed valid. */
  readonly kept: number
}

/** What all ways of caching did on one database. */
export interface DatabaseResult {
  readonly database: string
  readonly modes: readonly ModeResult[]
  /** Of a cache that loses exactly what a write can change. */
  readonly idealHitRatio: number
  readonly sweep: readonly {
    readonly writeShare: number
    readonly idealHitRatio: number
    readonly modes: readonly ModeResult[]
  }[]
}
