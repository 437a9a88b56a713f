import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CacheStats } from '../../src/contract/cache-stats.ts'
import { install, type Millrace, millrace } from '../../src/index.ts'
import { countCompiled } from '../support/compiled-count.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import knexFactory from 'knex'

type Query = Knex.QueryBuilder

/** Queries that were asked before are answered without compiling, and nobody can tell but by the clock. */
describeDatabases('hot reads', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace

  const open = async (cache: object = {}): Promise<Millrace> =>
    await millrace({ connection: database.config, cache, buffer: false })
  const stats = (): Promise<CacheStats> => DB.cache.stats()
  const posts = (ttl: number | object = 60): Query =>
    (DB.knex('posts') as Query & { cache(ttl: unknown): Query }).cache(ttl)

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('posts', (table) => {
      table.integer('id').primary()
      table.string('title')
      table.integer('views').notNullable()
    })
    await oracle('posts').insert(
      [1, 2, 3, 4].map((id) => ({ id, title: id === 4 ? null : `post ${id}`, views: 10 * id })),
    )
    DB = await open()
  })

  afterEach(async () => {
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  test('a hit compiles nothing, and equals the uncached result', async () => {
    const shapes: ((k: () => Query) => Query)[] = [
      (k) => k().where({ id: 2 }).select('id', 'title'),
      (k) => k().select().orderBy('id', 'desc').limit(2),
      (k) => k().where('views', '>', 10).first(),
      (k) => k().where('id', 99).first('id'),
      (k) => k().whereNull('title').pluck('id'),
      (k) => k().whereIn('id', [1, 3]).orderBy('id').pluck('title'),
      (k) => k().count({ n: '*' }).first(),
      (k) =>
        k()
          .where((q: Query) => void q.where('id', 1).orWhere('id', 2))
          .select('id'),
      (k) =>
        k()
          .join('posts as other', 'other.id', 'posts.id')
          .where('other.id', 1)
          .select('posts.title'),
    ]
    for (const shape of shapes) {
      const truth: unknown = await shape(() => oracle('posts'))
      expect(await shape(posts)).toEqual(truth)
      const compiled = countCompiled(DB.knex)
      for (let i = 0; i < 3; i++) expect(await shape(posts)).toEqual(truth)
      compiled.stop()
      expect(compiled.count()).toBe(0)
    }
    const { hits, misses, fallbacks } = await stats()
    expect([hits, misses, fallbacks]).toEqual([3 * shapes.length, shapes.length, {}])
  })

  test('with fingerprint: false every read is compiled, with the same results', async () => {
    await DB.close()
    DB = await open({ fingerprint: false })
    const truth: unknown = await oracle('posts').where({ id: 2 }).first()
    const compiled = countCompiled(DB.knex)
    for (let i = 0; i < 3; i++) expect(await posts().where({ id: 2 }).first()).toEqual(truth)
    compiled.stop()
    expect(compiled.count()).toBe(3)
    expect((await stats()).hits).toBe(2)
  })

  test('G1: a write ends the answers that it changes, at once', async () => {
    const read = (id: number): Query => posts().where({ id }).first('views')
    for (let turn = 1; turn <= 5; turn++) {
      await read(1)
      await read(2)
      await DB.knex('posts').where({ id: 1 }).update({ views: turn })
      expect(await read(1)).toEqual({ views: turn })
      expect(await read(2)).toEqual({ views: 20 })
    }
  })

  test("a result is the caller's own, and a frozen one is everybody's and nobody's", async () => {
    const read = (): Promise<{ title: string }[]> => posts().where({ id: 1 }).select('title').then()
    for (let i = 0; i < 3; i++) {
      const rows = await read()
      expect(rows).toEqual([{ title: 'post 1' }])
      rows[0]!.title = 'changed'
      rows.pop()
    }
    const frozen = (): Promise<{ title: string }[]> =>
      posts({ ttl: 60, frozen: true }).where({ id: 1 }).select('title').then()
    const first = await frozen()
    expect(await frozen()).toBe(first)
    expect(Object.isFrozen(first) && Object.isFrozen(first[0])).toBe(true)
    expect(await read()).toEqual([{ title: 'post 1' }])
  })

  test('options of one read are its own: key, ttl, refresh, bypass', async () => {
    const read = (options: object): Query => posts(options).where({ id: 1 }).first('views')
    expect(await read({ key: 'a' })).toEqual({ views: 10 })
    expect(await read({ key: 'b' })).toEqual({ views: 10 })
    expect(await read({})).toEqual({ views: 10 })
    expect((await stats()).misses).toBe(3)
    await oracle('posts').where({ id: 1 }).update({ views: 11 }) // unseen
    for (const options of [{}, { key: 'a' }, { key: 'b' }]) {
      expect(await read(options)).toEqual({ views: 10 })
    }
    expect(await read({ bypass: true })).toEqual({ views: 11 })
    expect(await read({ key: 'a', refresh: true })).toEqual({ views: 11 })
    expect(await read({ key: 'a' })).toEqual({ views: 11 })
    expect(await read({ key: 'b' })).toEqual({ views: 10 })
  })

  test('listeners hear of hits as before, and may change the query', async () => {
    const read = (): Query => posts().where({ id: 1 }).select('id')
    await read()
    await read()
    const told: unknown[] = []
    const listen = (response: unknown, statement: { sql: string }): void => {
      told.push([response, statement.sql.length > 0])
    }
    DB.knex.on('query-response', listen)
    await read()
    expect(told).toEqual([[[{ id: 1 }], true]])
    DB.knex.off('query-response', listen)
    const change = (builder: Query): void => void builder.orWhere({ id: 2 }).orderBy('id')
    DB.knex.on('start', change)
    expect(await read()).toEqual([{ id: 1 }, { id: 2 }])
    DB.knex.off('start', change)
    expect(await read()).toEqual([{ id: 1 }])
    const own: unknown[] = []
    await read().on('query-response', (rows: unknown) => own.push(rows))
    expect(own).toEqual([[{ id: 1 }]])
  })

  test('in a transaction, Knex’s or one opened by hand, nothing is answered from the cache', async () => {
    const read = (k: Knex): Query =>
      (k('posts') as Query & { cache(ttl: unknown): Query })
        .cache(60)
        .where({ id: 1 })
        .first('views')
    await read(DB.knex)
    await read(DB.knex)
    await DB.knex
      .transaction(async (trx) => {
        await trx('posts').where({ id: 1 }).update({ views: 1000 })
        expect(await read(trx)).toEqual({ views: 1000 })
        await trx.rollback(new Error('undone'))
      })
      .catch(() => undefined)
    expect(await read(DB.knex)).toEqual({ views: 10 })
    expect((await stats()).bypasses.transaction).toBe(1)
  })

  test('a plan made under another schema is not used', async () => {
    await DB.schema.createTable('others', (table) => {
      table.integer('id').primary()
      table.integer('views')
    })
    await DB.knex('others').insert({ id: 1, views: 7 })
    await DB.schema.createView('shown', (view) => view.as(DB.knex('posts').select('id', 'views')))
    const read = (): Query =>
      (DB.knex('shown') as Query & { cache(ttl: unknown): Query })
        .cache(60)
        .where({ id: 1 })
        .first('views')
    expect(await read()).toEqual({ views: 10 })
    expect(await read()).toEqual({ views: 10 })
    await DB.schema.dropView('shown')
    await DB.schema.createView('shown', (view) => view.as(DB.knex('others').select('id', 'views')))
    expect(await read()).toEqual({ views: 7 })
    expect(await read()).toEqual({ views: 7 })
    await DB.knex('others').where({ id: 1 }).update({ views: 8 })
    expect(await read()).toEqual({ views: 8 })
  })

  test('a function that builds another query each time is never answered with an older one', async () => {
    let turn = 0
    const read = (): Query =>
      posts()
        .where((q: Query) => void q.where('id', 1 + (turn++ % 3)))
        .first('id')
    for (let i = 0; i < 12; i++) {
      const before = turn
      const { id } = (await read()) as { id: number }
      // Millrace may call it once more than Knex: any of the values of this call is right, and none from before.
      const said = Array.from({ length: turn - before }, (_, n) => 1 + ((before + n) % 3))
      expect(said).toContain(id)
    }
    const named = (id: number): Query =>
      posts()
        .where((q: Query) => void q.where('id', id))
        .first('id')
    for (const id of [1, 2, 3, 1, 2, 3]) expect(await named(id)).toEqual({ id })
  })

  test('values that look alike are different queries', async () => {
    const texts = ['1', 1, 'a', "a' or 1=1", '', null]
    for (let i = 0; i < 2; i++) {
      for (const value of texts) {
        const build = (query: Query): Query =>
          (value === null
            ? query.whereNull('title')
            : query.where('title', String(value)).where('views', '>', Number(value) || 0)
          )
            .orderBy('id')
            .select('id')
        expect(await build(posts())).toEqual(await build(oracle('posts')))
      }
    }
  })

  test('queries that were forgotten are compiled again and find their entries', async () => {
    await DB.close()
    DB = await open({ maxEntries: 10 })
    for (let round = 0; round < 3; round++) {
      for (let views = 0; views < 50; views++) {
        expect(await posts().where('views', '>', views).count({ n: '*' }).first()).toEqual(
          await oracle('posts').where('views', '>', views).count({ n: '*' }).first(),
        )
      }
    }
  })

  test('post-processing runs for every hit on a copy of its own', async () => {
    await DB.close()
    const seen: unknown[] = []
    DB = await millrace({
      buffer: false,
      connection: {
        ...database.config,
        postProcessResponse: (result: unknown, context: unknown) => {
          if (Array.isArray(result) && result[0]?.id === 1) {
            seen.push(context)
            result[0].id = 100
          }
          return result
        },
      },
    })
    for (let i = 0; i < 3; i++) {
      expect(await posts().where({ id: 1 }).select('id').queryContext({ i })).toEqual([{ id: 100 }])
    }
    expect(seen).toEqual([{ i: 0 }, { i: 1 }, { i: 2 }])
  })

  test('then, catch and finally are those of a promise', async () => {
    const read = (): Query => posts().where({ id: 1 }).first('id')
    await read()
    const order: string[] = []
    const done = read().then((row: unknown) => {
      order.push('answered')
      return row
    })
    order.push('asked')
    expect(await done).toEqual({ id: 1 })
    expect(order).toEqual(['asked', 'answered'])
    await expect(read().then(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
    let ended = false
    await read().finally(() => (ended = true))
    expect(ended).toBe(true)
    expect(await read().catch(() => 'never')).toEqual({ id: 1 })
    expect(await Promise.all([read(), read()])).toEqual([{ id: 1 }, { id: 1 }])
  })
})

describe('instances with hooks of their own', () => {
  test('a name mapping is asked on every read', async () => {
    const database = await createDatabase('sqlite')
    let prefix = 'a_'
    const knex = knexFactory({
      ...database.config,
      wrapIdentifier: (value, wrap) => wrap(value === 'posts' ? `${prefix}posts` : value),
    })
    const DB = await install(knex, { buffer: false })
    try {
      for (const [table, id] of [
        ['a_posts', 1],
        ['b_posts', 2],
      ] as const) {
        await DB.raw(`create table ${table} (id integer primary key)`)
        await DB.raw(`insert into ${table} values (${id})`)
      }
      const read = (): Query =>
        (knex('posts') as Query & { cache(ttl: unknown): Query }).cache(60).select('id')
      for (const [next, id] of [
        ['a_', 1],
        ['b_', 2],
        ['a_', 1],
        ['b_', 2],
      ] as const) {
        prefix = next
        expect(await read()).toEqual([{ id }])
      }
    } finally {
      await DB.close()
      await knex.destroy()
      await database.drop()
    }
  })
})
