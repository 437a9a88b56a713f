import type { Clock } from '../base/clock.ts'
import type { ClientShape } from './client-shape.ts'
import type { PooledConnection } from './plain-client.ts'

/** What is used of a pool to see that a connection is idle; tarn has it, pools of drivers do not. */
interface CountingPool {
  numFree(): number
  numUsed(): number
  numPendingAcquires(): number
  numPendingCreates(): number
}

/** How often, and how many times, a pool in use is looked at again. */
const lookEveryMs = 25
const looks = 40

/**
 * Lends a connection that nobody else wants: for work in the background, which must not stand in the application's way. If none becomes
 * idle for a second, or `signal` is aborted meanwhile, nothing happens and the answer is `undefined`.
 *
 * Waiting in the pool's queue would do otherwise: Knex logs a warning when it is in vain, and those who come later would wait behind.
 */
export async function withIdleConnection<T>(
  client: ClientShape,
  clock: Clock,
  signal: AbortSignal,
  use: (connection: PooledConnection) => Promise<T>,
): Promise<T | undefined> {
  for (let look = 1; !isIdle(client.pool); look += 1) {
    if (look >= looks) return undefined
    await new Promise<void>((resolve) => clock.after(lookEveryMs, resolve))
    if (signal.aborted) return undefined
  }
  const connection = await client.acquireConnection()
  try {
    return signal.aborted ? undefined : await use(connection)
  } finally {
    await client.releaseConnection(connection)
  }
}

/** A pool whose connections all were closed for idleness is idle too. One that does not count is taken for idle. */
function isIdle(pool: unknown): boolean {
  if (!isCounting(pool)) return pool !== undefined
  if (pool.numPendingAcquires() > 0 || pool.numPendingCreates() > 0) return false
  return pool.numFree() > 0 || pool.numUsed() === 0
}

function isCounting(pool: unknown): pool is CountingPool {
  if (typeof pool !== 'object' || pool === null) return false
  const names = ['numFree', 'numUsed', 'numPendingAcquires', 'numPendingCreates'] as const
  return names.every((name) => typeof (pool as Record<string, unknown>)[name] === 'function')
}
