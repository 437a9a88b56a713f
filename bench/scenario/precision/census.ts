import type { MemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { ModeStore } from './modes.ts'
import type { Workload, Write } from './workload.ts'

/** What became of the entries that a write could not change. */
export interface Survival {
  /** Entries that were valid before the write and that it could not change, summed over the writes that were looked at. */
  readonly unaffected: number
  /** Of these, the ones that were valid after it. */
  readonly survived: number
}

/** Counts, write by write, which entries stay valid. */
export class Census {
  readonly #store: ModeStore
  readonly #memory: MemoryStore
  readonly #counts = new Map<string, { unaffected: number; survived: number }>()

  constructor(store: ModeStore, memory: MemoryStore) {
    this.#store = store
    this.#memory = memory
  }

  /** By kind of write and kind of entry: `update: tenant`. */
  get counts(): Readonly<Record<string, Survival>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  get total(): Survival {
    const total = { unaffected: 0, survived: 0 }
    for (const { unaffected, survived } of this.#counts.values()) {
      total.unaffected += unaffected
      total.survived += survived
    }
    return total
  }

  /** Call it before a write; call what it returns after it. */
  before(workload: Workload, write: Write): () => void {
    const { clocks } = this.#memory.authority
    const unaffected = [...this.#store.entries].filter(([key, { read, program, stamp }]) => {
      if (clocks.holds(program, stamp)) return !workload.canChange(write, read)
      this.#store.entries.delete(key)
      return false
    })
    return () => {
      for (const [, { read, program, stamp }] of unaffected) {
        const count = this.#count(`${write.kind}: ${read.kind}`)
        count.unaffected += 1
        if (clocks.holds(program, stamp)) count.survived += 1
      }
    }
  }

  #count(name: string): { unaffected: number; survived: number } {
    let count = this.#counts.get(name)
    if (count === undefined) {
      count = { unaffected: 0, survived: 0 }
      this.#counts.set(name, count)
    }
    return count
  }
}
