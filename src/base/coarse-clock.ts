import type { Clock } from './clock.ts'

/** How old the coarse time may be, in milliseconds. */
export const coarseTickMs = 10
/** How often the time is told before it is read again: promises alone, without a turn of the event loop, let no timer run. */
export const readsPerTick = 64

/**
 * A clock that is cheap to ask thousands of times in a row: it reads the real one when a tick of 10 ms is over or after 64 questions.
 * A program that blocks its event loop lets no tick end, and may be told an older time until then.
 * For lifetimes of cached results only. Never in step with another process, never for a lease. No timer runs while nobody asks.
 */
export class CoarseClock {
  readonly #clock: Clock
  readonly #expire: () => void
  #now = 0
  #left = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#expire = () => {
      this.#left = 0
    }
  }

  /** Monotonic milliseconds of the clock underneath, at most 10 ms old where the event loop runs. */
  now(): number {
    if (this.#left > 0) {
      this.#left--
      return this.#now
    }
    return this.#read()
  }

  #read(): number {
    this.#now = this.#clock.now()
    this.#left = readsPerTick
    this.#clock.after(coarseTickMs, this.#expire)
    return this.#now
  }
}
