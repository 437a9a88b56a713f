import type { CancelTimer, Clock } from '../base/clock.ts'

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** A clock that a test moves by hand: time stands still until `advance`. */
export class FakeClock implements Clock {
  #nowMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): CancelTimer {
    const timer: Timer = { dueMs: this.#nowMs + delayMs, run }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.size
  }

  /** Moves time on and runs what falls due, in order, each at its own time; also timers that are set meanwhile. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms
    for (let timer = this.#next(untilMs); timer !== undefined; timer = this.#next(untilMs)) {
      this.#timers.delete(timer)
      this.#nowMs = timer.dueMs
      timer.run()
    }
    this.#nowMs = untilMs
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer
    }
    return next
  }
}
