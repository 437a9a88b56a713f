import type { Awaitable } from '../base/awaitable.ts'
import type { Slot, VersionAuthority } from './authority.ts'
import type { Program } from './program.ts'
import type { Snapshot } from './snapshot.ts'

/** Which store keeps the entries. */
export type StoreKind = 'memory' | 'cluster' | 'lmdb' | 'redis'

/** A result at rest: a snapshot of this heap, or the codec's bytes when another process filled it. */
export type StoredValue = Snapshot | Uint8Array

/** What a reader asks for. */
export interface LookupRequest {
  /** SHA-256 of the SQL, its bindings and everything else that changes the result. */
  readonly key: string
  /** What the query depends on, "everything" and the schema's slots included. */
  readonly program: Program
  /** The slot that tells when the schema last changed. */
  readonly watch: Slot
  /** The oldest result that this reader accepts, in milliseconds since it was filled. */
  readonly maxAgeMs: number
  /** Ask for a ticket even if there is a valid entry: the caller wants the query run. */
  readonly refresh: boolean
}

/** The right, and the duty, to run a query and to fill its result, or to abandon it. */
export interface Ticket {
  readonly id: number
  readonly key: string
  /** The authority's sequence number, read before the query is sent. */
  readonly stamp: number
  /** The authority's life in which the stamp has a meaning. */
  readonly epoch: string
  /** The sequence number of the last touch of the watched slot. */
  readonly watched: number
}

/** Why a store sends a reader to the database without a ticket. */
export type StoreBypass =
  /** A write that may change the result is under way. */
  | 'pending'
  /** Another reader's query for this key failed, was refused or took too long; this reader goes on by itself. */
  | 'contended'
  /** The shared store cannot be reached. */
  | 'store-lost'

/**
 * Why there was no entry to answer with, as far as the store can still tell: an entry that was found dead before anybody asked for it
 * again is gone, and its next reader hears `absent`.
 */
export type MissCause =
  /** No entry: never filled, evicted, cleared, or found dead and dropped meanwhile. */
  | 'absent'
  /** A write touched what the entry depended on. */
  | 'invalidated'
  /** The entry is past its TTL, or older than this reader's `maxAgeMs`. */
  | 'expired'
  /** The reader asked for `refresh`; whether there is an entry was not looked at. */
  | 'refresh'

/** A valid entry. */
export interface Hit {
  readonly kind: 'hit'
  readonly value: StoredValue
  /** The stamp of the ticket that filled the entry, and the authority's life in which it has a meaning: they tell entries apart. */
  readonly stamp: number
  readonly epoch: string
}

/** A reader's bookmark: where the store found an entry last. The store writes and reads it, and no result stays alive through it. */
export interface EntryPlace {
  entry: unknown
}

/** A store's answer to a reader. */
export type Lookup =
  | Hit
  | { readonly kind: 'miss'; readonly ticket: Ticket; readonly cause: MissCause }
  | { readonly kind: 'bypass'; readonly reason: StoreBypass }

/** A result on its way into the store. */
export interface Fill {
  readonly value: StoredValue
  /** Estimated size in bytes, counted against the bounds. */
  readonly bytes: number
  /** What the query depends on; the entry is valid while the program holds for the ticket's stamp. */
  readonly program: Program
  /**
   * The clocks of whole tables (`T*`) that the query reads: they tell which entries a coarser invalidation would have lost. They
   * decide nothing; see {@link StoreStats.kept}.
   */
  readonly tableSlots: readonly Slot[]
  /** The tables that the query reads, by tag name: the index sets that list the entry. */
  readonly tables: readonly string[]
  /** Milliseconds until the entry expires; `Infinity` for never. */
  readonly ttlMs: number
}

/** What `clear` drops. */
export type ClearSelection =
  | { readonly kind: 'all' }
  /** Every entry that reads one of these tables, by tag name. */
  | { readonly kind: 'tables'; readonly tables: readonly string[] }

/** What a store holds now, over all processes that share it. */
export interface StoreStats {
  readonly entries: number
  readonly bytes: number
  readonly evictions: number
  readonly expirations: number
  readonly refusedFills: number
  /**
   * How many times a hit found an entry valid although one of its `tableSlots` was touched after its stamp: what invalidation by table would
   * have lost. Counted once for an entry and all touches since it was counted last, not on each hit.
   */
  readonly kept: number
  /** Entries per table, by tag name. */
  readonly tables: Readonly<Record<string, number>>
}

/**
 * Home of shared entries and of the authority that validates them.
 *
 * The promise: `lookup` answers `hit` only for an entry that is valid at a moment between the call and the answer (its program holds
 * for its stamp, same epoch). Of all readers that miss one key at a time, one gets the ticket; the
 * others wait for its fill and are validated again when it lands, or go on by themselves.
 */
export interface Store {
  readonly kind: StoreKind
  readonly authority: VersionAuthority
  /**
   * A valid entry, if there is one and this process can tell so without asking anybody; `maxAgeMs` as in a {@link LookupRequest}. Undefined
   * says nothing: `lookup` may still find one. Validated as strictly as `lookup` does. `place` is the reader's, one for each key.
   */
  glance(key: string, maxAgeMs: number, place?: EntryPlace): Hit | undefined
  /** Finds a valid entry, or hands out a ticket. */
  lookup(request: LookupRequest): Awaitable<Lookup>
  /** Stores a ticket's result. `false`: refused, because a write overtook it, the entry is too large, or the ticket is void. */
  fill(ticket: Ticket, fill: Fill): Awaitable<boolean>
  /** Gives a ticket back without a result; those who wait for it go on by themselves. */
  abandon(ticket: Ticket): void
  /** Drops entries now. The caller bumps their slots first, so that no fill under way brings them back. */
  clear(selection: ClearSelection): Awaitable<void>
  stats(): Awaitable<StoreStats>
  close(): Promise<void>
}

/** The bounds of a store's entries. */
export interface StoreBounds {
  readonly maxEntries: number
  readonly maxBytes: number
  /** At most this many entries that read the table, by tag name. */
  readonly maxKeysByTable: ReadonlyMap<string, number>
}
