import type { AckLevel } from '../contract/buffer-port.ts'

/**
 * What happens to a write when its table holds `maxPending` writes: it waits until there is room, or it rejects with
 * `MILLRACE_BUFFER_FULL`.
 */
export type Overflow = 'block' | 'reject'

/** How a buffer works, resolved. */
export interface BufferSettings {
  /**
   * The level at which writes are acknowledged. The journal reaches `disk` for every level above `memory`; the receipt says so. `store`
   * is reached by no journal of one machine.
   */
  readonly ack: AckLevel
  /** The longest that a write waits before it is flushed. */
  readonly flushIntervalMs: number
  /** The most writes in one flush. */
  readonly maxBatch: number
  /** The most pending writes of one table. */
  readonly maxPending: number
  /** How long `close()` waits for the rest to be applied. */
  readonly drainTimeoutMs: number
  readonly overflow: Overflow
}
