import { postColumns, type Post } from '../posts.ts'
import type { Contender } from '../contender.ts'
import { loadPeer } from './peer-package.ts'

type Flags = Readonly<Record<string, boolean>>

interface Repository {
  find(options: {
    readonly select: Flags
    readonly where: Readonly<Record<string, number>>
    readonly order?: Readonly<Record<string, 'ASC'>>
    readonly take?: number
    readonly cache: number
  }): Promise<Post[]>
  update(id: number, values: Readonly<Record<string, unknown>>): Promise<unknown>
}

interface Logger {
  logQuery(query: string): void
}

interface Package {
  readonly DataSource: new (options: {
    readonly type: 'better-sqlite3'
    readonly database: string
    readonly enableWAL: boolean
    readonly entities: readonly unknown[]
    readonly cache: boolean
    readonly logger: Readonly<Record<string, unknown>> & Logger
  }) => {
    initialize(): Promise<unknown>
    destroy(): Promise<void>
    readonly queryResultCache?: { synchronize(): Promise<void>; clear(): Promise<void> }
    getRepository(name: string): Repository
  }
  readonly EntitySchema: new (options: {
    readonly name: string
    readonly tableName: string
    readonly columns: Readonly<Record<string, object>>
  }) => unknown
}

/** `cache: true`, as it is by default: entries lie in a table of the same database. */
export const typeorm: Contender = {
  id: 'typeorm',
  title: 'TypeORM, cache in a table',
  database: 'sqlite',
  packages: ['typeorm'],
  promises: { invalidation: 'by hand', answer: 'a copy', stale: 'possible' },
  async open({ connection }) {
    const { DataSource, EntitySchema } = await loadPeer<Package>('typeorm')
    const columns = Object.fromEntries(
      postColumns.map((name) => [
        name,
        name === 'id'
          ? { type: 'integer', primary: true }
          : { type: name === 'title' || name === 'body' ? 'text' : 'integer', nullable: true },
      ]),
    )
    let loads = 0
    const nothing = (): void => undefined
    const source = new DataSource({
      type: 'better-sqlite3',
      database: String(connection['filename']),
      enableWAL: true,
      entities: [new EntitySchema({ name: 'Post', tableName: 'posts', columns })],
      cache: true,
      logger: {
        // A hit is a query too, on the table of the cache.
        logQuery(query) {
          if (query.includes('FROM "posts"')) loads += 1
        },
        logQueryError: nothing,
        logQuerySlow: nothing,
        logSchemaBuild: nothing,
        logMigration: nothing,
        log: nothing,
      },
    })
    await source.initialize()
    // Only the table of the cache: that of the posts is there.
    await source.queryResultCache?.synchronize()
    const posts = source.getRepository('Post')
    return {
      ask({ columns: wanted, by, limit }) {
        const select = Object.fromEntries(wanted.map((column) => [column, true]))
        return (value) =>
          posts.find({
            select,
            where: { [by]: value },
            ...(by === 'category' ? { order: { id: 'ASC' } } : {}),
            ...(limit === undefined ? {} : { take: limit }),
            cache: 3_600_000,
          })
      },
      loads: () => loads,
      retitle: (id, title) => posts.update(id, { title }),
      forget: () => source.queryResultCache?.clear(),
      close: () => source.destroy(),
    }
  },
}
