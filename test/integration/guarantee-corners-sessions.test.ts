import { expect, test } from 'vitest'
import { describeDatabases, hasDatabase, type DatabaseName } from '../support/databases.ts'
import { cachedPrice, createPrices, dropConnection, openMillrace } from './fixtures/prices.ts'

/** What makes a session differ from its siblings, in words that are seen. */
const settings: Readonly<Record<DatabaseName, readonly string[]>> = {
  sqlite: ['create temporary table scratch (id integer)', 'pragma read_uncommitted = 1'],
  postgres: [
    'create temporary table scratch (id integer)',
    'set search_path to public, pg_catalog',
    'set role pg_monitor',
    `set session my.tenant = 'a'`,
    `select set_config('my.tenant', 'a', false)`,
    'set session characteristics as transaction isolation level read uncommitted',
  ],
  mysql: [
    'create temporary table scratch (id integer)',
    `set session sql_mode = ''`,
    `set time_zone = '+05:00'`,
    'set session transaction isolation level read uncommitted',
  ],
}

describeDatabases('sessions that differ', (name) => {
  test.each(settings[name])('Corner 7: reads that reach its connection bypass: %s', async (sql) => {
    const { database, outside } = await createPrices(name)
    if (name === 'postgres') await outside.raw('grant all on prices to public')
    const DB = await openMillrace(database)
    await DB.knex.raw(sql)
    for (const price of [11, 12]) {
      await DB.knex('prices').where('id', 1).update({ price })
      expect(await cachedPrice(DB)).toBe(price)
    }
    const { bypasses, fills, hits } = await DB.cache.stats()
    expect(bypasses).toEqual({ session: 2 })
    expect([fills, hits]).toEqual([0, 0])
  })
})

test.runIf(hasDatabase('postgres'))(
  'Corner 7: a valid entry answers before any connection is asked for, whatever that session is like [postgres]',
  async () => {
    const { database, outside } = await createPrices('postgres')
    await outside.raw('create schema other')
    await outside.raw('create table other.prices as select id, 99 as price from prices')
    const DB = await openMillrace(database)
    expect(await cachedPrice(DB)).toBe(10)
    await DB.knex.raw('set search_path to other')
    expect(await DB.knex('prices').where('id', 1).pluck('price')).toEqual([99])
    expect(await cachedPrice(DB)).toBe(10)
    expect(await cachedPrice(DB, 2)).toBe(99)
    expect((await DB.cache.stats()).bypasses).toEqual({ session: 1 })
  },
)

test.runIf(hasDatabase('postgres'))(
  'Corner 7: sessions that were set where no statement is seen share entries, unless `key` keeps them apart [postgres]',
  async () => {
    const { database, outside } = await createPrices('postgres')
    await outside.raw('create schema other')
    await outside.raw('create table other.prices as select id, 99 as price from prices')
    let path = 'public'
    const DB = await openMillrace(database, { unseen: () => `set search_path to ${path}` })
    const keyed = (): PromiseLike<unknown> =>
      DB.knex('prices').where('id', 1).cache({ ttl: '1h', key: path }).pluck('price')
    expect(await cachedPrice(DB)).toBe(10)
    expect(await keyed()).toEqual([10])
    path = 'other'
    await dropConnection(DB.knex)
    expect(await DB.knex('prices').where('id', 1).pluck('price')).toEqual([99])
    expect(await cachedPrice(DB)).toBe(10)
    expect(await keyed()).toEqual([99])
  },
)

test.runIf(hasDatabase('mysql'))(
  'Corner 15: READ UNCOMMITTED that no statement set caches what is rolled back; clear() helps [mysql]',
  async () => {
    const { database, outside } = await createPrices('mysql')
    const DB = await openMillrace(database, {
      max: 4,
      unseen: () => 'set session transaction isolation level read uncommitted',
    })
    const trx = await DB.knex.transaction()
    await trx('prices').where('id', 1).update({ price: 0 })
    expect(await cachedPrice(DB)).toBe(0)
    await trx.rollback()
    expect(await outside('prices').where('id', 1).pluck('price')).toEqual([10])
    expect(await cachedPrice(DB)).toBe(0)
    await DB.cache.clear()
    expect(await cachedPrice(DB)).toBe(10)
  },
)
