import type { Awaitable } from '../base/awaitable.ts'

/**
 * A position in the authority's fixed array of touch clocks. Tags hash to slots; two tags in one slot can only cause a
 * needless miss, never a stale hit.
 */
export type Slot = number

/** What a write is about to do. */
export interface MarkRequest {
  /**
   * Every slot that the write may touch. Where a slot is known only from the write's answer (the value of a row that it finds), another
   * one that each of its readers consults as well stands for it (the clock of rows whose value is not known).
   */
  readonly slots: readonly Slot[]
  /**
   * The slot that tells when the schema last changed; see {@link Mark.watched}. A touch of it while the mark stands makes the mark cover
   * slot 0 too, as a pending slot and as a touched one (unless nothing is touched): the write may meet a schema that it was not judged by.
   */
  readonly watch: Slot
  /**
   * How long, in milliseconds, a COMMIT of this write may still land after its owner died or lost its connection.
   * 0 where a dead owner cannot commit (SQLite).
   */
  readonly settleDelayMs: number
}

/** A standing announcement that slots are about to change: readers of those slots go to the database and fill nothing. */
export interface Mark {
  /** Identifies the mark within its authority. */
  readonly id: number
  /** The sequence number of the last touch of the watched slot. */
  readonly watched: number
}

/**
 * The one place that orders stamps in a deployment: it owns the sequence, the touch clocks, the pending marks and the epoch.
 *
 * The promise: after `mark` resolved, every reader in every process sees the mark; after `settle` or `bump` was *called*,
 * no entry stamped earlier is served for the touched slots, because the mark stands until the touch is recorded.
 */
export interface VersionAuthority {
  /** How many slots there are. Slot 0 stands for "everything": every query depends on it. */
  readonly slotCount: number
  /** Whether it lives in this process: it then answers even while the process is blocked elsewhere, and needs no announcement ahead of time. */
  readonly isLocal: boolean
  /** Announces a write. Resolves when every reader sees it; rejects when it could not be announced. */
  mark(request: MarkRequest): Awaitable<Mark>
  /**
   * Ends a mark: `touched` slots get a new sequence number, the others are lifted without one. Idempotent.
   *
   * `touched` may name slots that the mark does not cover, as the rows that a write changed may be known only from its answer. The touch
   * of all of them is recorded before the mark is lifted, so whoever consults a covered slot too sees the mark or the touch.
   * Call it only when the outcome is known; see {@link VersionAuthority.settleLater} for the other case.
   */
  settle(mark: Mark, touched: readonly Slot[]): void
  /** The outcome is unknown (connection lost, COMMIT unanswered): keep the mark for its settle delay, then touch all its slots. */
  settleLater(mark: Mark): void
  /** The sequence number of a slot's last touch, read now; 0 if it was never touched in this life. */
  lastTouch(slot: Slot): Awaitable<number>
  /** Gives slots a new sequence number without a mark before. Resolves when every reader sees it. */
  bump(slots: readonly Slot[]): Awaitable<void>
}
