import { setTimeout as sleep } from 'node:timers/promises'

/** How long and for what to wait. */
export interface UntilOptions {
  /** Give up after this time. Default 10 000. */
  readonly timeoutMs?: number
  /** What is awaited, for the error: `the worker to be ready`. */
  readonly what?: string
}

/**
 * Poll until `condition` answers something truthy, and resolve to that. Rejects after the time-out,
 * with the last error of the condition as its cause; an error before that counts as "not yet".
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, what = 'the condition' }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      const answer = await condition()
      if (answer) return answer
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) {
      throw new Error(`Waited ${String(timeoutMs)} ms in vain for ${what}.`, { cause })
    }
    await sleep(pauseMs)
  }
}
