import type { Footprint } from '../contract/footprint.ts'

/** Bounds of a {@link FootprintMemo}. */
export interface MemoBounds {
  readonly maxEntries: number
  /** Characters of SQL text in all. */
  readonly maxLength: number
}

/** Footprints by SQL text. The oldest ones make room for new ones. */
export class FootprintMemo {
  readonly #bounds: MemoBounds
  readonly #entries: Map<string, Footprint> = new Map<string, Footprint>()
  #length = 0

  constructor(bounds: MemoBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#entries.size
  }

  get(sql: string): Footprint | undefined {
    return this.#entries.get(sql)
  }

  set(sql: string, footprint: Footprint): void {
    // One text must not push out all others.
    if (sql.length > this.#bounds.maxLength / 8 || this.#entries.has(sql)) return
    this.#entries.set(sql, footprint)
    this.#length += sql.length
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#bounds.maxEntries && this.#length <= this.#bounds.maxLength)
        return
      this.#entries.delete(oldest)
      this.#length -= oldest.length
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#length = 0
  }
}
