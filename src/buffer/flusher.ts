import { setImmediate as nextTurn } from 'node:timers/promises'
import { backoffMs } from '../base/backoff.ts'
import type { CancelTimer, Clock } from '../base/clock.ts'
import type { Deferred } from '../base/deferred.ts'
import { deferred } from '../base/deferred.ts'
import { MillraceError } from '../base/errors.ts'
import type { Codec } from '../contract/codec.ts'
import type { EventSink } from '../contract/events.ts'
import type { Target } from '../contract/target.ts'
import type { Refusal } from './apply-range.ts'
import { DeadLetterBox, letterId, refusalError } from './dead-letters.ts'
import type { Batch, BatchOutcome } from './flush-batch.ts'
import { flushBatch } from './flush-batch.ts'
import { FlushWaiters } from './flush-waiters.ts'
import { holdProcess } from './hold-process.ts'
import type { Lane } from './lane.ts'
import type { Claim } from './ledger.ts'
import { Ledger } from './ledger.ts'
import type { LaneState } from '../contract/buffer-port.ts'
import { checkPosition, fenced, gap } from './recovery.ts'
import type { LaneCounters } from './stats.ts'

/** What a {@link Flusher} is made of. */
export interface FlusherOptions {
  readonly lane: Lane
  readonly target: Target
  readonly codec: Codec
  readonly clock: Clock
  readonly counters: LaneCounters
  readonly onEvent: EventSink
  /** The longest that a write waits before it is flushed, in milliseconds. */
  readonly flushIntervalMs: number
  /** The most writes in one transaction; this many pending ones are flushed at once. */
  readonly maxBatch: number
  /** Called whenever writes were applied, or the flusher halted. */
  readonly onProgress: () => void
  /** Source of the jitter between retries. */
  readonly random?: () => number
}

/** How often a flush that somebody waits for is tried before the wait is given up. */
const patience = 3
const firstRetryMs = 100
const longestRetryMs = 30_000
/** While somebody waits for a flush, retries come no later than this. */
const longestRetryUnderDemandMs = 400

/**
 * Applies a lane's durable writes to the database, in order, each exactly once.
 *
 * States (`state` names them as `buffer.stats()` shows them):
 * - **asleep** (`ready`, or `unassigned` before the first write): nothing is durable and pending. Left by `kick()` after a
 *   turn was synced.
 * - **timed** (`ready`): writes are pending; the timer runs until the oldest is `flushIntervalMs` old. Left early, to
 *   *running*, when `maxBatch` writes are durable or somebody calls `flush()`.
 * - **running** (`bootstrapping` until the lane is claimed, then `ready`): claims the lane once, then one batch after another
 *   in its own transaction, until what was durable at the start is applied, and further while a full batch or a caller of `flush()`
 *   waits. There is one run at a time. A batch is *frozen* from its first try until its outcome is known: every retry
 *   is the same range, so that the ledger can recognise it.
 * - **backing off** (`waiting`): a run failed; the timer runs for a jittered, doubling delay, then *running* again. `flush()` ends
 *   it at once. Nothing is given up in this state, however long it lasts; schema errors wait here too.
 * - **halted** (`error`): fenced by a newer owner, or journal and ledger do not fit. Never left. Callers are told.
 * - **stopped**: `stop()` was called. A run under way ends after its batch.
 */
export class Flusher {
  readonly #options: FlusherOptions
  readonly #ledger: Ledger
  readonly #letters: DeadLetterBox
  readonly #waiters = new FlushWaiters()
  #claim: Claim | undefined
  readonly #claimed: Deferred<void> = deferred()
  #frozen: Batch | undefined
  /** Batches are smaller than `maxBatch` while a COMMIT that refuses the data is narrowed down. */
  #batchLimit: number
  /** Set once a single write was refused at COMMIT: it becomes a dead letter without being applied. */
  #blame: Error | undefined
  #attempt = 0
  #lastError: Error | undefined
  #timer: CancelTimer | undefined
  #running: Promise<void> | undefined
  #state: LaneState = 'unassigned'
  #halted: MillraceError | undefined
  #stopped = false
  #urgent = false

  constructor(options: FlusherOptions) {
    this.#options = options
    this.#ledger = new Ledger(options.target, options.lane.name)
    this.#letters = new DeadLetterBox(options.target, options.codec)
    this.#batchLimit = options.maxBatch
  }

  get state(): LaneState {
    return this.#state
  }

  /** Why it halted, if it did. */
  get halted(): MillraceError | undefined {
    return this.#halted
  }

