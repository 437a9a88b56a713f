/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- calls that do not compile have odd types */
import type { Knex } from 'knex'
import { describe, expectTypeOf, test } from 'vitest'
import type {
  CacheStats,
  Explanation,
  InstallMillrace,
  Millrace,
  OpenMillrace,
  RowReceipt,
  RowsReceipt,
} from '../../src/index.ts'

interface Post {
  id: number
  title: string
  body: string | null
  views: number
}
interface Tag {
  id: string
  label: string
}
interface Event {
  at: Date
  kind: string
}
interface Shop {
  posts: Post
  tags: Tag
}
interface Analytics {
  events: Event
}

declare const millrace: OpenMillrace
declare const install: InstallMillrace
declare const knex: Knex
declare const DB: Millrace<Shop>

describe('reads of declared tables', () => {
  test('the selected columns are the type', () => {
    expectTypeOf(DB.posts.cache(60).select('id')).resolves.toEqualTypeOf<Pick<Post, 'id'>[]>()
    expectTypeOf(
      DB.posts.where({ id: 1 }).cache('5m').select('id', 'title'),
    ).resolves.toEqualTypeOf<Pick<Post, 'id' | 'title'>[]>()
    expectTypeOf(
      DB.posts.select('id').cache({ ttl: '1h', key: 'a', frozen: true }),
    ).resolves.toEqualTypeOf<Pick<Post, 'id'>[]>()
  })

  test('whole rows, first, pluck and aggregates', () => {
    expectTypeOf(DB.posts.cache()).resolves.toEqualTypeOf<Post[]>()
    expectTypeOf(DB.posts).resolves.toEqualTypeOf<Post[]>()
    expectTypeOf(DB.posts.cache(60).first()).resolves.toEqualTypeOf<Post | undefined>()
    expectTypeOf(DB.posts.cache(60).first('title')).resolves.toEqualTypeOf<
      Pick<Post, 'title'> | undefined
    >()
    expectTypeOf(DB.posts.cache(60).pluck('id')).resolves.toEqualTypeOf<number[]>()
    expectTypeOf(DB.tags.insert({ label: 'x' }).returning('id')).resolves.toEqualTypeOf<
      Pick<Tag, 'id'>[]
    >()
  })

  test('the same type as Knex gives', () => {
    expectTypeOf(DB.posts.where('id', 1)).toEqualTypeOf(knex<Post>('posts').where('id', 1))
  })

  test('an unknown table, column or value is an error', () => {
    // @ts-expect-error unknown table
    expectTypeOf(DB.nope)
    // @ts-expect-error unknown table
    DB.table('nope')
    // @ts-expect-error unknown column
    void DB.posts.cache(60).where({ nope: 1 })
    // @ts-expect-error wrong type
    void DB.posts.cache(60).where({ id: 'one' })
    // @ts-expect-error unknown column
    void DB.posts.insert({ nope: 1 })
    // @ts-expect-error unknown column
    void DB.posts.update({ nope: 1 })
    // @ts-expect-error unknown option
    void DB.posts.cache({ tll: 60 })
    // @ts-expect-error a duration has a unit of ours
    void DB.posts.cache('5 minutes')
  })

  test('table() takes names and aliases', () => {
    expectTypeOf(DB.table('posts')).toEqualTypeOf(DB.posts)
    expectTypeOf(DB.table('posts as p').cache(1).first('id')).resolves.toEqualTypeOf<
      Pick<Post, 'id'> | undefined
    >()
    expectTypeOf(DB.table({ p: 'posts' }).cache(1).first('id')).resolves.toEqualTypeOf<
      Pick<Post, 'id'> | undefined
    >()
  })

  test('names that DB has itself are no tables', () => {
    const db = {} as Millrace<{ cache: Post; count: Post; posts: Post; then: Post }>
    expectTypeOf(db.cache.stats()).resolves.toEqualTypeOf<CacheStats>()
    expectTypeOf(db.count).toEqualTypeOf<Knex['count']>()
    expectTypeOf(db.table('count').first()).resolves.toEqualTypeOf<Post | undefined>()
    expectTypeOf(db).not.toHaveProperty('then')
  })
})

