import type { Awaitable } from '../../base/awaitable.ts'
import type { CancelTimer, Clock } from '../../base/clock.ts'
import { CoarseClock, coarseTickMs } from '../../base/coarse-clock.ts'
import type {
  ClearSelection,
  EntryPlace,
  Fill,
  Hit,
  Lookup,
  LookupRequest,
  MissCause,
  Store,
  StoreBounds,
  StoreStats,
  Ticket,
} from '../../contract/store.ts'
import { Entries } from './entries.ts'
import type { Entry } from './entries.ts'
import { Flights } from './flights.ts'
import type { Flight } from './flights.ts'
import { MemoryAuthority, thisProcess } from './memory-authority.ts'
import type { TouchClocks } from './touch-clocks.ts'

/** What a {@link MemoryStore} is made of. */
export interface MemoryStoreOptions {
  readonly bounds: StoreBounds
  readonly clock: Clock
  /** How many touch clocks; 2^20 unless given. */
  readonly slotCount?: number
  /** How long after a query was started another reader still waits for its result; 10,000 ms unless given. */
  readonly joinWaitMs?: number
  /** How often dead and expired entries are looked for; 1,000 ms unless given. */
  readonly sweepIntervalMs?: number
  /** Makes the epoch, a text that no other life of any authority has; a random UUID unless a test gives its own. */
  readonly newEpoch?: () => string
}

/** A ticket that did not come back for this long will not: it is forgotten, and its fill is refused. */
const ticketLifeMs = 600_000
/** Entries looked at on each fill, so that a busy store cleans itself without waiting for its timer. */
const sweptPerFill = 4
/** Entries looked at on each tick of the timer: a tenth of all, and at least this many. */
const sweptPerTick = 1000

const pending: Lookup = { kind: 'bypass', reason: 'pending' }
const closed: Lookup = { kind: 'bypass', reason: 'store-lost' }

