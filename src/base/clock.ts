import { performance } from 'node:perf_hooks'

/** Cancels a timer. */
export type CancelTimer = () => void

/** Time as the rooms see it: injected, so that tests move it by hand. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start; never the wall clock. */
  now(): number
  /** Calls `run` once after `delayMs`. Does not keep the process alive. */
  after(delayMs: number, run: () => void): CancelTimer
}

/** The real clock of this process. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, 2_147_483_647))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
