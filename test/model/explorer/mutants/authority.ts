import type { Awaitable } from '../../../../src/base/awaitable.ts'
import type { Mark, MarkRequest, Slot } from '../../../../src/contract/authority.ts'
import type { OwnedAuthority, OwnedStore } from '../../../../src/stores/cluster/owned-store.ts'
import type { StoreFlaws } from '../deployment.ts'
import type { Stage } from '../stage.ts'
import { tags } from '../tag-slots.ts'
import { changed, changedAuthority } from './changed-store.ts'

/** Replaces how marks are made, for this process and for workers alike. */
function marking(
  store: OwnedStore,
  mark: (owner: number, request: MarkRequest) => Awaitable<Mark>,
  rest: Partial<OwnedAuthority> = {},
): OwnedStore {
  return changedAuthority(store, {
    mark: (request) => mark(0, request),
    markFor: (owner, request) => mark(owner, request),
    ...rest,
  })
}

/** Does something with the mark once it stands. */
function then(mark: Awaitable<Mark>, note: (mark: Mark) => void): Awaitable<Mark> {
  if (mark instanceof Promise) {
    return mark.then((one) => {
      note(one)
      return one
    })
  }
  note(mark)
  return mark
}

/** Remembers the slots of each mark. */
function remembering(
  store: OwnedStore,
  parts: (slots: Map<number, readonly Slot[]>) => Partial<OwnedAuthority>,
): OwnedStore {
  const slots = new Map<number, readonly Slot[]>()
  return marking(
    store,
    (owner, request) =>
      then(store.authority.markFor(owner, request), ({ id }) => slots.set(id, request.slots)),
    parts(slots),
  )
}

/** Does something to the store in a step of its own. */
function later(stage: Stage, label: string, run: () => Awaitable<void>): void {
  stage.offer(label, () => {
    stage.trace.changes('store')
    void run()
  })
}

const noMark: Mark = { id: 0, watched: 0 }

/** Entries are invalidated before the write is sent, and that is all. */
export const bumpsBeforeOnly: StoreFlaws = {
  owned: (store) =>
    marking(
      store,
      async (_owner, { slots }) => {
        await store.authority.bump(slots)
        return noMark
      },
      { settle: () => undefined, settleLater: () => undefined },
    ),
}

/** Entries are invalidated after the write, and nothing is said before. */
export const bumpsAfterOnly: StoreFlaws = {
  owned: (store) => {
    const slots = new Map<number, readonly Slot[]>()
    return marking(
      store,
      (_owner, request) => {
        slots.set(slots.size + 1, request.slots)
        return { id: slots.size, watched: 0 }
      },
      {
        settle: (_mark, touched) => void store.authority.bump(touched),
        settleLater: ({ id }) => void store.authority.bump(slots.get(id) ?? []),
      },
    )
  },
}

/** A mark is lifted after a commit, but nothing is touched. */
export const touchesNothing: StoreFlaws = {
  owned: (store) => changedAuthority(store, { settle: (mark) => store.authority.settle(mark, []) }),
}

/** The mark goes first, the touch comes in a step of its own. */
export const liftsBeforeTouch: StoreFlaws = {
  owned: (store, stage) =>
    changedAuthority(store, {
      settle: (mark, touched) => {
        store.authority.settle(mark, [])
        if (touched.length > 0) later(stage, 'the touch', () => store.authority.bump(touched))
      },
    }),
}

/** What the mark does not cover is touched after it has been lifted. */
export const touchesTheRestLater: StoreFlaws = {
  owned: (store, stage) =>
    remembering(store, (slots) => ({
      settle: (mark, touched) => {
        const marked = slots.get(mark.id) ?? []
        const rest = touched.filter((slot) => !marked.includes(slot))
        const covered = touched.filter((slot) => marked.includes(slot))
        store.authority.settle(mark, covered)
        if (rest.length > 0) later(stage, 'the rest', () => store.authority.bump(rest))
      },
    })),
}

/** What the mark does not cover is forgotten. */
export const touchesMarkedOnly: StoreFlaws = {
  owned: (store) =>
    remembering(store, (slots) => ({
      settle: (mark, touched) => {
        const marked = slots.get(mark.id) ?? []
        const covered = touched.filter((slot) => marked.includes(slot))
        store.authority.settle(mark, covered)
      },
    })),
}

