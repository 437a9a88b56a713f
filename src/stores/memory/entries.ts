import type { Slot } from '../../contract/authority.ts'
import type { Lookup, StoreBounds, StoredValue } from '../../contract/store.ts'

/** A stored result with what decides whether it may be served. */
export interface Entry {
  readonly key: string
  /** The answer of a hit, made once. */
  readonly hit: Lookup & { readonly kind: 'hit' }
  readonly bytes: number
  readonly slots: readonly Slot[]
  readonly tables: readonly string[]
  readonly stamp: number
  /** The ticket that filled it; tickets grow, so a later one carries a later result. */
  readonly ticketId: number
  readonly filledAt: number
  readonly ttlMs: number
  /** Read since the eviction hand came by last: one second chance. */
  referenced: boolean
}

/** What an entry is made from. */
export type NewEntry = Omit<Entry, 'hit' | 'referenced'> & { readonly value: StoredValue }

/** Walks a live collection round and round; removing and adding meanwhile is fine. */
class Hand {
  readonly #entries: { values(): Iterator<Entry> }
  #walk: Iterator<Entry>

  constructor(entries: { values(): Iterator<Entry> }) {
    this.#entries = entries
    this.#walk = entries.values()
  }

  /** The next entry, `undefined` only when there is none at all. */
  next(): Entry | undefined {
    let step = this.#walk.next()
    if (step.done === true) {
      this.#walk = this.#entries.values()
      step = this.#walk.next()
    }
    return step.done === true ? undefined : step.value
  }

  /** The first entry that was not read since the hand came by last (the CLOCK algorithm). */
  victim(): Entry | undefined {
    for (;;) {
      const entry = this.next()
      if (entry === undefined || !entry.referenced) return entry
      entry.referenced = false
    }
  }
}

/** The keys whose queries read one table. */
interface TableIndex {
  readonly entries: Set<Entry>
  readonly hand: Hand
}

/**
 * The entries of a store, their bounds and the index set of each table.
 *
 * `remove` is the only way out and leaves every index set on its way, so no index can hold an entry that is gone, nor miss one that
 * is there. A hit costs one bit; order is only looked at when something must go.
 */
export class Entries {
  readonly #bounds: StoreBounds
  readonly #byKey = new Map<string, Entry>()
  readonly #byTable = new Map<string, TableIndex>()
  readonly #evictionHand: Hand = new Hand(this.#byKey)
  readonly #sweepHand: Hand = new Hand(this.#byKey)
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
    const { value, ...rest } = fresh
    const entry: Entry = {
      ...rest,
      tables: [...new Set(fresh.tables)],
      hit: { kind: 'hit', value },
      referenced: false,
    }
    this.#byKey.set(entry.key, entry)
    this.#bytes += entry.bytes
    for (const table of entry.tables) this.#index(table).entries.add(entry)
  }

  remove(entry: Entry): void {
    if (this.#byKey.get(entry.key) !== entry) return
    this.#byKey.delete(entry.key)
    this.#bytes -= entry.bytes
    for (const table of entry.tables) {
      const index = this.#byTable.get(table)
      index?.entries.delete(entry)
      if (index?.entries.size === 0) this.#byTable.delete(table)
    }
  }

  removeAll(): void {
    this.#byKey.clear()
    this.#byTable.clear()
    this.#bytes = 0
  }

  removeTables(tables: readonly string[]): void {
    for (const table of tables) {
      for (const entry of [...(this.#byTable.get(table)?.entries ?? [])]) this.remove(entry)
    }
  }

  /** Shows up to `limit` entries to `visit`, going on where the last sweep stopped. */
  sweep(limit: number, visit: (entry: Entry) => void): void {
    for (let left = Math.min(limit, this.#byKey.size); left > 0; left--) {
      const entry = this.#sweepHand.next()
      if (entry === undefined) return
      visit(entry)
    }
  }

  /** Entries per table. */
  countByTable(): Record<string, number> {
    return Object.fromEntries(
      [...this.#byTable].map(([table, { entries }]) => [table, entries.size]),
    )
  }

  #makeRoom(fresh: NewEntry): void {
    for (const table of fresh.tables) {
      const max = this.#bounds.maxKeysByTable.get(table)
      const index = this.#byTable.get(table)
      if (max === undefined || index === undefined) continue
      while (index.entries.size + 1 > max) this.#evict(index.hand)
    }
    while (this.#byKey.size + 1 > this.#bounds.maxEntries) this.#evict(this.#evictionHand)
    while (this.#bytes + fresh.bytes > this.#bounds.maxBytes && this.#byKey.size > 0) {
      this.#evict(this.#evictionHand)
    }
  }

  #evict(hand: Hand): void {
    const victim = hand.victim()
    if (victim === undefined) return
    this.#evictions++
    this.remove(victim)
  }

  #index(table: string): TableIndex {
    let index = this.#byTable.get(table)
    if (index === undefined) {
      const entries = new Set<Entry>()
      index = { entries, hand: new Hand(entries) }
      this.#byTable.set(table, index)
    }
    return index
  }
}