/**
 * Entries and authority in this heap: the store of a single process, and of the primary in a cluster.
 *
 * An entry is valid while its own program holds for its stamp, and while it is no older than its TTL and the reader's `maxAgeMs`.
 * It is checked at every hit; the check and the answer are one synchronous step, so nothing can come between.
 *
 * `lookup` answers a hit, a miss or a bypass at once; only a reader that waits for another reader's query gets a promise. Those who
 * wait are answered in the same step that accepts the fill, when the result has just been found valid.
 *
 * Entries that nobody asks for again (invalidated or expired ones) are found by a sweep: a few on each fill, more on a timer that
 * does not keep the process alive.
 */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly authority: MemoryAuthority
  readonly #clock: Clock
  readonly #coarse: CoarseClock
  readonly #clocks: TouchClocks
  readonly #entries: Entries
  readonly #flights: Flights
  /** For each table that was cleared while queries were under way: the last ticket that the clear made void. */
  readonly #clearedUpTo = new Map<string, number>()
  readonly #sweepIntervalMs: number
  #cancelSweep: CancelTimer | undefined
  #expirations = 0
  #refusedFills = 0
  #kept = 0
  #closed = false

  constructor(options: MemoryStoreOptions) {
    this.authority = new MemoryAuthority(options)
    this.#clock = options.clock
    this.#coarse = new CoarseClock(options.clock)
    this.#clocks = this.authority.clocks
    this.#entries = new Entries(options.bounds)
    this.#sweepIntervalMs = options.sweepIntervalMs ?? 1000
    this.#flights = new Flights({
      clock: options.clock,
      clocks: this.#clocks,
      joinWaitMs: options.joinWaitMs ?? 10_000,
      lifeMs: ticketLifeMs,
    })
  }

  glance(key: string, maxAgeMs: number, place?: EntryPlace): Hit | undefined {
    // Only this store writes there.
    let entry = place?.entry as Entry | undefined
    if (entry?.isGone !== false) {
      entry = this.#entries.get(key)
      if (place !== undefined) place.entry = entry
      if (entry === undefined) return undefined
    }
    return this.#serves(entry, maxAgeMs) ? entry.hit : undefined
  }

  lookup(request: LookupRequest): Awaitable<Lookup> {
    return this.lookupFor(thisProcess, request)
  }

  /** As `lookup`, for a process that may die on its own; see {@link MemoryStore.ownerGone}. */
  lookupFor(owner: number, request: LookupRequest): Awaitable<Lookup> {
    if (this.#closed) return closed
    if (request.refresh) return this.#load(owner, request, 'refresh')
    const entry = this.#entries.get(request.key)
    if (entry === undefined) return this.#load(owner, request, 'absent')
    if (this.#serves(entry, request.maxAgeMs)) return entry.hit
    if (this.#clocks.holds(entry.program, entry.stamp)) {
      if (this.#isOverAge(entry, entry.ttlMs)) this.#expire(entry)
      return this.#load(owner, request, 'expired')
    }
    // What marks alone stand against may still turn out untouched: keep it.
    if (!this.#clocks.touchedSince(entry.program, entry.stamp)) return pending
    this.#entries.remove(entry)
    return this.#load(owner, request, 'invalidated')
  }

  fill(ticket: Ticket, fill: Fill): boolean {
    const flight = this.#flights.land(ticket.id)
    if (flight === undefined || !this.#accepts(flight, ticket, fill)) {
      this.#refusedFills++
      if (flight !== undefined) this.#flights.answer(flight)
      this.#forgetClears()
      return false
    }
    const { stamp } = flight
    const { epoch } = this.authority
    this.#entries.add({
      key: flight.key,
      value: fill.value,
      epoch,
      bytes: fill.bytes,
      program: fill.program,
      tableSlots: fill.tableSlots,
      tables: fill.tables,
      stamp,
      ticketId: flight.id,
      filledAt: this.#clock.now(),
      ttlMs: fill.ttlMs,
    })
    this.#flights.answer(flight, { kind: 'hit', value: fill.value, stamp, epoch })
    this.#forgetClears()
    this.#entries.sweep(sweptPerFill, this.#dropIfDead)
    this.#armSweep()
    return true
  }

  abandon(ticket: Ticket): void {
    const flight = this.#flights.land(ticket.id)
    if (flight !== undefined) this.#flights.answer(flight)
    this.#forgetClears()
  }

  clear(selection: ClearSelection): void {
    if (selection.kind === 'all') {
      this.#entries.removeAll()
      this.#flights.abandonWhere(() => true)
      this.#forgetClears()
      return
    }
    this.#entries.removeTables(selection.tables)
    // Which tables a query under way reads is known when it fills; every ticket given until now is judged then.
    if (this.#flights.size === 0) return
    for (const table of selection.tables) this.#clearedUpTo.set(table, this.#flights.lastId)
  }

  /** Another process died: those who wait for its queries go on by themselves, its marks are settled by a touch. */
  ownerGone(owner: number): void {
    this.#flights.abandonWhere((flight) => flight.owner === owner)
    this.#forgetClears()
    this.authority.ownerGone(owner)
  }

  stats(): StoreStats {
    return {
      entries: this.#entries.size,
      bytes: this.#entries.bytes,
      evictions: this.#entries.evictions,
      expirations: this.#expirations,
      refusedFills: this.#refusedFills,
      kept: this.#kept,
      tables: this.#entries.countByTable(),
    }
  }

  close(): Promise<void> {
    this.#closed = true
    this.#cancelSweep?.()
    this.#cancelSweep = undefined
    this.clear({ kind: 'all' })
    this.authority.close()
    return Promise.resolve()
  }

  /** Whether an entry answers a reader now, with what a hit leaves behind. */
  #serves(entry: Entry, maxAgeMs: number): boolean {
    if (!this.#clocks.holds(entry.program, entry.stamp)) return false
    const limitMs = maxAgeMs < entry.ttlMs ? maxAgeMs : entry.ttlMs
    if (limitMs !== Infinity && this.#isOverAge(entry, limitMs)) return false
    if (entry.tableSlots.length > 0) this.#countKept(entry)
    entry.referenced = true
    return true
  }

  /** The coarse clock decides what is clear, the real one what is close. */
  #isOverAge({ filledAt }: Entry, limitMs: number): boolean {
    if (this.#coarse.now() + coarseTickMs - filledAt <= limitMs) return false
    return this.#clock.now() - filledAt > limitMs
  }

  /** A hit of an entry that invalidation by table would have lost is counted, once for all touches until now. */
  #countKept(entry: Entry): void {
    const touch = this.#clocks.lastTouchOf(entry.tableSlots)
    if (touch <= entry.outlived) return
    entry.outlived = touch
    this.#kept++
  }

  /** Sends the reader to another reader's query that is under way, or to the database with a ticket. */
  #load(owner: number, request: LookupRequest, cause: MissCause): Awaitable<Lookup> {
    if (this.#clocks.pending(request.program)) return pending
    return (
      (request.refresh ? undefined : this.#flights.join(request)) ??
      this.#miss(owner, request, cause)
    )
  }

  #miss(owner: number, request: LookupRequest, cause: MissCause): Lookup {
    const { id, key, stamp } = this.#flights.start(owner, request)
    const watched = this.#clocks.lastTouch(request.watch)
    this.#armSweep() // also forgets tickets that never come back
    const ticket = { id, key, stamp, epoch: this.authority.epoch, watched }
    return { kind: 'miss', ticket, cause }
  }

  #accepts(flight: Flight, ticket: Ticket, fill: Fill): boolean {
    if (this.#closed || ticket.epoch !== this.authority.epoch || ticket.key !== flight.key)
      return false
    if (!(fill.ttlMs > 0) || !this.#entries.fits(fill.bytes, fill.tables)) return false
    if (fill.tables.some((table) => (this.#clearedUpTo.get(table) ?? 0) >= flight.id)) return false
    // The fill's own program decides: it was computed when the result was known.
    if (!this.#clocks.holds(fill.program, flight.stamp)) return false
    // A refresh that started later has filled first: its result must not be replaced by an older one.
    const present = this.#entries.get(flight.key)
    return (
      present === undefined ||
      present.ticketId < flight.id ||
      this.#clocks.touchedSince(present.program, present.stamp)
    )
  }

  /** The void tickets have all come back: nothing is left to be judged by the clears. */
  #forgetClears(): void {
    if (this.#clearedUpTo.size > 0 && this.#flights.size === 0) this.#clearedUpTo.clear()
  }

  #expire(entry: Entry): void {
    this.#expirations++
    this.#entries.remove(entry)
  }

  readonly #dropIfDead = (entry: Entry): void => {
    if (this.#clocks.touchedSince(entry.program, entry.stamp)) this.#entries.remove(entry)
    else if (entry.ttlMs !== Infinity && this.#clock.now() - entry.filledAt > entry.ttlMs) {
      this.#expire(entry)
    }
  }

  #armSweep(): void {
    if (this.#closed || this.#cancelSweep !== undefined) return
    if (this.#entries.size === 0 && this.#flights.size === 0) return
    this.#cancelSweep = this.#clock.after(this.#sweepIntervalMs, () => {
      this.#cancelSweep = undefined
      this.#flights.forgetOld()
      this.#forgetClears()
      this.#entries.sweep(Math.max(sweptPerTick, this.#entries.size / 10), this.#dropIfDead)
      this.#armSweep()
    })
  }
}

/** Makes a {@link MemoryStore}. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  return new MemoryStore(options)
}
