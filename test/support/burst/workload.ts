import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Seeded } from '../seed.ts'
import { type History, machineTime } from './history.ts'
import { type Query, type ReadShape, readShapes, type WriteShape, writeShapes } from './shapes.ts'

/** A database with some cache before it. */
export interface Subject {
  readonly knex: Knex
  /** Reads through the cache. */
  read(query: Query): PromiseLike<unknown>
  /** Runs a write, with whatever this cache wants done about it, and resolves when it is acknowledged. */
  write(run: () => PromiseLike<unknown>): PromiseLike<unknown>
}

export interface BurstOptions {
  readonly dialect: Dialect
  readonly seeded: Seeded
  /** Reads in all. */
  readonly reads: number
  /** The longest time between two bursts. */
  readonly restMs: number
  /** One write at a time: several connections to one SQLite file in one process would wait for each other on one thread. */
  readonly oneWriter: boolean
  /** Ends the run early. Asked every now and then about what has happened so far. */
  readonly until?: (history: History) => boolean
}

const readers = 8
const burst = 5
/** So many reads between two questions whether to end early. */
const askEvery = 250

/** Eight readers at a time, and bursts of five writes beside them until the readers have read enough. */
export async function runBursts(subject: Subject, options: BurstOptions): Promise<History> {
  const { seeded, reads } = options
  const history: History = { reads: [], writes: [] }
  const canRead = readShapes.filter((shape) => fits(shape, options.dialect))
  const canWrite = writeShapes.filter((shape) => fits(shape, options.dialect))
  let left = reads
  let nextQuestion = askEvery

  const reader = async (): Promise<void> => {
    while (left > 0) {
      left--
      await readOnce(subject, seeded.pick(canRead), seeded, history)
      if (history.reads.length >= nextQuestion) {
        nextQuestion = history.reads.length + askEvery
        if (options.until?.(history) === true) left = 0
      }
      // Hits resolve without a turn of the event loop: leave room for the writers.
      if (seeded.random() < 0.2) await sleep(seeded.random() * 2)
      else await turn()
    }
  }
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = (run: () => Promise<void>): Promise<unknown> =>
    options.oneWriter ? (queue = queue.then(run)) : run()
  const writer = async (): Promise<void> => {
    while (left > 0) {
      const writes = Array.from({ length: burst }, () => seeded.pick(canWrite))
      await Promise.all(
        writes.map((shape) => inTurn(() => writeOnce(subject, shape, seeded, history))),
      )
      await sleep(seeded.random() * options.restMs)
    }
  }
  await Promise.all([...Array.from({ length: readers }, reader), writer()])
  return history
}

async function readOnce(
  subject: Subject,
  shape: ReadShape,
  seeded: Seeded,
  { reads }: History,
): Promise<void> {
  const { query, seen } = shape.make(subject.knex, seeded)
  const begun = machineTime()
  const result = await subject.read(query)
  const finished = machineTime()
  reads.push({ shape: shape.name, begun, finished, seen: seen(result) })
}

async function writeOnce(
  subject: Subject,
  shape: WriteShape,
  seeded: Seeded,
  { writes }: History,
): Promise<void> {
  const { adds, write } = shape.make(subject.knex, seeded)
  const begun = machineTime()
  let acknowledged: number | undefined
  try {
    await subject.write(write)
    acknowledged = machineTime()
  } catch (error) {
    if (!isLockTrouble(error)) throw error
  } finally {
    writes.push({ begun, acknowledged, adds })
  }
}

const lockTroubles: ReadonlySet<string> = new Set([
  '40P01',
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'ER_LOCK_DEADLOCK',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_CHECKREAD',
])

/** Waited too long for another's lock: rolled back, or not begun. */
function isLockTrouble(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && lockTroubles.has(code)
}

function fits(shape: { readonly only?: Dialect }, dialect: Dialect): boolean {
  return shape.only === undefined || shape.only === dialect
}