/** A write of unknown outcome counts as done. */
export const settlesUnknownAtOnce: StoreFlaws = {
  owned: (store) =>
    remembering(store, (slots) => ({
      settleLater: (mark) => store.authority.settle(mark, slots.get(mark.id) ?? []),
    })),
}

/** A write of unknown outcome counts as never having been. */
export const liftsUnknown: StoreFlaws = {
  owned: (store) =>
    changedAuthority(store, { settleLater: (mark) => store.authority.settle(mark, []) }),
}

/** A mark ends by itself after a while, its write done or not. */
export const marksExpire: StoreFlaws = {
  owned: (store, stage: Stage) => {
    const clock = stage.clockOf('store', 'store')
    const cancels = new Map<number, () => void>()
    return marking(
      store,
      (owner, request) =>
        then(store.authority.markFor(owner, request), (mark) => {
          const expire = (): void => store.authority.settle(mark, request.slots)
          cancels.set(mark.id, clock.after(5000, expire))
        }),
      {
        settle: (mark, touched) => {
          cancels.get(mark.id)?.()
          store.authority.settle(mark, touched)
        },
      },
    )
  },
}

/** Marks of a dead owner are lifted without a touch. */
export const liftsMarksOfTheDead: StoreFlaws = {
  owned: (store) => {
    const marks = new Map<number, Mark[]>()
    const marked = marking(store, (owner, request) =>
      then(store.authority.markFor(owner, request), (mark) => {
        marks.set(owner, [...(marks.get(owner) ?? []), mark])
      }),
    )
    return changed(marked, {
      ownerGone: (owner) => {
        for (const mark of marks.get(owner) ?? []) store.authority.settle(mark, [])
        store.ownerGone(owner)
      },
    })
  },
}

/** Marks of a dead owner are touched as soon as it is dead, though its COMMIT may be on the wire. */
export const settlesMarksOfTheDeadAtOnce: StoreFlaws = {
  owned: (store) =>
    marking(store, (owner, request) =>
      store.authority.markFor(owner, { ...request, settleDelayMs: 0 }),
    ),
}

const table = tags.table('t')

/** Marks do not cover the slots that stand for what only the answer can tell. */
function unmarked(left: readonly Slot[]): StoreFlaws {
  return {
    owned: (store) => {
      return marking(store, (owner, request) =>
        store.authority.markFor(owner, {
          ...request,
          slots: request.slots.filter((slot) => !left.includes(slot)),
        }),
      )
    },
  }
}

/** `T.c?` is not marked. */
export const marksNoUnknownValues: StoreFlaws = unmarked([
  table.column('id').unknown,
  table.column('tenant').unknown,
])

/** `T?` is not marked. */
export const marksNoUnknownRows: StoreFlaws = unmarked([table.unknownRows])

/** A standing mark stays as it is when the schema changes. */
export const widensNothing: StoreFlaws = {
  owned: (store) =>
    marking(store, async (owner, request) => {
      const unwatched = store.authority.slotCount - 1
      const { id } = await store.authority.markFor(owner, { ...request, watch: unwatched })
      return { id, watched: await store.authority.lastTouch(request.watch) }
    }),
}

/** Nobody tells a writer that the schema has changed before its mark. */
export const tellsNoSchema: StoreFlaws = {
  owned: (store) =>
    marking(store, async (owner, request) => {
      const { id } = await store.authority.markFor(owner, request)
      return { id, watched: 0 }
    }),
}

/** The writer goes on without waiting for anybody, and says afterwards what it did. */
export const announcesAsynchronously: StoreFlaws = {
  seen: (store) => {
    const { authority } = store
    return {
      kind: store.kind,
      authority: {
        slotCount: authority.slotCount,
        isLocal: authority.isLocal,
        mark: () => noMark,
        settle: (_mark, touched) => void Promise.resolve(authority.bump(touched)).catch(ignore),
        settleLater: () => undefined,
        lastTouch: (slot) => authority.lastTouch(slot),
        bump: (slots) => authority.bump(slots),
      },
      glance: () => undefined,
      lookup: (request) => store.lookup(request),
      fill: (ticket, fill) => store.fill(ticket, fill),
      abandon: (ticket) => store.abandon(ticket),
      clear: (selection) => store.clear(selection),
      stats: () => store.stats(),
      close: () => store.close(),
    }
  },
}

function ignore(): void {
  // Nobody is told.
}
