/** How retries spread out. */
export interface BackoffOptions {
  /** Milliseconds before the first retry. */
  readonly firstMs: number
  /** Milliseconds that no retry waits longer than. */
  readonly maxMs: number
  /** Source of jitter in [0, 1); `Math.random` unless a test gives its own. */
  readonly random?: () => number
}

/**
 * The wait before retry number `attempt` (0 is the first): doubling, capped, with full jitter on the upper half, so that
 * many processes that failed together do not come back together.
 */
export function backoffMs(attempt: number, options: BackoffOptions): number {
  const ceiling = Math.min(options.maxMs, options.firstMs * 2 ** Math.min(attempt, 30))
  return ceiling / 2 + ((options.random ?? Math.random)() * ceiling) / 2
}
