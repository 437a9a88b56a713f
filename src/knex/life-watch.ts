import type { LifeRegister } from '../coherence/database-lives.ts'
import type { Slot } from '../contract/authority.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { EventSink } from '../contract/events.ts'
import { readLife } from '../sql/life.ts'
import type { CatalogKeeper, QueryOnConnection } from './catalog-keeper.ts'
import type { PooledConnection } from './plain-client.ts'

/** What a {@link LifeWatch} works with. */
export interface LifeWatchParts {
  readonly dialect: Dialect
  readonly register: LifeRegister
  /** What the register knows the database by. */
  readonly database: string
  /** What to touch when the database has another life. */
  readonly slots: readonly Slot[]
  readonly catalog: Pick<CatalogKeeper, 'reload'>
  /** The connection's name, for events. */
  readonly connection: string
  readonly onEvent: EventSink
}

/**
 * Looks at every physical connection once, before anyone uses it: does it lead to the life of the database that the cache
 * knows? If not, all entries of the database are touched and its catalog is read again first.
 */
export class LifeWatch {
  readonly #parts: LifeWatchParts
  readonly #looked = new WeakSet<PooledConnection>()
  #life: string | undefined

  constructor(parts: LifeWatchParts) {
    this.#parts = parts
  }

  /** Whether a connection was looked at. */
  knows(connection: PooledConnection): boolean {
    return this.#looked.has(connection)
  }

  /** Learns the database's life from the first connection. */
  async learn(connection: PooledConnection, query: QueryOnConnection): Promise<void> {
    const life = await this.#read(query)
    this.#looked.add(connection)
    await this.#report(life)
  }

  /** Looks at a connection that was not looked at yet. Never rejects: a connection that is broken tells so when it is used. */
  async look(connection: PooledConnection, query: QueryOnConnection): Promise<void> {
    const life = await this.#read(query)
    this.#looked.add(connection)
    if (life !== undefined && life === this.#life) return
    const changed = await this.#report(life).catch(() => false)
    // Otherwise the touched schema slot has it read as soon as it is needed.
    if (life !== undefined) await this.#parts.catalog.reload(query)
    if (changed)
      this.#parts.onEvent({ type: 'database-changed', connection: this.#parts.connection })
  }

  async #report(life: string | undefined): Promise<boolean> {
    const { register, database, slots } = this.#parts
    const known = this.#life
    await register.report({ database, life, slots })
    // Noted last: if it could not be reported, the next connection tries again.
    this.#life = life
    return life !== undefined && known !== undefined
  }

  async #read(query: QueryOnConnection): Promise<string | undefined> {
    try {
      return await readLife(this.#parts.dialect, query)
    } catch {
      return undefined
    }
  }
}
