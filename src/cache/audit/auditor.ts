import type { Awaitable } from '../../base/awaitable.ts'
import type { CancelTimer, Clock } from '../../base/clock.ts'
import type { Codec } from '../../contract/codec.ts'
import type { EventSink } from '../../contract/events.ts'
import type { Program } from '../../contract/program.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import type { AuditVerdict, CacheCounters } from '../counters.ts'
import { sameAnswer } from './same-answer.ts'

/** Which stored result it is: two that a store gives one stamp in one epoch are both valid, or both not. */
export interface EntryStamp {
  readonly stamp: number
  readonly epoch: string
}

/** A hit that may be checked. */
export interface AuditedHit {
  /** The connection's name. */
  readonly connection: string
  readonly sql: string
  readonly key: string
  readonly tables: readonly string[] | 'everything'
  /** What the entry's validity was decided by. */
  readonly program: Program
  /** Whether the query says in which order its rows come. */
  readonly ordered: boolean
  /** The entry that answered. */
  readonly entry: EntryStamp
  readonly snapshot: Snapshot
  /** Runs the query past the cache and outside of any transaction. `undefined`: it could not, or its answer cannot be kept. */
  runAgain(signal: AbortSignal): Promise<Snapshot | undefined>
  /** The valid entry that answers the query now. */
  lookAgain(): Promise<EntryStamp | undefined>
  /** Invalidates what the query reads. */
  heal(): Awaitable<void>
}

/** What an {@link Auditor} is made of. */
export interface AuditorOptions {
  /** The share of hits to check, from 0 to 1. */
  readonly rate: number
  /** Gives numbers from 0 up to, but not including, 1. */
  readonly random: () => number
  readonly clock: Clock
  readonly codec: Codec
  readonly counters: CacheCounters
  readonly onEvent: EventSink
}

/**
 * Checks a share of hits against the database.
 *
 *     hit, answered with S -> run the query again, which gives F -> look the entry up again
 *     the same entry, still valid     S and F must be equal, else the hit was stale
 *     anything else                   raced: nothing can be said
 *
 * Why that tells a stale hit from a write that was faster: an entry is valid only while no write that may change its result is marked or
 * was settled since its stamp, and every write is marked before anyone can see it. If F shows a write, then its mark stands or its touch
 * is recorded when the entry is looked up after F, and the entry is not found valid; unless the write was judged unable to change the
 * result, which is just what is checked here, or did not pass through Millrace.
 *
 * One hit at a time; those that come meanwhile are not chosen. The caller has its answer before anything begins.
 */
export class Auditor {
  readonly #options: AuditorOptions
  readonly #closing = new AbortController()
  #busy = false
  #cancelStart: CancelTimer | undefined

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  /** Checks a hit, or leaves it, as chance has it. `describe` is called only for one that is chosen, and may decline. */
  consider(describe: () => AuditedHit | undefined): void {
    if (this.#busy || this.#closing.signal.aborted) return
    const { random, rate, clock } = this.#options
    if (random() >= rate) return
    const hit = describe()
    if (hit === undefined) return
    this.#busy = true
    // Not now: a database in this process would answer before the caller is.
    this.#cancelStart = clock.after(0, () => void this.#check(hit))
  }

  /** Ends checks for good. A query that is with the database already is not waited for, and what it answers is not looked at. */
  close(): void {
    this.#closing.abort()
    this.#cancelStart?.()
  }

  /** Never rejects. */
  async #check(hit: AuditedHit): Promise<void> {
    const { counters, onEvent } = this.#options
    const { signal } = this.#closing
    try {
      const verdict = await this.#verdict(hit, signal)
      if (signal.aborted) return
      counters.audit(verdict)
      if (verdict !== 'stale') return
      const { connection, sql, key, tables, program, entry } = hit
      onEvent({ type: 'stale-hit', connection, sql, key, tables, program, stamp: entry.stamp })
      await hit.heal()
    } catch {
      // The store is gone, and its entries with it.
    } finally {
      this.#busy = false
    }
  }

  async #verdict(hit: AuditedHit, signal: AbortSignal): Promise<AuditVerdict> {
    let fresh: Snapshot | undefined
    try {
      fresh = await hit.runAgain(signal)
    } catch {
      // A query that fails would have failed for the caller too; that is no wrong answer.
    }
    if (fresh === undefined || signal.aborted) return 'unfinished'
    // Only now: a write that the query has seen is marked or recorded before this lookup.
    const now = await hit.lookAgain()
    if (now?.stamp !== hit.entry.stamp || now.epoch !== hit.entry.epoch) return 'raced'
    const same = sameAnswer(hit.snapshot, fresh, hit.ordered, this.#options.codec)
    if (same === undefined) return 'unfinished'
    return same ? 'fresh' : 'stale'
  }
}
