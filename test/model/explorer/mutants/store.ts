import { deferred } from '../../../../src/base/deferred.ts'
import type { Deferred } from '../../../../src/base/deferred.ts'
import type { Program } from '../../../../src/contract/program.ts'
import type { Fill, Lookup, LookupRequest, StoredValue } from '../../../../src/contract/store.ts'
import type { OwnedStore } from '../../../../src/stores/cluster/owned-store.ts'
import type { MemoryStore } from '../../../../src/stores/memory/memory-store.ts'
import type { StoreFlaws } from '../deployment.ts'
import { changed, changedAuthority, slotsOf } from './changed-store.ts'

/** Readers join any query under way, whether a write has overtaken it or not. */
export const joinsBlindly: StoreFlaws = {
  coarse: true,
  owned: (store) => {
    const flights = new Map<string, Deferred<Lookup>>()
    const contended: Lookup = { kind: 'bypass', reason: 'contended' }
    const lookupFor = async (owner: number, request: LookupRequest): Promise<Lookup> => {
      const flight = flights.get(request.key)
      if (flight !== undefined) return await flight.promise
      const lookup = await store.lookupFor(owner, request)
      if (lookup.kind === 'miss') flights.set(request.key, deferred<Lookup>())
      return lookup
    }
    const land = (key: string, answer: Lookup): void => {
      flights.get(key)?.resolve(answer)
      flights.delete(key)
    }
    return changed(store, {
      lookup: (request) => lookupFor(0, request),
      lookupFor,
      fill: (ticket, fill) => {
        const { stamp, epoch } = ticket
        land(ticket.key, { kind: 'hit', value: fill.value, stamp, epoch })
        return store.fill(ticket, fill)
      },
      abandon: (ticket) => {
        land(ticket.key, contended)
        store.abandon(ticket)
      },
    })
  },
}

/** The stamp is taken when the result is there. */
export const stampsAfterLoad: StoreFlaws = {
  coarse: true,
  owned: (store) => {
    const requests = new Map<number, LookupRequest>()
    const lookupFor = async (owner: number, request: LookupRequest): Promise<Lookup> => {
      const lookup = await store.lookupFor(owner, request)
      if (lookup.kind === 'miss') requests.set(lookup.ticket.id, request)
      return lookup
    }
    return changed(store, {
      lookup: (request) => lookupFor(0, request),
      lookupFor,
      fill: async (ticket, fill) => {
        store.abandon(ticket)
        const request = requests.get(ticket.id)
        if (request === undefined) return false
        const late = await store.lookup({ ...request, refresh: true })
        return late.kind === 'miss' && store.fill(late.ticket, fill)
      },
    })
  },
}

/** Cache-aside: whatever was loaded is kept until somebody deletes it, which writers do after their commit. */
export const stampsNothing: StoreFlaws = {
  coarse: true,
  owned: (store) => {
    const entries = new Map<string, Fill>()
    const drop = (slots: readonly number[]): void => {
      for (const [key, { program }] of entries) {
        if (slotsOf(program).some((slot) => slots.includes(slot))) entries.delete(key)
      }
    }
    const found = (request: LookupRequest): Lookup | undefined => {
      const value = entries.get(request.key)?.value
      return value === undefined ? undefined : { kind: 'hit', value, stamp: 0, epoch: '' }
    }
    const deleting = changedAuthority(store, {
      settle: (mark, touched) => {
        drop(touched)
        store.authority.settle(mark, touched)
      },
      bump: (slots) => {
        drop(slots)
        return store.authority.bump(slots)
      },
    })
    return changed(deleting, {
      lookup: (request) => found(request) ?? store.lookup(request),
      lookupFor: (owner, request) => found(request) ?? store.lookupFor(owner, request),
      fill: (ticket, fill) => {
        entries.set(ticket.key, fill)
        return store.fill(ticket, fill)
      },
      clear: (selection) => {
        entries.clear()
        return store.clear(selection)
      },
    })
  },
}

