import type { Awaitable } from '../../../../src/base/awaitable.ts'
import type { Clock } from '../../../../src/base/clock.ts'
import type { Mark, MarkRequest, Slot } from '../../../../src/contract/authority.ts'
import type {
  Fill,
  Lookup,
  LookupRequest,
  StoredValue,
  StoreStats,
  Ticket,
} from '../../../../src/contract/store.ts'
import type { OwnedAuthority, OwnedStore } from '../../../../src/stores/cluster/owned-store.ts'
import type { StoreFlaws } from '../deployment.ts'
import type { Stage } from '../stage.ts'
import { slotsOf } from './changed-store.ts'

/** What each counter was when a query was sent. */
type Counts = ReadonlyMap<Slot, number>

const epoch = 'counters'

/**
 * A store that has a counter for each tag in use, in place of clocks that share one sequence: the naive way to do without a fixed array. Like
 * every cache it may be told to make room, once, in a step of its own; then it forgets its counters or, if it is sound, its entries.
 */
class CounterStore implements OwnedStore {
  readonly kind = 'memory'
  readonly authority: OwnedAuthority
  readonly #clock: Clock
  readonly #counters = new Map<Slot, number>()
  readonly #marks = new Map<number, readonly Slot[]>()
  readonly #entries = new Map<string, { readonly value: StoredValue; readonly counts: Counts }>()
  readonly #tickets = new Map<number, Counts>()
  #lastMark = 0
  #lastTicket = 0

  constructor(slotCount: number, stage: Stage, forgets: 'counters' | 'entries') {
    this.#clock = stage.clockOf('store', 'store')
    stage.offerMishap('the store makes room', () => {
      stage.trace.changes('store')
      if (forgets === 'counters') this.#counters.clear()
      else this.#entries.clear()
    })
    this.authority = {
      slotCount,
      isLocal: true,
      epoch,
      mark: (request) => this.#mark(request),
      markFor: (_owner, request) => this.#mark(request),
      settle: (mark, touched) => {
        this.#touch(touched)
        this.#marks.delete(mark.id)
      },
      settleLater: (mark) => this.#settleLater(mark),
      lastTouch: (slot) => this.#count(slot),
      bump: (slots) => this.#touch(slots),
    }
  }

  glance(): undefined {
    return undefined
  }

  lookup(request: LookupRequest): Lookup {
    const slots = slotsOf(request.program)
    if (this.#pending(slots)) return { kind: 'bypass', reason: 'pending' }
    const entry = this.#entries.get(request.key)
    if (entry !== undefined && this.#unchanged(entry.counts)) {
      return { kind: 'hit', value: entry.value, stamp: 0, epoch }
    }
    const id = ++this.#lastTicket
    this.#tickets.set(id, new Map(slots.map((slot) => [slot, this.#count(slot)])))
    const watched = this.#count(request.watch)
    return {
      kind: 'miss',
      cause: 'absent',
      ticket: { id, key: request.key, stamp: 0, epoch, watched },
    }
  }

  lookupFor(_owner: number, request: LookupRequest): Lookup {
    return this.lookup(request)
  }

  fill(ticket: Ticket, { value }: Fill): boolean {
    const counts = this.#tickets.get(ticket.id)
    this.#tickets.delete(ticket.id)
    if (counts === undefined || !this.#unchanged(counts)) return false
    this.#entries.set(ticket.key, { value, counts })
    return true
  }

  abandon(ticket: Ticket): void {
    this.#tickets.delete(ticket.id)
  }

  clear(): void {
    this.#entries.clear()
    this.#tickets.clear()
  }

  stats(): StoreStats {
    const { size } = this.#entries
    const none = { bytes: 0, evictions: 0, expirations: 0, refusedFills: 0, kept: 0, tables: {} }
    return { entries: size, ...none }
  }

  ownerGone(): void {
    // For one process.
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #mark({ slots, watch }: MarkRequest): Awaitable<Mark> {
    const id = ++this.#lastMark
    this.#marks.set(id, slots)
    return { id, watched: this.#count(watch) }
  }

  #settleLater(mark: Mark): void {
    this.#clock.after(30_000, () => this.authority.settle(mark, this.#marks.get(mark.id) ?? []))
  }

  #touch(slots: readonly Slot[]): void {
    for (const slot of slots) this.#counters.set(slot, this.#count(slot) + 1)
  }

  #count(slot: Slot): number {
    return this.#counters.get(slot) ?? 0
  }

  #pending(slots: readonly Slot[]): boolean {
    return [...this.#marks.values()].some((marked) => marked.some((slot) => slots.includes(slot)))
  }

  #unchanged(counts: Counts): boolean {
    const slots = [...counts.keys()]
    return !this.#pending(slots) && slots.every((slot) => this.#count(slot) === counts.get(slot))
  }
}

function counting(forgets: 'counters' | 'entries'): StoreFlaws {
  return {
    coarse: true,
    owned: ({ authority }, stage) => new CounterStore(authority.slotCount, stage, forgets),
  }
}

/** Counters are forgotten to make room and start again: an old entry's count comes back (ABA). */
export const forgetsCounters: StoreFlaws = counting('counters')

/** The same store without that flaw, to see that it is the flaw that is found. */
export const forgetsEntries: StoreFlaws = counting('entries')
