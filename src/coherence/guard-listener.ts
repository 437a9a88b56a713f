import type { InvalidationPrecision } from '../contract/cache-stats.ts'

/** What the guard reports. */
export interface GuardListener {
  /** Tags were touched, by what is known so exactly: for counting. */
  invalidated(precision: InvalidationPrecision): void
  /** The catalog that footprints are made from is older than the last schema change. */
  catalogOutdated(): void
  /** A write's outcome is unknown; its marks stand until they settle. */
  outcomeUnknown(error: unknown): void
  /** A committed write could not be told to the authority, because it is gone: every entry that it validated went with it. */
  authorityLost(error: unknown): void
}
