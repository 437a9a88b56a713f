import type { Awaitable } from '../base/awaitable.ts'
import type { Store, StoreBounds, StoreKind } from '../contract/store.ts'

/**
 * Opens a store that is no part of the core: what `lmdbStore({ path })` or `redisStore({ url })` return. Anything that opens
 * a {@link Store} which passes the suite of `millrace/testing` will do.
 */
export interface StoreFactory {
  readonly kind: StoreKind
  /** Opens the store. Rejects with a `MillraceError` if it cannot be reached. */
  open(bounds: StoreBounds): Awaitable<Store>
}
