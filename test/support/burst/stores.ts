import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../../../src/base/clock.ts'
import type { Mark, VersionAuthority } from '../../../src/contract/authority.ts'
import type { Store } from '../../../src/contract/store.ts'
import type { StoreFactory } from '../../../src/index.ts'
import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { Seeded } from '../seed.ts'

/** A store that keeps its promises, however late: every call takes a random time to arrive, and its answer another one. */
export function distantStore(seeded: Seeded): StoreFactory {
  const pause = async (): Promise<void> => {
    if (seeded.random() < 0.5) await turn()
    else await sleep(seeded.random() * 3)
  }
  const late = async <T>(call: () => T | Promise<T>): Promise<T> => {
    await pause()
    const answer = await call()
    await pause()
    return answer
  }
  const later = (call: () => void): void => void pause().then(call)
  return over((store, authority) => ({
    ...store,
    lookup: (request) => late(() => store.lookup(request)),
    fill: (ticket, fill) => late(() => store.fill(ticket, fill)),
    abandon: (ticket) => later(() => store.abandon(ticket)),
    authority: {
      ...authority,
      mark: (request) => late(() => authority.mark(request)),
      // The mark stands until it arrives, which is all that is asked of it.
      settle: (mark, touched) => later(() => authority.settle(mark, touched)),
      lastTouch: (slot) => late(() => authority.lastTouch(slot)),
      bump: (slots) => late(() => authority.bump(slots)),
    },
  }))
}

/** A protocol that looks right and is not. */
export interface BrokenStore {
  /** The promise that it breaks first. */
  readonly breaks: 'G1' | 'G2'
  readonly store: StoreFactory
}

const noMark: Mark = { id: -1, watched: 0 }

export const brokenStores: Readonly<Record<string, BrokenStore>> = {
  'marks that are only lifted': {
    breaks: 'G1',
    store: over((store, authority) => ({
      ...store,
      authority: { ...authority, settle: (mark) => authority.settle(mark, []) },
    })),
  },
  'a bump before the write and none after': {
    breaks: 'G1',
    store: over((store, authority) => ({
      ...store,
      authority: {
        ...authority,
        async mark(request) {
          const mark = await authority.mark(request)
          authority.settle(mark, request.slots)
          return mark
        },
        settle: () => undefined,
      },
    })),
  },
  'a bump after the write and no mark before': {
    breaks: 'G2',
    store: over((store, authority) => ({
      ...store,
      authority: { ...authority, mark: () => noMark },
    })),
  },
  'a bump that is published in the background': {
    breaks: 'G1',
    store: over((store, authority) => ({
      ...store,
      authority: {
        ...authority,
        mark: () => noMark,
        settle: (mark, touched) => void sleep(2).then(() => authority.settle(mark, touched)),
      },
    })),
  },
}

/** A factory for the memory store with some of its methods replaced. */
function over(replace: (store: Store, authority: VersionAuthority) => Store): StoreFactory {
  return {
    kind: 'memory',
    open(bounds) {
      const store = createMemoryStore({ bounds, clock: systemClock })
      return replace(plain(store), plainAuthority(store.authority))
    },
  }
}

/** The store as an object whose methods can be spread. */
function plain(store: Store): Store {
  return {
    kind: store.kind,
    authority: store.authority,
    glance: () => undefined,
    lookup: (request) => store.lookup(request),
    fill: (ticket, fill) => store.fill(ticket, fill),
    abandon: (ticket) => store.abandon(ticket),
    clear: (selection) => store.clear(selection),
    stats: () => store.stats(),
    close: () => store.close(),
  }
}

function plainAuthority(authority: VersionAuthority): VersionAuthority {
  return {
    slotCount: authority.slotCount,
    // Some of those that are made from it answer late.
    isLocal: false,
    mark: (request) => authority.mark(request),
    settle: (mark, touched) => authority.settle(mark, touched),
    settleLater: (mark) => authority.settleLater(mark),
    lastTouch: (slot) => authority.lastTouch(slot),
    bump: (slots) => authority.bump(slots),
  }
}
