import { MillraceError } from '../base/errors.ts'
import type { CacheCounters } from '../cache/counters.ts'
import { EVERYTHING_SLOT } from '../coherence/tag-space.ts'
import type { Store } from '../contract/store.ts'
import type { CacheControl } from '../database/controls.ts'
import type { BuilderShape } from '../knex/client-shape.ts'
import type { TappedConnection } from '../knex/tapped-connection.ts'

/** `DB.cache` over the connections and the store that they share. */
export function createCacheControl(
  connections: ReadonlyMap<string, TappedConnection>,
  store: Store,
  counters: CacheCounters,
): CacheControl {
  const named = (name: string): TappedConnection => {
    const connection = connections.get(name)
    if (connection !== undefined) return connection
    throw new MillraceError('MILLRACE_CONNECTION_UNKNOWN', `There is no connection "${name}".`, {
      remedy: `Open are: ${[...connections.keys()].join(', ')}.`,
    })
  }
  /** Tables of `default` by their name, those of others as `connection.table`. */
  const nameOf = (tag: string): string => {
    for (const [name, connection] of connections) {
      const table = connection.tableOfTag(tag)
      if (table !== undefined) return name === 'default' ? table : `${name}.${table}`
    }
    return tag
  }
  return {
    async clear(connection, table) {
      if (connection !== undefined) {
        await named(connection).clear(table)
        return
      }
      if (table !== undefined) {
        await named('default').clear(table)
        return
      }
      await store.authority.bump([EVERYTHING_SLOT])
      await store.clear({ kind: 'all' })
    },
    async stats() {
      return counters.report(await store.stats(), nameOf)
    },
    async explain(query) {
      const builder = query as unknown as BuilderShape
      for (const connection of connections.values()) {
        if (connection.owns(builder)) return await connection.explain(builder)
      }
      throw new MillraceError(
        'MILLRACE_CONNECTION_UNKNOWN',
        'The query given to DB.cache.explain() was not made by one of its connections.',
        { remedy: 'Give it a builder or raw query of DB, or of DB.<connection>.' },
      )
    },
  }
}
