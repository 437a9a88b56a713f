import type { Slot } from '../../contract/authority.ts'
import type { Program } from '../../contract/program.ts'
import type { Hit, StoreBounds, StoredValue } from '../../contract/store.ts'
import { Ring } from './ring.ts'
import type { Ringed, Seat } from './ring.ts'

/** A stored result with what decides whether it may be served. */
export interface Entry extends Ringed {
  readonly key: string
  /** The answer of a hit, made once. */
  hit: Hit
  /** It is no longer in the store, and holds its result no more. */
  isGone: boolean
  readonly bytes: number
  readonly program: Program
  /** The clocks of its tables as far as they can be touched while the program holds. */
  readonly tableSlots: readonly Slot[]
  readonly tables: readonly string[]
  readonly stamp: number
  /** The ticket that filled it; tickets grow, so a later one carries a later result. */
  readonly ticketId: number
  readonly filledAt: number
  readonly ttlMs: number
  /** The latest touch of its tables that it is known to have outlived; the stamp at first. */
  outlived: number
  /** Its places: among all entries, and in the index set of each table. */
  seats: readonly Seat<Entry>[]
}

const none: readonly never[] = []

/** What an entry is made from. */
export type NewEntry = Omit<Entry, 'hit' | 'isGone' | 'referenced' | 'outlived' | 'seats'> & {
  readonly value: StoredValue
  readonly epoch: string
}

/**
 * The entries of a store, their bounds and the index set of each table.
 *
 * `remove` is the only way out and leaves every index set on its way, so no index can hold an entry that is gone, nor miss one that
 * is there.
 */
export class Entries {
  readonly #bounds: StoreBounds
  readonly #byKey = new Map<string, Entry>()
  #all = new Ring<Entry>()
  /** The index sets: the entries whose queries read a table. */
  readonly #byTable = new Map<string, Ring<Entry>>()
  #bytes = 0
  #evictions = 0

  constructor(bounds: StoreBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#byKey.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Entries that went to make room. */
  get evictions(): number {
    return this.#evictions
  }

  get(key: string): Entry | undefined {
    return this.#byKey.get(key)
  }

  /** Whether the bounds leave room for such an entry at all, were it the only one. */
  fits(bytes: number, tables: readonly string[]): boolean {
    if (!(bytes <= this.#bounds.maxBytes) || !(this.#bounds.maxEntries >= 1)) return false
    return tables.every((table) => (this.#bounds.maxKeysByTable.get(table) ?? Infinity) >= 1)
  }

  /** Adds an entry that fits, in place of the one with its key, and evicts others until the bounds hold. */
  add(fresh: NewEntry): void {
    const previous = this.#byKey.get(fresh.key)
    if (previous !== undefined) this.remove(previous)
    this.#makeRoom(fresh)
    // Written out, because object rest and spread make objects whose properties are slow to read: a hit would take ten times as long.
    const entry: Entry = {
      key: fresh.key,
      hit: { kind: 'hit', value: fresh.value, stamp: fresh.stamp, epoch: fresh.epoch },
      isGone: false,
      bytes: fresh.bytes,
      program: fresh.program,
      // A touch of a slot that must not be touched ends the entry: there is nothing to outlive, and a hit need not look.
      tableSlots: exactly(fresh.tableSlots.filter((slot) => !fresh.program.all.includes(slot))),
      tables: distinct(fresh.tables),
      stamp: fresh.stamp,
      ticketId: fresh.ticketId,
      filledAt: fresh.filledAt,
      ttlMs: fresh.ttlMs,
      referenced: false,
      outlived: fresh.stamp,
      seats: none,
    }
    this.#byKey.set(entry.key, entry)
    this.#bytes += entry.bytes
    const indexed = entry.tables.map((table) => this.#index(table).add(entry))
    entry.seats = [this.#all.add(entry), ...indexed]
  }

  remove(entry: Entry): void {
    if (this.#byKey.get(entry.key) !== entry) return
    this.#byKey.delete(entry.key)
    letGo(entry)
    this.#bytes -= entry.bytes
    for (const seat of entry.seats) seat.ring.remove(seat)
    for (const table of entry.tables) {
      if (this.#byTable.get(table)?.size === 0) this.#byTable.delete(table)
    }
  }

  removeAll(): void {
    for (const entry of this.#byKey.values()) letGo(entry)
    this.#byKey.clear()
    this.#all = new Ring()
    this.#byTable.clear()
    this.#bytes = 0
  }

  removeTables(tables: readonly string[]): void {
    for (const table of tables) {
      for (const entry of this.#byTable.get(table)?.items() ?? []) this.remove(entry)
    }
  }

  /** Shows up to `limit` entries to `visit`, going on where the last sweep stopped. */
  sweep(limit: number, visit: (entry: Entry) => void): void {
    this.#all.sweep(limit, visit)
  }

  /** Entries per table. */
  countByTable(): Record<string, number> {
    return Object.fromEntries([...this.#byTable].map(([table, ring]) => [table, ring.size]))
  }

  #makeRoom(fresh: NewEntry): void {
    for (const table of fresh.tables) {
      const max = this.#bounds.maxKeysByTable.get(table)
      const index = this.#byTable.get(table)
      if (max === undefined || index === undefined) continue
      while (index.size + 1 > max) this.#evict(index)
    }
    while (this.#byKey.size + 1 > this.#bounds.maxEntries) this.#evict(this.#all)
    while (this.#bytes + fresh.bytes > this.#bounds.maxBytes && this.#byKey.size > 0) {
      this.#evict(this.#all)
    }
  }

  #evict(ring: Ring<Entry>): void {
    const victim = ring.victim()
    if (victim === undefined) return
    this.#evictions++
    this.remove(victim)
  }

  #index(table: string): Ring<Entry> {
    let index = this.#byTable.get(table)
    if (index === undefined) {
      index = new Ring()
      this.#byTable.set(table, index)
    }
    return index
  }
}

/** Of an entry that is gone. */
const noHit: Hit = {
  kind: 'hit',
  value: { meta: undefined, body: { form: 'value', value: undefined } },
  stamp: 0,
  epoch: '',
}

/** Whoever still knows where the entry was keeps no result alive. */
function letGo(entry: Entry): void {
  entry.isGone = true
  entry.hit = noHit
}

/** The same list without room to grow, as lists that were pushed or filtered have it. */
function exactly<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? none : list.slice()
}

function distinct(names: readonly string[]): readonly string[] {
  const once = new Set(names)
  return once.size === names.length ? names : [...once]
}