describe('.cache elsewhere', () => {
  test('on builders of the instance, raw queries and transactions', () => {
    expectTypeOf(DB.knex<Post>('posts').cache(60).select('id')).resolves.toEqualTypeOf<
      Pick<Post, 'id'>[]
    >()
    expectTypeOf(DB.raw<{ n: number }[]>('select 1 as n').cache('5m')).resolves.toEqualTypeOf<
      { n: number }[]
    >()
    expectTypeOf(DB.with('p', DB.posts).select('*').from('p').cache(60)).toHaveProperty('clear')
    void DB.transaction(async (trx) => trx<Post>('posts').cache(60).select('id'))
    void DB.knex.queryBuilder().from('posts').cache(60)
  })

  test('clear, by key and as a whole', () => {
    expectTypeOf(DB.posts.cache.clear()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(DB.posts.cache.clear({ id: 5 })).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error unknown column
    void DB.posts.cache.clear({ nope: 5 })
    // @ts-expect-error wrong type
    void DB.posts.cache.clear({ id: 'five' })
    expectTypeOf(DB.cache.clear('default', 'posts')).toEqualTypeOf<Promise<void>>()
    expectTypeOf(
      DB.cache.explain(DB.posts.cache(60).where({ id: 1 })),
    ).resolves.toEqualTypeOf<Explanation>()
    expectTypeOf(DB.cache.explain(DB.raw('select 1'))).resolves.toEqualTypeOf<Explanation>()
  })
})

describe('.buffer', () => {
  test('inserts take partial rows and give them back', () => {
    expectTypeOf(DB.posts.buffer.insert({ title: 'a' })).resolves.toEqualTypeOf<
      RowReceipt<Readonly<Partial<Post>>>
    >()
    expectTypeOf(DB.posts.buffer.insert([{ title: 'a' }, {}])).resolves.toEqualTypeOf<
      RowsReceipt<Readonly<Partial<Post>>>
    >()
    // @ts-expect-error unknown column
    void DB.posts.buffer.insert({ nope: 1 })
  })

  test('writes to a row', async () => {
    const row = DB.posts.buffer.where(7)
    void DB.posts.buffer.where({ id: 7 }).increment('views')
    void row.decrement('views', 2)
    void row.update({ title: 'b' })
    void row.delete()
    expectTypeOf(row.get('body')).resolves.toEqualTypeOf<string | null | undefined>()
    const receipt = await row.increment('views', 1, { returning: true })
    expectTypeOf(receipt.value).toEqualTypeOf<number | undefined>()
    expectTypeOf(receipt.applied).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error text cannot be incremented
    void row.increment('title')
    // @ts-expect-error unknown column
    void row.update({ nope: 1 })
    // @ts-expect-error unknown column
    void row.get('nope')
    // @ts-expect-error a row has a key
    DB.posts.buffer.where(undefined)
  })
})

describe('opening', () => {
  /** What Knex gives for rows of which nothing is known. */
  const untyped = knex('anything').where({ active: true }).select('id', 'name')
  const sqlite = { client: 'better-sqlite3', connection: { filename: 'shop.db' } }

  test('one connection, declared or not', async () => {
    expectTypeOf(millrace<Shop>({ connection: sqlite })).resolves.toEqualTypeOf<Millrace<Shop>>()
    expectTypeOf(install<Shop>(knex, { cache: { ttl: '5m' } })).resolves.toEqualTypeOf<
      Millrace<Shop>
    >()
    const db = await millrace({ connection: knex, nanoid: { notes: 'id', tags: { id: 8 } } })
    expectTypeOf(db.table('anything').cache(60).first()).resolves.toBeAny()
    expectTypeOf(
      db.table('anything').cache(60).where({ active: true }).select('id', 'name'),
    ).toEqualTypeOf(untyped)
    // With noUncheckedIndexedAccess, as here, a table that is not declared must not become `undefined`.
    expectTypeOf(db['anything']).toBeAny()
    expectTypeOf(db.nanoid()).toBeString()
    await using other = await millrace({ connection: sqlite })
    void other.close()
  })

  test('several connections, declared or not', async () => {
    const connections = { default: sqlite, analytics: knex }
    const db = await millrace<{ default: Shop; analytics: Analytics }>({ connections })
    expectTypeOf(db.posts.first()).resolves.toEqualTypeOf<Post | undefined>()
    expectTypeOf(db.analytics.events.cache(60).first('kind')).resolves.toEqualTypeOf<
      Pick<Event, 'kind'> | undefined
    >()
    expectTypeOf(db.analytics.table('events').first()).resolves.toEqualTypeOf<Event | undefined>()
    expectTypeOf(db.analytics.knex).toEqualTypeOf<Knex>()
    expectTypeOf(db.analytics.cache.clear('events')).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error the table of another connection
    expectTypeOf(db.analytics.posts)
    const loose = await millrace({ connections })
    expectTypeOf(loose.analytics.knex).toEqualTypeOf<Knex>()
    expectTypeOf(loose.analytics.table('events').first()).resolves.toBeAny()
    // @ts-expect-error a declared connection is missing
    void millrace<{ default: Shop; analytics: Analytics }>({ connections: { default: sqlite } })
  })

  test('options that do not exist are errors', () => {
    // @ts-expect-error unknown option
    void millrace({ connection: sqlite, cash: false })
    // @ts-expect-error both at once
    void millrace({ connection: sqlite, connections: { default: sqlite } })
    // @ts-expect-error no database
    void millrace({ cache: false })
    // @ts-expect-error an unknown store
    void millrace({ connection: sqlite, store: 'memroy' })
  })
})
