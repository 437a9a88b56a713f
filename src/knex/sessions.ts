import { SessionState } from '../coherence/session-state.ts'
import type { PooledConnection } from './plain-client.ts'

/** What is known about the physical connections of one Knex instance. */
export class Sessions {
  readonly #states = new WeakMap<PooledConnection, SessionState>()
  readonly #open = new Set<SessionState>()
  readonly #closed = new WeakSet<SessionState>()

  /** The state of a connection. */
  of(connection: PooledConnection): SessionState {
    let state = this.#states.get(connection)
    if (state === undefined) {
      state = new SessionState()
      this.#states.set(connection, state)
    }
    return state
  }

  /**
   * Whether a transaction was opened by hand on a connection of the pool: any read of the application may be meant to run
   * in it, so none is answered from the cache until it ends.
   */
  get hasManualTransaction(): boolean {
    return this.#open.size > 0
  }

  /** Notes whether a connection has a transaction that Knex does not manage. */
  noteManual(state: SessionState, managed: boolean): void {
    const isOpen = state.scope.isOpen || state.autocommitOff
    // A statement may be answered after its connection was closed.
    if (isOpen && !managed && !this.#closed.has(state)) this.#open.add(state)
    else this.#open.delete(state)
  }

  /** A connection is closed. */
  forget(connection: PooledConnection): void {
    const state = this.#states.get(connection)
    if (state !== undefined) {
      this.#open.delete(state)
      this.#closed.add(state)
    }
    this.#states.delete(connection)
  }
}
