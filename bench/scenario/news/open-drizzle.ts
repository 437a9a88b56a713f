import pg from 'pg'
import type { DatabaseAddress } from '../../../test/support/database-config.ts'
import { loadPeer } from '../../contenders/peers/peer-package.ts'
import type { OpenedSite } from './opened-site.ts'
import { ormSite } from './orm-site.ts'
import type { SelectText, SqlText, SqlValue } from './sql-text.ts'

/** What is used of `drizzle-orm`. Its tables and pieces of SQL are only passed on. */
interface DrizzleCore {
  readonly sql: ((parts: readonly string[], ...values: readonly SqlValue[]) => DrizzleSql) & {
    raw(text: string): DrizzleSql
  }
}
interface DrizzlePostgres {
  pgTable(name: string, columns: object): DrizzleTable
  alias(table: DrizzleTable, name: string): DrizzleTable
}
interface DrizzleNodePostgres {
  drizzle(config: {
    readonly client: pg.Pool
    readonly cache: DrizzleCache
    readonly logger: { logQuery(): void }
  }): DrizzleDatabase
}
interface DrizzleSql {
  readonly queryChunks: readonly unknown[]
}
type DrizzleTable = object
interface DrizzleDatabase {
  select(columns: Readonly<Record<string, DrizzleSql>>): {
    from(table: DrizzleTable): { $dynamic(): DrizzleQuery }
  }
  execute(statement: DrizzleSql): Promise<unknown>
  transaction(work: (tx: Pick<DrizzleDatabase, 'execute'>) => Promise<void>): Promise<void>
  readonly $cache: { invalidate(what: { readonly tables: readonly string[] }): Promise<void> }
}
interface DrizzleQuery extends PromiseLike<unknown[]> {
  innerJoin(table: DrizzleTable, on: DrizzleSql): DrizzleQuery
  where(condition: DrizzleSql): DrizzleQuery
  groupBy(expression: DrizzleSql): DrizzleQuery
  orderBy(...expressions: DrizzleSql[]): DrizzleQuery
  limit(count: number): DrizzleQuery
  $withCache(how: { readonly config: { readonly ex: number } }): DrizzleQuery
}

/**
 * Drizzle with its cache, on PostgreSQL: `$withCache()` on queries, and a cache class of the form that its documentation shows, with a Map
 * where that has Keyv. It keeps which keys a table is used in, and drops them all when the table is written to. Drizzle does not handle
 * transactions (so documented): after a transaction the application invalidates its tables, with `$cache.invalidate`.
 */
export async function openDrizzle({ connection }: DatabaseAddress): Promise<OpenedSite> {
  const { sql } = await loadPeer<DrizzleCore>('drizzle-orm')
  const { pgTable, alias } = await loadPeer<DrizzlePostgres>('drizzle-orm', 'drizzle-orm/pg-core')
  const { drizzle } = await loadPeer<DrizzleNodePostgres>(
    'drizzle-orm',
    'drizzle-orm/node-postgres',
  )
  const pool = new pg.Pool({ ...connection, max: 8 })
  const cache = new DrizzleCache()
  let statements = 0
  const db = drizzle({ client: pool, cache, logger: { logQuery: () => (statements += 1) } })
  const tables = new Map<string, DrizzleTable>()
  const aliased = (name: string, as: string): DrizzleTable => {
    let table = tables.get(name)
    if (table === undefined) tables.set(name, (table = alias(pgTable(name, {}), as)))
    return table
  }
  const toSql = ({ parts, values }: SqlText): DrizzleSql => sql(parts, ...values)
  const build = (query: SelectText): DrizzleQuery => {
    const { columns, from, joins = [], where, groupBy, orderBy = [], limit } = query
    const selected = Object.entries(columns).map(([name, column]) => [name, sql.raw(column)])
    let built = db
      .select(Object.fromEntries(selected) as Record<string, DrizzleSql>)
      .from(aliased(...from))
      .$dynamic()
    for (const [table, as, on] of joins) built = built.innerJoin(aliased(table, as), sql.raw(on))
    if (where !== undefined) built = built.where(toSql(where))
    if (groupBy !== undefined) built = built.groupBy(sql.raw(groupBy))
    if (orderBy.length > 0) built = built.orderBy(...orderBy.map((by) => sql.raw(by.join(' '))))
    return limit === undefined ? built : built.limit(limit)
  }
  const site = ormSite({
    ask: async <Row>(query: SelectText, { cached }: { readonly cached: boolean }) => {
      const built = build(query)
      return (await (cached ? built.$withCache({ config: { ex: 3600 } }) : built)) as Row[]
    },
    run: async (statement) => {
      await db.execute(toSql(statement))
    },
    transaction: async (written, work) => {
      await db.transaction((tx) =>
        work(async (statement) => {
          await tx.execute(toSql(statement))
        }),
      )
      await db.$cache.invalidate({ tables: written })
    },
  })
  return {
    site,
    figures: () => {
      const { reads: cachedReads, hits } = cache
      // It logs a query before it asks the cache.
      return Promise.resolve({ statements: statements - hits, cachedReads, hits })
    },
    settle: () => Promise.resolve(),
    close: () => pool.end(),
  }
}

/** The documented class, in memory. */
class DrizzleCache {
  reads = 0
  hits = 0
  readonly #entries = new Map<string, { readonly response: unknown; readonly until: number }>()
  readonly #keysOf = new Map<string, Set<string>>()

  strategy(): 'explicit' {
    return 'explicit'
  }

  get(key: string): Promise<unknown> {
    this.reads += 1
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.until < Date.now()) return Promise.resolve(undefined)
    this.hits += 1
    return Promise.resolve(entry.response)
  }

  put(
    key: string,
    response: unknown,
    tables: readonly string[],
    _isTag: boolean,
    { ex = 1 }: { readonly ex?: number } = {},
  ): Promise<void> {
    this.#entries.set(key, { response, until: Date.now() + ex * 1000 })
    for (const table of tables) {
      const keys = this.#keysOf.get(table)
      if (keys === undefined) this.#keysOf.set(table, new Set([key]))
      else keys.add(key)
    }
    return Promise.resolve()
  }

  /** Here they always come as names: this site's writes are transactions, and those are invalidated by name. */
  onMutate({ tables }: { readonly tables: readonly string[] }): Promise<void> {
    for (const table of tables) {
      for (const key of this.#keysOf.get(table) ?? []) this.#entries.delete(key)
      this.#keysOf.delete(table)
    }
    return Promise.resolve()
  }
}
