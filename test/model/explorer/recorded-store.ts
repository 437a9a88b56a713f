import type { Awaitable } from '../../../src/base/awaitable.ts'
import type { Mark, MarkRequest, Slot } from '../../../src/contract/authority.ts'
import type { Program } from '../../../src/contract/program.ts'
import type {
  ClearSelection,
  Fill,
  Lookup,
  LookupRequest,
  StoreStats,
  Ticket,
} from '../../../src/contract/store.ts'
import type { OwnedAuthority, OwnedStore } from '../../../src/stores/cluster/owned-store.ts'
import type { Resource, Trace } from './trace.ts'

/** How a store is recorded. */
export interface Recording {
  readonly trace: Trace
  /** Each call changes the store as a whole: for flawed ones with a memory of their own. */
  readonly coarse: boolean
  /** The slot whose touch widens marks. */
  readonly schemaSlot: Slot
  /** Marks may be widened by what is not recorded. */
  readonly widens: boolean
}

/** The store's parts in the trace. */
class Parts {
  readonly whole: Resource
  readonly #name: string
  readonly #trace: Trace
  readonly #slots: Resource[] = []
  readonly #keys = new Map<string, Resource>()

  constructor(name: string, trace: Trace) {
    this.whole = trace.named(name)
    this.#name = name
    this.#trace = trace
  }

  slot(slot: Slot): Resource {
    return (this.#slots[slot] ??= this.#trace.named(`${this.#name}, slot ${slot}`))
  }

  key(key: string): Resource {
    let resource = this.#keys.get(key)
    if (resource === undefined) {
      resource = this.#trace.named(`${this.#name}, key ${key}`)
      this.#keys.set(key, resource)
    }
    return resource
  }
}

/**
 * The store of a heap, telling the trace which of its parts each call uses:
 *
 * - a key: changed by whoever gets its ticket, joins, fills or abandons it. A hit or a bypass only looks at it; that an entry found dead
 *   is dropped by the way changes no later answer.
 * - a slot: changed by marks, settles and bumps, looked at by whatever evaluates a program with it. The sequence number is part of each
 *   slot: a stamp is only ever compared with slots, so all that counts is which of their touches came before it.
 * - all of it: changed by what reaches everything (a clear, a timer of the store, the death of an owner, a schema change, which widens
 *   marks), looked at by every other call.
 */
export class RecordedStore implements OwnedStore {
  readonly kind: OwnedStore['kind']
  readonly authority: OwnedAuthority
  readonly #store: OwnedStore
  readonly #parts: Parts
  readonly #trace: Trace
  readonly #coarse: boolean

  /** @param name of all of it in the trace; what its timers do must change that too */
  constructor(store: OwnedStore, name: string, recording: Recording) {
    const { trace, coarse } = recording
    this.kind = store.kind
    this.#store = store
    this.#parts = new Parts(name, trace)
    this.#trace = trace
    this.#coarse = coarse
    this.authority = recordedAuthority(store.authority, this.#parts, recording)
  }

  /** Readers look up what they read: a glance finds nothing that a lookup does not. */
  glance(): undefined {
    return undefined
  }

  lookup(request: LookupRequest): Awaitable<Lookup> {
    return this.#looked(request, this.#store.lookup(request))
  }

  lookupFor(owner: number, request: LookupRequest): Awaitable<Lookup> {
    return this.#looked(request, this.#store.lookupFor(owner, request))
  }

  fill(ticket: Ticket, fill: Fill): Awaitable<boolean> {
    this.#used()
    this.#trace.changes(this.#parts.key(ticket.key))
    this.#looksAt(fill.program)
    return this.#store.fill(ticket, fill)
  }

  abandon(ticket: Ticket): void {
    this.#used()
    this.#trace.changes(this.#parts.key(ticket.key))
    this.#store.abandon(ticket)
  }

  clear(selection: ClearSelection): Awaitable<void> {
    this.#trace.changes(this.#parts.whole)
    return this.#store.clear(selection)
  }

  stats(): Awaitable<StoreStats> {
    this.#trace.changes(this.#parts.whole)
    return this.#store.stats()
  }

  ownerGone(owner: number): void {
    this.#trace.changes(this.#parts.whole)
    this.#store.ownerGone(owner)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #looked(request: LookupRequest, answer: Awaitable<Lookup>): Awaitable<Lookup> {
    this.#used()
    this.#looksAt(request.program)
    this.#trace.looksAt(this.#parts.slot(request.watch))
    const onlyLooked = !(answer instanceof Promise) && answer.kind !== 'miss'
    if (onlyLooked) this.#trace.looksAt(this.#parts.key(request.key))
    else this.#trace.changes(this.#parts.key(request.key))
    return answer
  }

  #looksAt({ all, any }: Program): void {
    for (const slot of all) this.#trace.looksAt(this.#parts.slot(slot))
    for (const group of any) for (const program of group) this.#looksAt(program)
  }

  #used(): void {
    if (this.#coarse) this.#trace.changes(this.#parts.whole)
    else this.#trace.looksAt(this.#parts.whole)
  }
}

function recordedAuthority(
  authority: OwnedAuthority,
  parts: Parts,
  { trace, coarse, schemaSlot, widens }: Recording,
): OwnedAuthority {
  const { whole } = parts
  let schemaChanged = widens
  const touches = (slots: readonly Slot[]): void => {
    schemaChanged ||= slots.includes(schemaSlot)
    if (coarse || schemaChanged) trace.changes(whole)
    else trace.looksAt(whole)
    for (const slot of slots) trace.changes(parts.slot(slot))
  }
  const marked = new Map<number, readonly Slot[]>()
  const note = (mark: Mark, request: MarkRequest): Mark => {
    marked.set(mark.id, request.slots)
    return mark
  }
  const markFor = (owner: number, request: MarkRequest): Awaitable<Mark> => {
    touches(request.slots)
    trace.looksAt(parts.slot(request.watch))
    const mark = authority.markFor(owner, request)
    return mark instanceof Promise ? mark.then((one) => note(one, request)) : note(mark, request)
  }
  return {
    slotCount: authority.slotCount,
    isLocal: authority.isLocal,
    epoch: authority.epoch,
    mark: (request) => {
      touches(request.slots)
      trace.looksAt(parts.slot(request.watch))
      const mark = authority.mark(request)
      return mark instanceof Promise ? mark.then((one) => note(one, request)) : note(mark, request)
    },
    markFor,
    settle: (mark, touched) => {
      touches([...(marked.get(mark.id) ?? []), ...touched])
      authority.settle(mark, touched)
    },
    settleLater: (mark) => {
      // Its timer, or a settle delay of nothing, touches what it likes.
      trace.changes(whole)
      authority.settleLater(mark)
    },
    lastTouch: (slot) => {
      trace.looksAt(whole)
      trace.looksAt(parts.slot(slot))
      return authority.lastTouch(slot)
    },
    bump: (slots) => {
      touches(slots)
      return authority.bump(slots)
    },
  }
}
