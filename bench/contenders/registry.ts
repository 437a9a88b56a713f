import type { Contender, ContenderId } from './contender.ts'

const modules: Readonly<Record<ContenderId, () => Promise<Contender>>> = {
  'better-sqlite3': async () => (await import('./better-sqlite3.ts')).betterSqlite3,
  pg: async () => (await import('./pg.ts')).postgres,
  mysql2: async () => (await import('./mysql2.ts')).mysql2,
  'knex-sqlite': async () => (await import('./knex.ts')).knexSqlite,
  'knex-postgres': async () => (await import('./knex.ts')).knexPostgres,
  'knex-mysql': async () => (await import('./knex.ts')).knexMysql,
  'millrace-sqlite': async () => (await import('./millrace.ts')).millraceSqlite,
  'millrace-frozen': async () => (await import('./millrace.ts')).millraceFrozen,
  'millrace-postgres': async () => (await import('./millrace.ts')).millracePostgres,
  'millrace-mysql': async () => (await import('./millrace.ts')).millraceMysql,
  'millrace-worker': async () => (await import('./millrace.ts')).millraceWorker,
  map: async () => (await import('./map.ts')).plainMap,
  bentocache: async () => (await import('./peers/bentocache.ts')).bentocache,
  cacheable: async () => (await import('./peers/cacheable.ts')).cacheable,
  'async-cache-dedupe': async () =>
    (await import('./peers/async-cache-dedupe.ts')).asyncCacheDedupe,
  'layered-loader': async () => (await import('./peers/layered-loader.ts')).layeredLoader,
  typeorm: async () => (await import('./peers/typeorm.ts')).typeorm,
  'mikro-orm': async () => (await import('./peers/mikro-orm.ts')).mikroOrm,
  drizzle: async () => (await import('./peers/drizzle.ts')).drizzle,
}

/** Every contender, in the order of tables. */
export const allContenders: readonly ContenderId[] = Object.keys(modules) as ContenderId[]

/** Loads what a contender is; the packages that it needs are loaded when it is opened. */
export function contenderOf(id: ContenderId): Promise<Contender> {
  return modules[id]()
}
