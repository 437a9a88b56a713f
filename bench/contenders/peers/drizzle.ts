import pg from 'pg'
import type { Contender } from '../contender.ts'
import type { Post, PostColumn } from '../posts.ts'
import { loadPeer } from './peer-package.ts'

/** A cache class's part in Drizzle, as far as it is used. */
interface CacheBase {
  strategy(): 'explicit' | 'all'
  get(key: string): Promise<unknown[] | undefined>
  put(key: string, response: unknown, tables: readonly string[]): Promise<void>
  onMutate(change: { readonly tables?: unknown }): Promise<void>
}

interface CachePackage {
  readonly Cache: abstract new () => object
}

interface KeyvPackage {
  readonly default: new () => {
    get(key: string): Promise<unknown[] | undefined>
    set(key: string, value: unknown, ttlMs: number): Promise<unknown>
    delete(keys: string[]): Promise<unknown>
  }
}

interface Condition {
  readonly sql: unknown
}

interface Query extends PromiseLike<Post[]> {
  from(table: unknown): Query
  where(condition: Condition): Query
  orderBy(column: unknown): Query
  limit(rows: number): Query
  $withCache(options: { readonly config: { readonly ex: number } }): Query
}

interface Database {
  select(columns: Readonly<Record<string, unknown>>): Query
  update(table: unknown): {
    set(values: Readonly<Record<string, unknown>>): {
      where(condition: Condition): PromiseLike<unknown>
    }
  }
}

interface Core {
  pgTable(
    name: string,
    columns: Readonly<Record<PostColumn, unknown>>,
  ): Readonly<Record<PostColumn, unknown>>
  integer(name: string): unknown
  varchar(name: string): unknown
  timestamp(name: string, options: { readonly withTimezone: boolean }): unknown
}

interface Drizzle {
  drizzle(options: {
    readonly client: pg.Pool
    readonly cache: object
    readonly logger: { logQuery(): void }
  }): Database
}

interface Main {
  eq(column: unknown, value: number): Condition
  getTableName(table: unknown): string
}

/**
 * On PostgreSQL: with better-sqlite3, which is synchronous, its cache is not used. Drizzle comes with a cache for one hosted Redis, and with a
 * recipe for one's own class over Keyv; this is such a class, with Keyv as it is by default. Changed tables drop the keys that read them.
 */
export const drizzle: Contender = {
  id: 'drizzle',
  title: 'Drizzle, own class over Keyv',
  database: 'postgres',
  race: 'itself',
  packages: ['drizzle-orm', 'keyv'],
  promises: { invalidation: 'by table', answer: 'a copy', stale: 'possible' },
  async open({ connection }) {
    const { drizzle: open } = await loadPeer<Drizzle>('drizzle-orm', 'drizzle-orm/node-postgres')
    const { pgTable, integer, varchar, timestamp } = await loadPeer<Core>(
      'drizzle-orm',
      'drizzle-orm/pg-core',
    )
    const { eq, getTableName } = await loadPeer<Main>('drizzle-orm')
    const posts = pgTable('posts', {
      id: integer('id'),
      title: varchar('title'),
      views: integer('views'),
      category: integer('category'),
      author_id: integer('author_id'),
      published_at: timestamp('published_at', { withTimezone: true }),
      body: varchar('body'),
      active: integer('active'),
    })
    let loads = 0
    const client = new pg.Pool({ ...connection, max: 8 })
    const cache = await cacheOver(getTableName, () => (loads += 1))
    const db = open({ client, cache, logger: { logQuery: () => undefined } })
    return {
      ask({ columns, by, limit }) {
        const wanted = Object.fromEntries(columns.map((column) => [column, posts[column]]))
        return (value) => {
          const query = db.select(wanted).from(posts).where(eq(posts[by], value))
          if (by === 'category') query.orderBy(posts.id)
          if (limit !== undefined) query.limit(limit)
          return query.$withCache({ config: { ex: 3600 } })
        }
      },
      loads: () => loads,
      retitle: async (id, title) => await db.update(posts).set({ title }).where(eq(posts.id, id)),
      close: () => client.end(),
    }
  },
}

async function cacheOver(
  nameOf: (table: unknown) => string,
  stored: () => void,
): Promise<CacheBase> {
  const { Cache } = await loadPeer<CachePackage>('drizzle-orm', 'drizzle-orm/cache/core')
  const { default: Keyv } = await loadPeer<KeyvPackage>('keyv')
  class KeyvCache extends Cache implements CacheBase {
    readonly #kv = new Keyv()
    readonly #keysOf = new Map<string, Set<string>>()

    strategy(): 'explicit' {
      return 'explicit'
    }

    async get(key: string): Promise<unknown[] | undefined> {
      return await this.#kv.get(key)
    }

    async put(key: string, response: unknown, tables: readonly string[]): Promise<void> {
      stored()
      await this.#kv.set(key, response, 3_600_000)
      for (const table of tables) {
        const keys = this.#keysOf.get(table) ?? new Set()
        this.#keysOf.set(table, keys.add(key))
      }
    }

    async onMutate({ tables = [] }: { readonly tables?: unknown }): Promise<void> {
      for (const table of Array.isArray(tables) ? (tables as unknown[]) : [tables]) {
        const name = typeof table === 'string' ? table : nameOf(table)
        const keys = this.#keysOf.get(name) ?? new Set()
        this.#keysOf.delete(name)
        await this.#kv.delete([...keys])
      }
    }
  }
  return new KeyvCache()
}
