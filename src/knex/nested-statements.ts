import { AsyncLocalStorage } from 'node:async_hooks'
import type { SessionState } from '../coherence/session-state.ts'
import type { ClientShape } from './client-shape.ts'

/**
 * Knows the statements that a client sends from within another one, such as the `set` before each statement of a tenant: they belong to the
 * turn of that one, and would wait for themselves.
 */
export class NestedStatements {
  readonly #inside = new AsyncLocalStorage<SessionState>()

  /** For clients that send such statements; undefined for Knex's own, which send none: following promises is not free. */
  static of(client: ClientShape): NestedStatements | undefined {
    const isExtended =
      typeof client.config.client === 'function' ||
      Object.hasOwn(client, '_query') ||
      Object.hasOwn(client, 'query')
    return isExtended ? new NestedStatements() : undefined
  }

  /** Sends a statement, or several: what they send themselves is within them. */
  within<T>(session: SessionState, send: () => T): T {
    return this.#inside.run(session, send)
  }

  /** Whether the caller is within a statement of this session. */
  isWithin(session: SessionState): boolean {
    return this.#inside.getStore() === session
  }
}
