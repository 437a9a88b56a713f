import { deferred } from '../../src/base/deferred.ts'
import type { Deferred } from '../../src/base/deferred.ts'
import { MemoryStore } from '../../src/stores/memory/memory-store.ts'
import type { TouchClocks } from '../../src/stores/memory/touch-clocks.ts'
import { fewTurns } from '../../src/testing/conformance/rig.ts'
import type { Program } from '../../src/contract/program.ts'
import type { Lookup, LookupRequest, Store } from '../../src/contract/store.ts'

/** A store with one rule of the protocol broken. */
export type Mutant = (store: Store) => Store

function change(store: Store, parts: Partial<Store>): Store {
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
    ...parts,
  }
}

function changeAuthority(store: Store, parts: Partial<Store['authority']>): Store {
  const { authority } = store
  return change(store, {
    authority: {
      slotCount: authority.slotCount,
      isLocal: authority.isLocal,
      mark: (request) => authority.mark(request),
      settle: (mark, touched) => authority.settle(mark, touched),
      settleLater: (mark) => authority.settleLater(mark),
      lastTouch: (slot) => authority.lastTouch(slot),
      bump: (slots) => authority.bump(slots),
      ...parts,
    },
  })
}

/** Takes the stamp when the result is there, not before the query is sent. */
const stampAfterLoad: Mutant = (store) => {
  const requests = new Map<number, LookupRequest>()
  return change(store, {
    lookup: async (request) => {
      const lookup = await store.lookup(request)
      if (lookup.kind === 'miss') requests.set(lookup.ticket.id, request)
      return lookup
    },
    fill: async (ticket, fill) => {
      store.abandon(ticket)
      const request = requests.get(ticket.id)
      if (request === undefined) return false
      const late = await store.lookup({ ...request, refresh: true })
      return late.kind === 'miss' && store.fill(late.ticket, fill)
    },
  })
}

/** Bumps after the commit without a mark before. */
const noPendingMark: Mutant = (store) => {
  let id = 0
  const slots = new Map<number, readonly number[]>()
  return changeAuthority(store, {
    mark: (request) => {
      slots.set(++id, request.slots)
      return { id, watched: 0 }
    },
    settle: (_mark, touched) => void store.authority.bump(touched),
    settleLater: (mark) => void store.authority.bump(slots.get(mark.id) ?? []),
  })
}

/** Bumps before the commit only. */
const bumpBeforeOnly: Mutant = (store) =>
  changeAuthority(store, {
    mark: async (request) => {
      await store.authority.bump(request.slots)
      return { id: 0, watched: 0 }
    },
    settle: () => undefined,
    settleLater: () => undefined,
  })

/** Marks, but lifts the mark without a touch after a commit. */
const noTouch: Mutant = (store) =>
  changeAuthority(store, { settle: (mark) => store.authority.settle(mark, []) })

/** Lifts the mark of a write of unknown outcome at once. */
const liftUnknown: Mutant = (store) =>
  changeAuthority(store, { settleLater: (mark) => store.authority.settle(mark, []) })

/** Bumps a write of unknown outcome at once, although it may still land. */
const bumpUnknownAtOnce: Mutant = (store) => {
  const slots = new Map<number, readonly number[]>()
  return changeAuthority(store, {
    mark: async (request) => {
      const mark = await store.authority.mark(request)
      slots.set(mark.id, request.slots)
      return mark
    },
    settleLater: (mark) => store.authority.settle(mark, slots.get(mark.id) ?? []),
  })
}

/** Lets readers join any query under way, valid or not. */
const blindJoin: Mutant = (store) => {
  const flights = new Map<string, Deferred<Lookup>>()
  return change(store, {
    lookup: async (request) => {
      const flight = flights.get(request.key)
      if (flight !== undefined) {
        try {
          return await flight.promise
        } catch {
          return { kind: 'bypass', reason: 'contended' }
        }
      }
      const lookup = await store.lookup(request)
      if (lookup.kind === 'miss') {
        const started = deferred<Lookup>()
        started.promise.catch(() => undefined)
        flights.set(request.key, started)
      }
      return lookup
    },
    fill: (ticket, fill) => {
      const { stamp, epoch } = ticket
      flights.get(ticket.key)?.resolve({ kind: 'hit', value: fill.value, stamp, epoch })
      flights.delete(ticket.key)
      return store.fill(ticket, fill)
    },
    abandon: (ticket) => {
      flights.get(ticket.key)?.reject(new Error('abandoned'))
      flights.delete(ticket.key)
      store.abandon(ticket)
    },
  })
}

/** Lifts the mark first, and touches a moment later. */
const liftBeforeTouch: Mutant = (store) =>
  changeAuthority(store, {
    settle: (mark, touched) => {
      store.authority.settle(mark, [])
      void fewTurns().then(() => store.authority.bump(touched))
    },
  })

/** Touches only what the mark covers, and forgets the rows that came back with the answer. */
const touchMarkedOnly: Mutant = (store) => {
  const slots = new Map<number, readonly number[]>()
  return changeAuthority(store, {
    mark: async (request) => {
      const mark = await store.authority.mark(request)
      slots.set(mark.id, request.slots)
      return mark
    },
    settle: (mark, touched) => {
      const marked = slots.get(mark.id) ?? []
      store.authority.settle(
        mark,
        touched.filter((slot) => marked.includes(slot)),
      )
    },
  })
}

/** Breaks the evaluation of programs in the heap that holds the entries; `flat` is the sound check of slots without alternatives. */
function judging(
  holds: (
    program: Program,
    stamp: number,
    tools: { flat(all: readonly number[], stamp: number): boolean; clocks: TouchClocks },
  ) => boolean,
): Mutant {
  return (store) => {
    if (!(store instanceof MemoryStore)) return store
    const { clocks } = store.authority
    const sound = clocks.holds.bind(clocks)
    const flat = (all: readonly number[], stamp: number): boolean => sound({ all, any: [] }, stamp)
    clocks.holds = (program, stamp) => holds(program, stamp, { flat, clocks })
    return store
  }
}

/** Takes an alternative for usable although it is pending. */
const pendingAlternatives: Mutant = judging(
  ({ all, any }, stamp, { flat, clocks }) =>
    flat(all, stamp) &&
    any.every((group) => group.some((alternative) => !clocks.touchedSince(alternative, stamp))),
)

/** Does not look at what must hold besides, if a group holds. */
const groupOutweighsAll: Mutant = judging(({ all, any }, stamp, { flat, clocks }) =>
  any.length === 0
    ? flat(all, stamp)
    : any.every((group) => group.some((alternative) => clocks.holds(alternative, stamp))),
)

/** Is content with one of several groups. */
const oneGroupIsEnough: Mutant = judging(
  ({ all, any }, stamp, { flat, clocks }) =>
    flat(all, stamp) &&
    (any.length === 0 ||
      any.some((group) => group.some((alternative) => clocks.holds(alternative, stamp)))),
)

/** Does not look into groups within alternatives. */
const noNestedGroups: Mutant = judging(
  ({ all, any }, stamp, { flat }) =>
    flat(all, stamp) &&
    any.every((group) => group.some((alternative) => flat(alternative.all, stamp))),
)

/** Every mutant by name. */
export const mutants: Readonly<Record<string, Mutant>> = {
  stampAfterLoad,
  noPendingMark,
  bumpBeforeOnly,
  noTouch,
  liftUnknown,
  bumpUnknownAtOnce,
  blindJoin,
  liftBeforeTouch,
  touchMarkedOnly,
  pendingAlternatives,
  groupOutweighsAll,
  oneGroupIsEnough,
  noNestedGroups,
}
