import { setImmediate as turn } from 'node:timers/promises'
import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { Accounts, accountsDatabase, reads } from './fixtures/accounts.ts'

/** The ways in which a read can be made to run in a transaction. */
const ways: Readonly<Record<string, (trx: Knex.Transaction, knex: Knex) => PromiseLike<unknown>>> =
  {
    'trx(table).cache()': (trx) => reads.one(trx).cache(Infinity),
    'knex(table).cache().transacting(trx)': (trx, knex) =>
      reads.one(knex).cache(Infinity).transacting(trx),
    'knex(table).transacting(trx).cache()': (trx, knex) =>
      reads.one(knex).transacting(trx).cache(Infinity),
    'a clone of a cached builder': (trx, knex) =>
      reads.one(knex).cache(Infinity).clone().transacting(trx),
    'trx.raw().cache()': async (trx, knex) =>
      rowsOf(await trx.raw(reads.one(knex).toQuery()).cache(Infinity)),
    'knex.raw().cache().transacting(trx)': async (trx, knex) =>
      rowsOf(await knex.raw(reads.one(knex).toQuery()).cache(Infinity).transacting(trx)),
    'trx.queryBuilder()': (trx) =>
      trx.queryBuilder().from('accounts').where('id', 1).select('id', 'balance').cache(Infinity),
    'a savepoint’s own trx': (trx) =>
      trx.transaction(async (inner) => (await reads.one(inner).cache(Infinity)) as unknown),
    'a function that was handed trx': (trx) => readLater(trx),
  }

async function readLater(trx: Knex.Transaction): Promise<unknown> {
  await turn()
  return await reads.one(trx).cache(Infinity)
}

function rowsOf(response: unknown): unknown {
  if (Array.isArray(response)) return Array.isArray(response[0]) ? response[0] : response
  return (response as { rows: unknown }).rows
}

/** Reads in transactions see the transaction, and leave nothing in the cache. */
describeDatabases('cached reads in transactions', (name) => {
  let database: TestDatabase
  let accounts: Accounts

  beforeAll(async () => {
    database = await accountsDatabase(name)
  })
  afterEach(() => accounts.close())
  afterAll(() => database.drop())

  for (const warm of [true, false]) {
    test.each(Object.entries(ways))(
      `G4: %s, ${warm ? 'beside entries' : 'with an empty cache'}`,
      async (_way, run) => {
        accounts = await Accounts.open(database)
        const { knex } = accounts
        if (warm) await accounts.warm()
        const trx = await accounts.begin()
        await trx('accounts').where('id', 1).update({ balance: 7 })
        for (let i = 0; i < 2; i += 1) {
          const inside = await accounts.observe(() => run(trx, knex))
          expect(inside).toEqual({ rows: [{ id: 1, balance: 7 }], how: 'transaction' })
        }
        await trx.rollback()
        const { fills, entries } = await accounts.DB.cache.stats()
        if (warm) await accounts.expectKept()
        else expect([fills, entries]).toEqual([0, 0])
        await accounts.expectCachedAgain()
      },
    )
  }

  test('G4: a read on a transaction’s connection, by `connection()`', async () => {
    accounts = await Accounts.open(database)
    const { knex } = accounts
    const connection: unknown = await knex.client.acquireConnection()
    const trx = await accounts.begin({ connection })
    await trx('accounts').where('id', 1).update({ balance: 7 })
    const inside = await accounts.observe(() =>
      reads.one(knex).cache(Infinity).connection(connection),
    )
    expect(inside.rows).toEqual([{ id: 1, balance: 7 }])
    expect(['transaction', 'session']).toContain(inside.how)
    await trx.rollback()
    await knex.client.releaseConnection(connection)
    expect((await accounts.DB.cache.stats()).entries).toBe(0)
    await accounts.expectCachedAgain()
  })

  test('G4: a transaction that only reads leaves nothing either: its snapshot may be old', async () => {
    accounts = await Accounts.open(database)
    const { knex, DB } = accounts
    const settings = name === 'sqlite' ? {} : { isolationLevel: 'repeatable read' as const }
    const trx = await accounts.begin(settings)
    expect((await accounts.read('one', trx)).rows).toEqual([{ id: 1, balance: 100 }])
    await knex('accounts').where('id', 1).update({ balance: 5 })
    // The snapshot is older than the write, which has been acknowledged.
    expect((await accounts.read('one', trx)).rows).toEqual([{ id: 1, balance: 100 }])
    await trx.commit()
    expect((await DB.cache.stats()).entries).toBe(0)
    expect((await accounts.read('one')).rows).toEqual([{ id: 1, balance: 5 }])
    await accounts.expectCachedAgain()
  })

  test('G4: a read that waits for the pool’s only connection, on which a transaction has begun meanwhile', async () => {
    accounts = await Accounts.open(database, { pool: 1 })
    const { knex } = accounts
    const [, , inside] = await Promise.all([
      knex.raw('begin').then(),
      knex('accounts').where('id', 1).update({ balance: 7 }).then(),
      accounts.observe(() => reads.one(knex).cache(Infinity)),
    ])
    expect(inside.rows).toEqual([{ id: 1, balance: 7 }])
    await knex.raw('rollback')
    expect((await accounts.DB.cache.stats()).entries).toBe(0)
    expect((await accounts.read('one')).rows).toEqual([{ id: 1, balance: 100 }])
    await accounts.expectCachedAgain()
  })

  test('G4: readers that would have joined one that runs in a transaction', async () => {
    accounts = await Accounts.open(database, { pool: 1 })
    const { knex } = accounts
    const begun = knex.raw('begin').then()
    const written = knex('accounts').where('id', 1).update({ balance: 7 }).then()
    const readers = Array.from({ length: 5 }, async () => await reads.one(knex).cache(Infinity))
    const ended = written.then(() => knex.raw('rollback'))
    await Promise.all([begun, written, ...readers, ended])
    await accounts.expectCachedAgain()
    expect(await accounts.balance()).toBe(100)
  })
})
