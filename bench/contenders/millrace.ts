import { millrace } from '../../src/index.ts'
import { configOf } from '../../test/support/database-config.ts'
import type { Contender, OpenContender, Promises } from './contender.ts'
import { queryOf, type Post } from './posts.ts'

const promises: Promises = { invalidation: 'by row values', answer: 'a copy', stale: 'never' }

/** Millrace with its defaults, but for a lifetime that outlasts the run. In a worker of `node:cluster` the entries are the primary's. */
function cachedBy(
  id: Contender['id'],
  title: string,
  database: Contender['database'],
  frozen: boolean,
): Contender {
  return {
    id,
    title,
    database,
    race: database === 'sqlite' && id !== 'millrace-worker' ? 'postgres' : 'itself',
    packages: [],
    promises: frozen ? { ...promises, answer: 'frozen, shared' } : promises,
    async open(address): Promise<OpenContender> {
      const db = await millrace<{ posts: Post }>({
        connection: configOf(address),
        buffer: false,
        cache: { frozen },
      })
      return {
        ask: (question) => (value) => queryOf(db.posts.cache(3600), question, value),
        async loads() {
          const { misses, bypasses } = await db.cache.stats()
          return Object.values(bypasses).reduce((sum, count) => sum + count, misses)
        },
        retitle: async (id, title) => await db.posts.where({ id }).update({ title }),
        close: () => db.close(),
      }
    },
  }
}

export const millraceSqlite: Contender = cachedBy('millrace-sqlite', 'Millrace', 'sqlite', false)
export const millraceFrozen: Contender = cachedBy(
  'millrace-frozen',
  'Millrace, frozen',
  'sqlite',
  true,
)
export const millracePostgres: Contender = cachedBy(
  'millrace-postgres',
  'Millrace, PostgreSQL',
  'postgres',
  false,
)
export const millraceMysql: Contender = cachedBy(
  'millrace-mysql',
  'Millrace, MariaDB',
  'mysql',
  false,
)
export const millraceWorker: Contender = cachedBy(
  'millrace-worker',
  'Millrace, cluster worker',
  'sqlite',
  false,
)