/** A clear drops what is there and lets in what is under way. */
export const clearsEntriesOnly: StoreFlaws = {
  coarse: true,
  owned: (store) => {
    // Until something new is stored under its key, an entry from before the clear is passed over.
    const known = new Set<string>()
    const cleared = new Set<string>()
    const lookupFor = (owner: number, request: LookupRequest): ReturnType<OwnedStore['lookup']> =>
      store.lookupFor(owner, {
        ...request,
        refresh: request.refresh || cleared.has(request.key),
      })
    return changed(store, {
      lookup: (request) => lookupFor(0, request),
      lookupFor,
      fill: (ticket, fill) => {
        const stored = store.fill(ticket, fill)
        if (stored === true) {
          known.add(ticket.key)
          cleared.delete(ticket.key)
        }
        return stored
      },
      clear: () => {
        for (const key of known) cleared.add(key)
      },
    })
  },
}

type Holds = MemoryStore['authority']['clocks']['holds']

/** Replaces the check of programs in the store's heap. */
function judging(
  flawed: (sound: Holds, clocks: MemoryStore['authority']['clocks']) => Holds,
): StoreFlaws {
  return {
    heap: ({ authority: { clocks } }) => {
      clocks.holds = flawed(clocks.holds.bind(clocks), clocks)
    },
  }
}

/** Entries count as valid while a write that may change them is under way. */
export const servesWhilePending: StoreFlaws = judging(
  (_sound, clocks) => (program, stamp) => !clocks.touchedSince(program, stamp),
)

/** Of alternatives, one that is pending counts as usable. */
export const trustsPendingAlternatives: StoreFlaws = judging(
  (sound, clocks) =>
    ({ all, any }, stamp) =>
      sound({ all, any: [] }, stamp) &&
      any.every((group) => group.some((program) => !clocks.touchedSince(program, stamp))),
)

/** Readers of what is pending get tickets too. */
export const ticketsWhilePending: StoreFlaws = {
  heap: ({ authority: { clocks } }) => {
    clocks.pending = () => false
  },
}

/** What a worker keeps of an entry. */
interface Copy {
  readonly value: StoredValue
  readonly program: Program
}

/** Each process keeps copies, which the others tell it to drop, without waiting for it. */
export const pushesInvalidations: StoreFlaws = {
  seen: (store, { name, stage, broadcast, onBroadcast }) => {
    const copies = new Map<string, Copy>()
    const note = (): void => stage.trace.changes(`copies of ${name}`)
    const drop = (slots: readonly number[]): void => {
      note()
      for (const [key, { program }] of copies) {
        if (slotsOf(program).some((slot) => slots.includes(slot))) copies.delete(key)
      }
    }
    onBroadcast((slots) => drop(slots as readonly number[]))
    const tell = (slots: readonly number[]): void => {
      drop(slots)
      broadcast(slots)
    }
    const { authority } = store
    return {
      kind: store.kind,
      authority: {
        slotCount: authority.slotCount,
        isLocal: authority.isLocal,
        mark: (request) => authority.mark(request),
        settle: (mark, touched) => {
          authority.settle(mark, touched)
          tell(touched)
        },
        settleLater: (mark) => authority.settleLater(mark),
        lastTouch: (slot) => authority.lastTouch(slot),
        bump: async (slots) => {
          await authority.bump(slots)
          tell(slots)
        },
      },
      glance: () => undefined,
      lookup: async (request) => {
        note()
        const copy = copies.get(request.key)
        if (copy !== undefined) return { kind: 'hit', value: copy.value, stamp: 0, epoch: '' }
        const answer = await store.lookup(request)
        note()
        if (answer.kind === 'hit') {
          copies.set(request.key, { value: answer.value, program: request.program })
        }
        return answer
      },
      fill: async (ticket, fill) => {
        const stored = await store.fill(ticket, fill)
        note()
        if (stored) copies.set(ticket.key, fill)
        return stored
      },
      abandon: (ticket) => store.abandon(ticket),
      clear: (selection) => store.clear(selection),
      stats: () => store.stats(),
      close: () => store.close(),
    }
  },
}
