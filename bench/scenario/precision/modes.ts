import type { Mark, VersionAuthority } from '../../../src/contract/authority.ts'
import type { Program } from '../../../src/contract/program.ts'
import type { Fill, Lookup, LookupRequest, Store } from '../../../src/contract/store.ts'
import type { MemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { Read } from './workload.ts'

/** A way of caching: Millrace as it is, or with less in its store. */
export type Mode = 'rows' | 'tables' | 'ttl'

/** Every way of caching. */
export const modes: readonly Mode[] = ['rows', 'tables', 'ttl']

/** An entry that a mode's store accepted. */
export interface WatchedEntry {
  readonly read: Read
  readonly program: Program
  readonly stamp: number
}

/** A store that a mode leaves its mark on, and that tells what becomes of its entries. */
export interface ModeStore extends Store {
  /** Which query is asked now; the store itself knows keys only. */
  reading: Read | undefined
  /** How the last lookup was answered. */
  readonly answered: Lookup['kind'] | undefined
  /** The entries by key, dead ones included until they are forgotten. */
  readonly entries: Map<string, WatchedEntry>
}

/**
 * Puts a mode between Millrace and its memory store:
 *
 * - `rows`: nothing is changed.
 * - `tables`: an entry also depends on the clock of each table that it reads, which every write to the table touches.
 * - `ttl`: nothing is ever marked or touched; entries end by their age alone.
 */
export function storeOf(mode: Mode, inner: MemoryStore): ModeStore {
  let answered: Lookup['kind'] | undefined
  const entries = new Map<string, WatchedEntry>()
  const store: ModeStore = {
    kind: 'memory',
    authority: mode === 'ttl' ? deaf(inner.authority) : inner.authority,
    reading: undefined,
    entries,
    get answered() {
      return answered
    },
    glance(key, maxAgeMs) {
      const hit = inner.glance(key, maxAgeMs)
      if (hit !== undefined) answered = 'hit'
      return hit
    },
    lookup(request: LookupRequest) {
      const answer = inner.lookup(request)
      if (!(answer instanceof Promise)) answered = answer.kind
      return answer
    },
    fill(ticket, fill: Fill) {
      const { all, any } = fill.program
      const program = mode === 'tables' ? { all: [...all, ...fill.tableSlots], any } : fill.program
      const stored = inner.fill(ticket, { ...fill, program })
      if (stored && store.reading !== undefined) {
        entries.set(ticket.key, { read: store.reading, program, stamp: ticket.stamp })
      }
      return stored
    },
    abandon: (ticket) => inner.abandon(ticket),
    clear: (selection) => inner.clear(selection),
    stats: () => inner.stats(),
    close: () => inner.close(),
  }
  return store
}

/** An authority that hears of nothing. */
function deaf({ slotCount }: VersionAuthority): VersionAuthority {
  const mark: Mark = { id: 0, watched: 0 }
  return {
    slotCount,
    isLocal: true,
    mark: () => mark,
    settle: () => undefined,
    settleLater: () => undefined,
    lastTouch: () => 0,
    bump: () => undefined,
  }
}
