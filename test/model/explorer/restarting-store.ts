import type { Awaitable } from '../../../src/base/awaitable.ts'
import type { Mark, MarkRequest, Slot } from '../../../src/contract/authority.ts'
import type {
  ClearSelection,
  Fill,
  Lookup,
  LookupRequest,
  StoreStats,
  Ticket,
} from '../../../src/contract/store.ts'
import type { OwnedAuthority, OwnedStore } from '../../../src/stores/cluster/owned-store.ts'
import type { Stage } from './stage.ts'

/**
 * A store that can lose its state, as one behind a network can, while readers hold tickets of it and writers hold marks. It comes back empty, in
 * a new life; marks that stand are raised again in it before anybody is answered, as their holders would do when they connect.
 *
 * What is under test is what remains: tickets of the old life in the hands of readers. Catalogs are dated by the old life's numbers, so the new
 * one begins with a change of the schema that is later than all of them.
 */
export class RestartingStore implements OwnedStore {
  readonly kind = 'memory'
  readonly authority: OwnedAuthority
  readonly #open: () => OwnedStore
  readonly #schemaSlot: Slot
  #store: OwnedStore
  readonly #marks = new Map<
    number,
    { readonly request: MarkRequest; mark: Mark; settling: boolean }
  >()
  #lastMark = 0

  /** @param restarts how often it may restart, each time in a step of its own */
  constructor(open: () => OwnedStore, stage: Stage, schemaSlot: Slot, restarts: number) {
    this.#open = open
    this.#schemaSlot = schemaSlot
    this.#store = open()
    this.#offer(stage, restarts)
    const now = (): OwnedAuthority => this.#store.authority
    this.authority = {
      slotCount: now().slotCount,
      isLocal: true,
      get epoch() {
        return now().epoch
      },
      mark: (request) => this.#mark(request),
      markFor: (_owner, request) => this.#mark(request),
      settle: (mark, touched) => {
        now().settle(this.#current(mark), touched)
        this.#marks.delete(mark.id)
      },
      settleLater: (mark) => {
        const standing = this.#marks.get(mark.id)
        if (standing !== undefined) standing.settling = true
        now().settleLater(this.#current(mark))
      },
      lastTouch: (slot: Slot) => now().lastTouch(slot),
      bump: (slots) => now().bump(slots),
    }
  }

  glance(): undefined {
    return undefined
  }

  lookup(request: LookupRequest): Awaitable<Lookup> {
    return this.#store.lookup(request)
  }

  lookupFor(owner: number, request: LookupRequest): Awaitable<Lookup> {
    return this.#store.lookupFor(owner, request)
  }

  fill(ticket: Ticket, fill: Fill): Awaitable<boolean> {
    return this.#store.fill(ticket, fill)
  }

  abandon(ticket: Ticket): void {
    this.#store.abandon(ticket)
  }

  clear(selection: ClearSelection): Awaitable<void> {
    return this.#store.clear(selection)
  }

  stats(): Awaitable<StoreStats> {
    return this.#store.stats()
  }

  ownerGone(owner: number): void {
    this.#store.ownerGone(owner)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #offer(stage: Stage, restarts: number): void {
    if (restarts === 0) return
    stage.offerMishap('the store loses its state', () => {
      stage.trace.changes('store')
      this.#restart()
      this.#offer(stage, restarts - 1)
    })
  }

  #restart(): void {
    const changed = this.#store.authority.lastTouch(this.#schemaSlot) as number
    void this.#store.close()
    this.#store = this.#open()
    for (const standing of this.#marks.values()) {
      standing.mark = this.#store.authority.mark(standing.request) as Mark
      if (standing.settling) this.#store.authority.settleLater(standing.mark)
    }
    // Last: it widens them, as any change of the schema does that may have been forgotten.
    for (let at = 0; at <= changed; at++) void this.#store.authority.bump([this.#schemaSlot])
  }

  #mark(request: MarkRequest): Mark {
    const mark = this.#store.authority.mark(request) as Mark
    const id = ++this.#lastMark
    this.#marks.set(id, { request, mark, settling: false })
    return { id, watched: mark.watched }
  }

  #current({ id, watched }: Mark): Mark {
    return this.#marks.get(id)?.mark ?? { id: -1, watched }
  }
}
