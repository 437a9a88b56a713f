import type { DatabaseAddress } from '../../../test/support/database-config.ts'
import { loadPeer } from '../../contenders/peers/peer-package.ts'
import type { OpenedSite } from './opened-site.ts'
import { ormSite } from './orm-site.ts'
import type { SelectText, SqlText, SqlValue } from './sql-text.ts'

/** What is used of `typeorm`. */
interface TypeOrm {
  readonly DataSource: new (options: object) => DataSource
}
interface DataSource {
  initialize(): Promise<unknown>
  destroy(): Promise<void>
  createQueryBuilder(): Select
  transaction(work: (manager: Manager) => Promise<void>): Promise<void>
  readonly manager: Manager
}
interface Manager {
  query(sql: string, parameters: readonly SqlValue[]): Promise<unknown>
}
interface Select {
  select(columns: readonly string[]): Select
  addSelect(column: string, name: string): Select
  from(table: string, alias: string): Select
  innerJoin(table: string, alias: string, on: string): Select
  where(condition: string, parameters: Readonly<Record<string, SqlValue>>): Select
  groupBy(expression: string): Select
  addOrderBy(expression: string, direction: 'ASC' | 'DESC'): Select
  limit(count: number): Select
  cache(milliseconds: number): Select
  getRawMany(): Promise<unknown[]>
}

/** A result as TypeORM hands it to a cache, and wants it back. */
interface SavedResult {
  readonly query?: string
  readonly time?: number
  readonly duration: number
  readonly result?: unknown
}

/**
 * TypeORM with its cache: `.cache(milliseconds)` on queries, and a cache provider of the documented form that keeps results in a Map. (Its
 * default is a table of the same database without an index on what it looks for; a Map is faster.) Nothing invalidates: results end by
 * their age. On SQLite there is one connection and nothing that keeps transactions apart; they wait for each other here.
 */
export async function openTypeOrm(
  { dialect, connection }: DatabaseAddress,
  lifetimeSeconds: number,
): Promise<OpenedSite> {
  const { DataSource } = await loadPeer<TypeOrm>('typeorm')
  const postgres = dialect === 'postgres'
  const cache = new ResultCache()
  let statements = 0
  const count = (): number => (statements += 1)
  const nothing = (): void => undefined
  const source = new DataSource({
    ...(postgres
      ? { type: 'postgres', ...connection, username: connection['user'], poolSize: 8 }
      : { type: 'better-sqlite3', database: connection['filename'], enableWAL: true }),
    cache: { provider: () => cache },
    logging: true,
    logger: {
      ...{ logQuery: count, logQueryError: nothing, logQuerySlow: nothing },
      ...{ logSchemaBuild: nothing, logMigration: nothing, log: nothing },
    },
  })
  await source.initialize()
  const build = (query: SelectText): Select => {
    const { columns, from, joins = [], where, groupBy, orderBy = [], limit } = query
    let built = source.createQueryBuilder().select([])
    for (const [name, column] of Object.entries(columns)) built = built.addSelect(column, name)
    built = built.from(...from)
    for (const join of joins) built = built.innerJoin(...join)
    if (where !== undefined) built = built.where(...named(where))
    if (groupBy !== undefined) built = built.groupBy(groupBy)
    for (const by of orderBy) built = built.addOrderBy(...by)
    return limit === undefined ? built : built.limit(limit)
  }
  const run = async (manager: Manager, { parts, values }: SqlText): Promise<void> => {
    const sql = parts.reduce((left, part, at) => `${left}${postgres ? `$${at}` : '?'}${part}`)
    await manager.query(sql, values)
  }
  const inTurn = postgres ? undefined : new Turns()
  const site = ormSite({
    ask: async <Row>(query: SelectText, { cached }: { readonly cached: boolean }) => {
      const built = build(query)
      if (cached) cache.reads += 1
      return (await (cached ? built.cache(lifetimeSeconds * 1000) : built).getRawMany()) as Row[]
    },
    run: (statement) => run(source.manager, statement),
    transaction: (_tables, work) => {
      const transaction = (): Promise<void> =>
        source.transaction((manager) => work((statement) => run(manager, statement)))
      return inTurn === undefined ? transaction() : inTurn.next(transaction)
    },
  })
  return {
    site,
    figures: () => {
      const hits = cache.reads - cache.stored
      return Promise.resolve({ statements, cachedReads: cache.reads, hits })
    },
    settle: () => Promise.resolve(),
    close: () => source.destroy(),
  }
}

/** A cache provider of the form that TypeORM documents. */
class ResultCache {
  reads = 0
  /** Every miss stores what it found. */
  stored = 0
  readonly #results = new Map<string, SavedResult>()

  connect(): Promise<void> {
    return Promise.resolve()
  }

  disconnect(): Promise<void> {
    return Promise.resolve()
  }

  synchronize(): Promise<void> {
    return Promise.resolve()
  }

  getFromCache({ query = '' }: SavedResult): Promise<SavedResult | undefined> {
    return Promise.resolve(this.#results.get(query))
  }

  storeInCache(saved: SavedResult): Promise<void> {
    this.stored += 1
    this.#results.set(saved.query ?? '', saved)
    return Promise.resolve()
  }

  isExpired({ time = 0, duration }: SavedResult): boolean {
    return time + duration < Date.now()
  }

  clear(): Promise<void> {
    this.#results.clear()
    return Promise.resolve()
  }

  remove(): Promise<void> {
    return Promise.resolve()
  }
}

/** One after the other. */
class Turns {
  #last: Promise<unknown> = Promise.resolve()

  next(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** TypeORM's conditions name their parameters. */
function named({ parts, values }: SqlText): [string, Record<string, SqlValue>] {
  const sql = parts.reduce((left, part, at) => {
    const value = values[at - 1]
    return `${left}${Array.isArray(value) ? `(:...p${at})` : `:p${at}`}${part}`
  })
  return [sql, Object.fromEntries(values.map((value, at) => [`p${at + 1}`, value]))]
}
