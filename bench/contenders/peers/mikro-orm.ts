import { postColumns, type Post } from '../posts.ts'
import type { Contender } from '../contender.ts'
import { loadPeer } from './peer-package.ts'

interface EntityManager {
  fork(): EntityManager
  find(
    entity: string,
    where: Readonly<Record<string, number>>,
    options: {
      readonly fields: readonly string[]
      readonly orderBy?: Readonly<Record<string, 'asc'>>
      readonly limit?: number
      readonly cache: number
    },
  ): Promise<Post[]>
  nativeUpdate(
    entity: string,
    where: Readonly<Record<string, number>>,
    values: Readonly<Record<string, unknown>>,
  ): Promise<number>
}

interface Core {
  readonly EntitySchema: new (options: {
    readonly name: string
    readonly tableName: string
    readonly properties: Readonly<Record<string, object>>
  }) => unknown
}

interface Driver {
  readonly MikroORM: {
    init(options: {
      readonly dbName: string
      readonly entities: readonly unknown[]
      readonly debug: readonly string[]
      logger(message: string): void
    }): Promise<{
      readonly em: EntityManager
      readonly config: { getResultCacheAdapter(): { clear(): unknown } }
      close(): Promise<void>
    }>
  }
}

/** The result cache as it is by default, in memory; a fork of the entity manager for each question, as a request has one. */
export const mikroOrm: Contender = {
  id: 'mikro-orm',
  title: 'MikroORM, result cache',
  database: 'sqlite',
  packages: ['@mikro-orm/core', '@mikro-orm/better-sqlite'],
  promises: { invalidation: 'by hand', answer: 'a copy', stale: 'possible' },
  async open({ connection }) {
    const { EntitySchema } = await loadPeer<Core>('@mikro-orm/core')
    const { MikroORM } = await loadPeer<Driver>('@mikro-orm/better-sqlite')
    const properties = Object.fromEntries(
      postColumns.map((name) => [
        name,
        {
          type: name === 'title' || name === 'body' ? 'string' : 'number',
          fieldName: name,
          nullable: name === 'body',
          ...(name === 'id' ? { primary: true } : {}),
        },
      ]),
    )
    let loads = 0
    const orm = await MikroORM.init({
      dbName: String(connection['filename']),
      entities: [new EntitySchema({ name: 'Post', tableName: 'posts', properties })],
      debug: ['query'],
      logger(message) {
        if (message.includes('from `posts`')) loads += 1
      },
    })
    return {
      ask({ columns, by, limit }) {
        return (value) =>
          orm.em.fork().find(
            'Post',
            { [by]: value },
            {
              fields: columns,
              ...(by === 'category' ? { orderBy: { id: 'asc' } } : {}),
              ...(limit === undefined ? {} : { limit }),
              cache: 3_600_000,
            },
          )
      },
      loads: () => loads,
      retitle: (id, title) => orm.em.fork().nativeUpdate('Post', { id }, { title }),
      forget: () => orm.config.getResultCacheAdapter().clear(),
      close: () => orm.close(),
    }
  },
}