  /** More writes are durable, or some were given up because the journal failed. */
  kick(): void {
    this.#waiters.clip(this.#options.lane.last)
    if (this.#running !== undefined || this.#halted !== undefined || this.#stopped) return
    this.#waiters.reached(this.#options.lane.firstPending)
    const { lane, flushIntervalMs, maxBatch } = this.#options
    if (lane.flushable === 0) return
    if (this.#state === 'waiting') {
      if (this.#timer === undefined) this.#start()
      return
    }
    if (this.#waiters.size > 0 || this.#urgent || lane.flushable >= maxBatch) {
      this.#start()
      return
    }
    this.#timer ??= this.#options.clock.after(
      Math.max(0, flushIntervalMs - lane.oldestAgeMs),
      () => {
        this.#start()
      },
    )
  }

  /** Somebody waits for room: what is durable is flushed without waiting for the timer. */
  urge(): void {
    this.#urgent = true
    this.kick()
  }

  /** Resolves when everything up to `position` is applied or refused. */
  async flush(position: number): Promise<void> {
    if (this.#halted !== undefined) throw this.#halted
    if (position < this.#options.lane.firstPending) return
    if (this.#stopped) throw closedWhileWaiting()
    const done = this.#waiters.wait(position)
    if (this.#options.lane.flushable > 0) this.#start()
    const release = holdProcess()
    try {
      await done
    } finally {
      release()
    }
  }

  /** Claims the lane if that has not happened. Rejects when the database is away, or the lane may not be claimed. */
  async claim(): Promise<void> {
    for (let tried = 0; this.#claim === undefined; tried += 1) {
      if (this.#halted !== undefined) throw this.#halted
      if (this.#stopped) throw closedWhileWaiting()
      if (tried === patience) throw flushFailed(this.#options.target.connection, this.#lastError)
      this.#start('claim')
      // A run goes on after its claim for as long as there is a backlog.
      await Promise.race([this.#claimed.promise, this.#running])
    }
  }

  /** Starts no further run; resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.()
    this.#timer = undefined
    this.#waiters.failed(closedWhileWaiting(), 0)
    await this.#running
  }

  #start(why: 'claim' | 'flush' = 'flush'): void {
    this.#timer?.()
    this.#timer = undefined
    if (this.#running !== undefined || this.#stopped || this.#halted !== undefined) return
    this.#running = this.#run(why).finally(() => {
      this.#running = undefined
      this.kick()
    })
  }

  async #run(why: 'claim' | 'flush'): Promise<void> {
    try {
      await this.#ensureClaim()
      this.#urgent = false
      const goal = why === 'flush' ? this.#options.lane.durable : 0
      while (!this.#stopped && this.#halted === undefined) {
        const batch = (this.#frozen ??= this.#nextBatch(goal))
        if (batch === undefined) break
        await this.#conclude(batch, await this.#apply(batch))
        await nextTurn()
      }
    } catch (error) {
      this.#failed(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #ensureClaim(): Promise<void> {
    if (this.#claim !== undefined) return
    const { lane, target, counters } = this.#options
    this.#state = 'bootstrapping'
    const claim = await this.#ledger.claim((found) => {
      checkPosition(lane, found, target.identity)
    })
    this.#claim = claim
    this.#claimed.resolve()
    this.#succeeded()
    counters.duplicatesSkipped += lane.settle(claim.position, new Map())
    this.#progress()
  }

  #nextBatch(goal: number): Batch | undefined {
    const { lane, maxBatch } = this.#options
    const due = lane.firstPending <= goal || this.#waiters.size > 0 || lane.flushable >= maxBatch
    const entries = due ? lane.take(this.#batchLimit) : []
    const first = entries[0]
    if (first === undefined) return undefined
    return { from: first.seq, to: first.seq + entries.length - 1, entries }
  }

  #apply(batch: Batch): Promise<BatchOutcome> {
    const { target, codec, lane } = this.#options
    const epoch = this.#claim?.epoch ?? 0
    return flushBatch(
      batch,
      { target, ledger: this.#ledger, codec, lane: lane.name, epoch },
      this.#blame,
    )
  }

  async #conclude(batch: Batch, outcome: BatchOutcome): Promise<void> {
    const { lane, target, counters } = this.#options
    switch (outcome.kind) {
      case 'ok': {
        this.#thaw()
        const refused = this.#refusals(outcome.refused)
        counters.rowsSent += outcome.rowsSent
        counters.applied += lane.settle(batch.to, refused) - refused.size
        this.#batchLimit = Math.min(this.#options.maxBatch, this.#batchLimit * 2)
        break
      }
      case 'applied': {
        const refused = await this.#refusedEarlier(batch, outcome.position)
        this.#thaw()
        const settled = lane.settle(outcome.position, refused)
        counters.duplicatesSkipped += settled
        counters.applied += settled - refused.size
        break
      }
      case 'refused-at-commit':
        if (batch.entries.length === 1) {
          // Refused without any data in it: no write is to blame.
          if (this.#blame !== undefined) {
            this.#blame = undefined
            throw outcome.error
          }
          this.#blame = outcome.error
          return
        }
        this.#frozen = undefined
        this.#batchLimit = Math.max(1, batch.entries.length >> 1)
        return
      case 'fenced':
        this.#halt(fenced(target.connection), 'fenced')
        return
      case 'gap':
        this.#halt(
          gap(outcome.position, batch.from - 1, 'Writes between the two are missing.'),
          'journal-gap',
        )
        return
    }
    this.#succeeded()
    this.#progress()
  }

  /** The batch's outcome is known. */
  #thaw(): void {
    this.#frozen = undefined
    this.#blame = undefined
  }

  /** Reports refused writes, and returns what their callers are told. */
  #refusals(refused: readonly Refusal[]): Map<number, Error> {
    const { lane, target, counters, onEvent } = this.#options
    const errors = new Map<number, Error>()
    for (const { entry, error } of refused) {
      const { operation } = entry
      const retried = operation.kind === 'retry'
      const id = retried ? operation.letter : letterId(lane.name, entry.seq)
      const told = refusalError(operation.table, id, error)
      errors.set(entry.seq, told)
      if (!retried) counters.dead += 1
      onEvent({
        type: 'dead-letter',
        connection: target.connection,
        table: operation.table,
        id,
        error: told,
      })
    }
    return errors
  }

  /** The refused writes of a batch that turned out to be applied although its COMMIT was not answered. */
  async #refusedEarlier(batch: Batch, position: number): Promise<Map<number, Error>> {
    const { lane } = this.#options
    const kept = await this.#letters.inRange(lane.name, batch.from, position)
    const refused: Refusal[] = []
    for (const entry of batch.entries) {
      const error = kept.get(entry.seq)
      if (error !== undefined) refused.push({ entry, error })
      else if (entry.operation.kind === 'retry') {
        const again = await this.#letters.find(entry.operation.letter)
        if (again !== undefined) refused.push({ entry, error: new Error(again.letter.error) })
      }
    }
    return this.#refusals(refused)
  }

  #succeeded(): void {
    this.#attempt = 0
    this.#options.counters.lastError = undefined
    this.#state = 'ready'
  }

  #progress(): void {
    this.#waiters.reached(this.#options.lane.firstPending)
    this.#options.onProgress()
  }

  #failed(error: Error): void {
    if (error instanceof MillraceError && halting.has(error.code)) {
      this.#halt(error, 'journal-gap')
      return
    }
    const { target, counters, clock, onEvent, random } = this.#options
    counters.lastError = error.message
    counters.retries += 1
    this.#attempt += 1
    this.#state = 'waiting'
    this.#lastError = error
    this.#waiters.failed(flushFailed(target.connection, error), patience)
    const delayMs = backoffMs(this.#attempt - 1, {
      firstMs: firstRetryMs,
      maxMs: this.#waiters.size > 0 ? longestRetryUnderDemandMs : longestRetryMs,
      ...(random === undefined ? {} : { random }),
    })
    if (!this.#stopped) {
      this.#timer = clock.after(delayMs, () => {
        this.#start()
      })
    }
    onEvent({ type: 'flush-failed', connection: target.connection, error, attempt: this.#attempt })
  }

  #halt(error: MillraceError, type: 'fenced' | 'journal-gap'): void {
    const { lane, target, counters, onEvent } = this.#options
    this.#halted = error
    this.#state = 'error'
    counters.lastError = error.message
    lane.abandon(error)
    this.#waiters.failed(error, 0)
    this.#options.onProgress()
    onEvent({ type, connection: target.connection, error })
  }
}

/** Codes that no retry can mend. */
const halting: ReadonlySet<string> = new Set(['MILLRACE_JOURNAL_FOREIGN', 'MILLRACE_JOURNAL_GAP'])

function flushFailed(connection: string, cause: Error | undefined): MillraceError {
  const why = cause === undefined ? '' : `: ${cause.message}`
  return new MillraceError(
    'MILLRACE_FLUSH_FAILED',
    `The buffer of connection "${connection}" could not be flushed${why}.`,
    { remedy: 'The writes are kept and tried again.', cause },
  )
}

function closedWhileWaiting(): MillraceError {
  return new MillraceError('MILLRACE_CLOSED', 'The buffer was closed before the flush was done.', {
    remedy: 'What was acknowledged is kept in the journal.',
  })
}
