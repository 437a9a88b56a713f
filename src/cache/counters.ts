import type { StoreStats } from '../contract/store.ts'
import type {
  BypassReason,
  CacheStats,
  InvalidationPrecision,
  TableCacheStats,
} from '../contract/cache-stats.ts'

/** How the check of one hit ended: it equalled the database, it did not, a write was faster, or it could not be made. */
export type AuditVerdict = 'fresh' | 'stale' | 'raced' | 'unfinished'

/** The counts of the tables that a query reads, found once for many runs of it. */
export type TableCounts = readonly { hits: number; misses: number }[]

/** Counts what this process did with its cache. */
export class CacheCounters {
  #hits = 0
  #misses = 0
  #fills = 0
  #refusedFills = 0
  readonly #bypasses = new Map<BypassReason, number>()
  readonly #fallbacks = new Map<string, number>()
  readonly #invalidations: Record<InvalidationPrecision, number> = {
    value: 0,
    column: 0,
    table: 0,
    everything: 0,
  }
  readonly #audits = { checked: 0, raced: 0, unfinished: 0 }
  #staleHits = 0
  readonly #tables = new Map<string, { hits: number; misses: number }>()

  /** Where the hits and misses of queries of these tables are counted. */
  tables(tables: readonly string[]): TableCounts {
    return tables.map((table) => this.#table(table))
  }

  hit(counts: TableCounts): void {
    this.#hits += 1
    for (let i = 0; i < counts.length; i++) {
      const table = counts[i]
      if (table !== undefined) table.hits += 1
    }
  }

  miss(counts: TableCounts): void {
    this.#misses += 1
    for (const table of counts) table.misses += 1
  }

  filled(stored: boolean): void {
    if (stored) this.#fills += 1
    else this.#refusedFills += 1
  }

  bypass(reason: BypassReason): void {
    this.#bypasses.set(reason, (this.#bypasses.get(reason) ?? 0) + 1)
  }

  /** A cached read had to be compiled to be found. */
  compiled(reason: string): void {
    this.#fallbacks.set(reason, (this.#fallbacks.get(reason) ?? 0) + 1)
  }

  invalidation(precision: InvalidationPrecision): void {
    this.#invalidations[precision] += 1
  }

  /** How the check of a hit ended. */
  audit(verdict: AuditVerdict): void {
    if (verdict === 'stale') this.#staleHits += 1
    this.#audits[verdict === 'fresh' || verdict === 'stale' ? 'checked' : verdict] += 1
  }

  /** Joins these counts with what the store holds. `nameOf` turns a tag into the name that users know. */
  report(store: StoreStats, nameOf: (tag: string) => string): CacheStats {
    const tables: Record<string, TableCacheStats> = {}
    for (const tag of new Set([...this.#tables.keys(), ...Object.keys(store.tables)])) {
      const counts = this.#tables.get(tag) ?? { hits: 0, misses: 0 }
      tables[nameOf(tag)] = { ...counts, entries: store.tables[tag] ?? 0 }
    }
    return {
      hits: this.#hits,
      misses: this.#misses,
      fills: this.#fills,
      refusedFills: this.#refusedFills,
      bypasses: Object.fromEntries(this.#bypasses),
      fallbacks: Object.fromEntries(this.#fallbacks),
      invalidations: { ...this.#invalidations },
      kept: store.kept,
      staleHits: this.#staleHits,
      audits: { ...this.#audits },
      evictions: store.evictions,
      expirations: store.expirations,
      entries: store.entries,
      bytes: store.bytes,
      tables,
    }
  }

  #table(tag: string): { hits: number; misses: number } {
    let counts = this.#tables.get(tag)
    if (counts === undefined) {
      counts = { hits: 0, misses: 0 }
      this.#tables.set(tag, counts)
    }
    return counts
  }
}
