import type { Awaitable } from '../../base/awaitable.ts'
import type { Mark, MarkRequest, VersionAuthority } from '../../contract/authority.ts'
import type { Lookup, LookupRequest, Store } from '../../contract/store.ts'

/** An authority that knows for whom a mark stands. */
export interface OwnedAuthority extends VersionAuthority {
  /** The authority's life. */
  readonly epoch: string
  markFor(owner: number, request: MarkRequest): Awaitable<Mark>
}

/** A store that can serve other processes: it knows who holds a ticket or a mark, and what to do when they die. The memory store is one. */
export interface OwnedStore extends Store {
  readonly authority: OwnedAuthority
  lookupFor(owner: number, request: LookupRequest): Awaitable<Lookup>
  /** Abandons the owner's tickets; touches the slots of its marks after their settle delay. */
  ownerGone(owner: number): void
}
