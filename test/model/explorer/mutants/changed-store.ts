import type { Slot } from '../../../../src/contract/authority.ts'
import type { Program } from '../../../../src/contract/program.ts'
import type { OwnedAuthority, OwnedStore } from '../../../../src/stores/cluster/owned-store.ts'

/** The store with some of its methods replaced. */
export function changed(store: OwnedStore, parts: Partial<OwnedStore>): OwnedStore {
  return {
    kind: store.kind,
    authority: store.authority,
    glance: () => undefined,
    lookup: (request) => store.lookup(request),
    lookupFor: (owner, request) => store.lookupFor(owner, request),
    fill: (ticket, fill) => store.fill(ticket, fill),
    abandon: (ticket) => store.abandon(ticket),
    clear: (selection) => store.clear(selection),
    ownerGone: (owner) => store.ownerGone(owner),
    stats: () => store.stats(),
    close: () => store.close(),
    ...parts,
  }
}

/** The store with some methods of its authority replaced. */
export function changedAuthority(store: OwnedStore, parts: Partial<OwnedAuthority>): OwnedStore {
  const { authority } = store
  return changed(store, {
    authority: {
      slotCount: authority.slotCount,
      isLocal: authority.isLocal,
      epoch: authority.epoch,
      mark: (request) => authority.mark(request),
      markFor: (owner, request) => authority.markFor(owner, request),
      settle: (mark, touched) => authority.settle(mark, touched),
      settleLater: (mark) => authority.settleLater(mark),
      lastTouch: (slot) => authority.lastTouch(slot),
      bump: (slots) => authority.bump(slots),
      ...parts,
    },
  })
}

/** The slots that a program consults. */
export function slotsOf({ all, any }: Program): Slot[] {
  return [...all, ...any.flatMap((group) => group.flatMap(slotsOf))]
}
