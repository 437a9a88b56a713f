import type { Awaitable } from '../base/awaitable.ts'
import type { Slot } from '../contract/authority.ts'
import type { Codec } from '../contract/codec.ts'
import type { Program } from '../contract/program.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { Lookup, LookupRequest, Store, StoredValue, Ticket } from '../contract/store.ts'
import { decodeSnapshot } from './snapshot/snapshot-bytes.ts'
import type { EntryStamp } from './audit/auditor.ts'
import type { CacheCounters, TableCounts } from './counters.ts'
import type { BypassReason } from '../contract/cache-stats.ts'

/** What a query's result depends on, as the catalog tells now. */
export interface Dependencies {
  /** What decides whether the result is still valid. */
  readonly program: Program
  /** The clocks of the whole tables that it reads; see `Fill.tableSlots`. */
  readonly tableSlots: readonly Slot[]
  /** Tables by tag name. */
  readonly tables: readonly string[]
  /** Where the hits and misses of these tables are counted. */
  readonly counts: TableCounts
  /** The slot that tells when the schema last changed. */
  readonly watch: Slot
  /** The watched slot's sequence number when the catalog was read. */
  readonly catalogLoadedAt: number
}

/** A result fresh from the database. */
export interface Loaded<T> {
  readonly result: T
  /** A private copy to store, or why there is none. */
  readonly copy: { readonly snapshot: Snapshot; readonly bytes: number } | BypassReason
}

/** What a query looks for. */
export interface SoughtEntry {
  readonly key: string
  readonly ttlMs: number
  readonly refresh: boolean
  readonly dependencies: Dependencies
}

/** A query that may be answered from the cache. */
export interface CacheableQuery<T> extends SoughtEntry {
  /** Runs the query. */
  load(): Promise<Loaded<T>>
  /** Makes a result of a snapshot, fresh for this caller; `undefined` if this process cannot. */
  revive(snapshot: Snapshot): Awaitable<{ readonly result: T } | undefined>
  /** The catalog is older than the last schema change. */
  catalogOutdated(): void
  /** Hears of a hit that is about to be returned. */
  readonly answered?: ((hit: AnsweredHit) => void) | undefined
}

/** An entry that answered a query. */
export interface AnsweredHit {
  readonly entry: EntryStamp
  readonly snapshot: Snapshot
}

/**
 * The read half of the coherence protocol: stamp before load, validation on every hit and on every join, fills that an
 * invalidation overtook refused. The store does the validating; this class keeps the order.
 */
export class ReadThrough {
  readonly #store: Store
  readonly #codec: Codec
  readonly #counters: CacheCounters

  constructor(store: Store, codec: Codec, counters: CacheCounters) {
    this.#store = store
    this.#codec = codec
    this.#counters = counters
  }

  /** Answers a query from a valid entry, or from the database. Rejects only with what the database rejects with. */
  async read<T>(query: CacheableQuery<T>): Promise<T> {
    const answer = await this.#lookup(query)
    if (answer.kind === 'bypass') {
      this.#counters.bypass(answer.reason)
      return (await query.load()).result
    }
    if (answer.kind === 'hit') {
      const snapshot = this.#snapshot(answer.value)
      const revived = snapshot === undefined ? undefined : await query.revive(snapshot)
      if (snapshot !== undefined && revived !== undefined) {
        this.#counters.hit(query.dependencies.counts)
        query.answered?.({ entry: answer, snapshot })
        return revived.result
      }
      // What this process cannot read is no entry.
      this.#counters.bypass('uncopyable')
      return (await query.load()).result
    }
    return await this.#load(query, answer.ticket)
  }

  /** The valid entry that would answer a query now; the query is not run, and nothing is counted. Never rejects. */
  async peek(query: SoughtEntry): Promise<EntryStamp | undefined> {
    const answer = await this.#lookup(query)
    if (answer.kind === 'miss') this.#store.abandon(answer.ticket)
    return answer.kind === 'hit' ? answer : undefined
  }

  async #lookup(query: SoughtEntry): Promise<Lookup> {
    const { program, watch } = query.dependencies
    const request: LookupRequest = {
      key: query.key,
      program,
      watch,
      maxAgeMs: query.ttlMs,
      refresh: query.refresh,
    }
    try {
      return await this.#store.lookup(request)
    } catch {
      return { kind: 'bypass', reason: 'store-lost' }
    }
  }

  async #load<T>(query: CacheableQuery<T>, ticket: Ticket): Promise<T> {
    const { dependencies } = query
    if (ticket.watched > dependencies.catalogLoadedAt) {
      this.#store.abandon(ticket)
      query.catalogOutdated()
      this.#counters.bypass('schema-changed')
      return (await query.load()).result
    }
    this.#counters.miss(dependencies.counts)
    let loaded: Loaded<T>
    try {
      loaded = await query.load()
    } catch (error) {
      this.#store.abandon(ticket)
      throw error
    }
    if (typeof loaded.copy === 'string') {
      this.#store.abandon(ticket)
      this.#counters.bypass(loaded.copy)
    } else {
      this.#fill(query, ticket, loaded.copy)
    }
    return loaded.result
  }

  /** Hands the result to the store without making the caller wait; a fill that does not arrive is only a miss later. */
  #fill<T>(
    query: CacheableQuery<T>,
    ticket: Ticket,
    copy: { readonly snapshot: Snapshot; readonly bytes: number },
  ): void {
    const { program, tableSlots, tables } = query.dependencies
    const outcome = this.#store.fill(ticket, {
      value: copy.snapshot,
      bytes: copy.bytes,
      program,
      tableSlots,
      tables,
      ttlMs: query.ttlMs,
    })
    if (typeof outcome === 'boolean') this.#counters.filled(outcome)
    else {
      outcome.then(
        (stored) => this.#counters.filled(stored),
        () => this.#counters.filled(false),
      )
    }
  }

  #snapshot(value: StoredValue): Snapshot | undefined {
    if (!(value instanceof Uint8Array)) return value
    try {
      return decodeSnapshot(value, this.#codec)
    } catch {
      return undefined
    }
  }
}
