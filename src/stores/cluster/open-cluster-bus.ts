import { randomUUID } from 'node:crypto'
import type { CancelTimer, Clock } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import { MillraceError } from '../../base/errors.ts'
import { ClusterBus } from './cluster-bus.ts'
import { readFrame, tagged } from './frame.ts'
import type { Defer } from './outbox.ts'
import type { WorkerChannel } from './worker-channel.ts'

/** What {@link openClusterBus} needs. */
export interface ClusterBusOptions {
  readonly channel: WorkerChannel
  /** Which Millrace of the primary is meant. */
  readonly identity: string
  readonly clock: Clock
  /** How long the primary may take to open; 10,000 ms unless given. */
  readonly helloTimeoutMs?: number
  /** How long a primary may answer "none of mine" before it is believed; 2,000 ms unless given. */
  readonly mismatchGraceMs?: number
  /** Makes the link's name, which no other link has; a random UUID unless a test gives its own. */
  readonly newLink?: () => string
  /** When what was said in a turn is sent; `setImmediate` unless a test decides. */
  readonly defer?: Defer
}

/** Time between two questions. */
const helloEveryMs = 50

/**
 * Asks the primary for the Millrace of this identity until it answers: a worker may start before its primary has finished opening.
 *
 * Rejects with `MILLRACE_PRIMARY_NOT_OPEN` if nobody answers in time; with `MILLRACE_PRIMARY_MISMATCH` if the primary has Millrace open,
 * but still none of this identity after the grace (a primary opens several Millraces one after the other, so the first "no" proves
 * nothing); with `MILLRACE_STORE_LOST` if the channel closes meanwhile.
 */
export async function openClusterBus(options: ClusterBusOptions): Promise<ClusterBus> {
  const { channel, identity, clock } = options
  const link = (options.newLink ?? randomUUID)()
  const bus = new ClusterBus(channel, link, options.defer)
  const answered = deferred<undefined>()
  const timers: CancelTimer[] = []
  const helloTimeoutMs = options.helloTimeoutMs ?? 10_000
  const graceMs = Math.min(options.mismatchGraceMs ?? 2000, helloTimeoutMs)
  const startedAt = clock.now()
  let foreign = false
  let done = false

  channel.onMessage((message) => {
    const frame = readFrame(message)
    if (frame?.link !== link) return
    if (frame.kind === 'welcome') answered.resolve(undefined)
    else if (frame.kind === 'foreign') {
      foreign = true
      if (clock.now() - startedAt >= graceMs) answered.reject(mismatch())
    }
  })
  bus.onLost((error) => answered.reject(error))

  const ask = (): void => {
    if (done) return
    channel.send(tagged({ kind: 'hello', link, identity }), (error) => {
      answered.reject(
        new MillraceError('MILLRACE_STORE_LOST', 'The primary cannot be reached.', {
          cause: error,
        }),
      )
    })
    timers[0] = clock.after(helloEveryMs, ask)
  }
  timers[1] = clock.after(helloTimeoutMs, () =>
    answered.reject(foreign ? mismatch() : notOpen(helloTimeoutMs)),
  )
  ask()
  try {
    await answered.promise
    return bus
  } catch (error) {
    bus.close()
    throw error
  } finally {
    done = true
    for (const cancel of timers) cancel()
  }
}

function notOpen(waitedMs: number): MillraceError {
  return new MillraceError(
    'MILLRACE_PRIMARY_NOT_OPEN',
    `This is a cluster worker, and its primary has not opened Millrace within ${waitedMs} ms.`,
    {
      remedy:
        'Call millrace() with the same connection in the primary, before or right after it forks its workers.',
    },
  )
}

function mismatch(): MillraceError {
  return new MillraceError(
    'MILLRACE_PRIMARY_MISMATCH',
    'The primary has opened Millrace, but not on the databases of this worker with the same cache.partition.',
    {
      remedy:
        'Open Millrace on the same connections, under the same names and with the same cache.partition, in the primary and in its workers.',
    },
  )
}
