import type { Knex } from 'knex'
import type { Query } from './shapes.ts'
import type { Subject } from './workload.ts'

/** What people write first: results by SQL and bindings, everything dropped after each write. */
export function naiveCache(knex: Knex): Subject {
  const results = new Map<string, unknown>()
  return {
    knex,
    async read(query: Query) {
      const { sql, bindings } = (query as Knex.QueryBuilder).toSQL().toNative()
      const key = JSON.stringify([sql, bindings])
      if (results.has(key)) return results.get(key)
      const result: unknown = await query
      results.set(key, result)
      return result
    },
    async write(run) {
      await run()
      results.clear()
    },
  }
}
