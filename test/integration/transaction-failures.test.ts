import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { Accounts, accountsDatabase } from './fixtures/accounts.ts'

const deposit = (k: Knex): Knex.QueryBuilder => k('accounts').where('id', 1).increment('balance', 1)

/** Transactions that the database refuses or gives up. */
describeDatabases('transactions that fail', (name) => {
  let database: TestDatabase
  let accounts: Accounts

  beforeAll(async () => {
    database = await accountsDatabase(name)
  })
  afterEach(() => accounts.close())
  afterAll(() => database.drop())

  if (name !== 'mysql') {
    const breakAccount = (trx: Knex): Knex.QueryBuilder =>
      trx('notes').insert({ id: 2, account_id: 99, text: 'of nobody' })

    test('G1, G4: a COMMIT that a deferred constraint refuses', async () => {
      accounts = await Accounts.open(database, { pool: name === 'sqlite' ? 1 : 4 })
      const { knex } = accounts
      await accounts.warm()
      const work = knex.transaction(async (trx) => {
        await deposit(trx)
        await breakAccount(trx)
      })
      await expect(work).rejects.toThrow(/foreign key/i)
      expect(await accounts.balance()).toBe(100)
      if (name === 'sqlite') {
        // SQLite keeps the transaction open, and Knex has given its connection back to the pool.
        for (const one of ['one', 'all', 'joined'] as const) {
          expect((await accounts.read(one)).how).not.toBe('hit')
        }
        expect((await accounts.read('one')).rows).toEqual([{ id: 1, balance: 101 }])
        await knex.raw('rollback')
        await accounts.expectKept()
      }
      await accounts.expectCachedAgain()
      await deposit(knex)
      await accounts.expectCachedAgain()
    })
  }

  if (name === 'sqlite') {
    test('G1: a refused COMMIT that succeeds when it is tried again', async () => {
      accounts = await Accounts.open(database, { pool: 1 })
      const { knex } = accounts
      await accounts.warm()
      const work = knex.transaction(async (trx) => {
        await deposit(trx)
        await trx('notes').insert({ id: 2, account_id: 99, text: 'of nobody' })
      })
      await expect(work).rejects.toThrow(/foreign key/i)
      await knex('accounts').insert({ id: 99, balance: 0 })
      await knex.raw('commit')
      expect(await accounts.balance()).toBe(101)
      await accounts.expectCachedAgain()
    })

    test('G3: a connection that is closed in the middle of a transaction', async () => {
      accounts = await Accounts.open(database)
      const { knex } = accounts
      await accounts.warm()
      const connection = (await knex.client.acquireConnection()) as {
        close(): void
        __knex__disposed?: string
      }
      await knex.raw('begin immediate').connection(connection)
      await deposit(knex).connection(connection)
      expect((await accounts.read('one')).rows).toEqual([{ id: 1, balance: 100 }])
      connection.close()
      connection.__knex__disposed = 'by the test'
      await knex.client.releaseConnection(connection)
      await accounts.untilCachedAgain()
      expect(await accounts.balance()).toBe(100)
      await deposit(knex)
      await accounts.expectCachedAgain()
    })
  } else {
    test('G1, G4: two transactions that wait for each other', async () => {
      accounts = await Accounts.open(database)
      const { knex } = accounts
      await accounts.warm()
      const first = await accounts.begin()
      const second = await accounts.begin()
      await first('accounts').where('id', 1).increment('balance', 1)
      await second('accounts').where('id', 2).increment('balance', 1)
      const ends = [
        first('accounts')
          .where('id', 2)
          .increment('balance', 10)
          .then(() => first.commit()),
        second('accounts')
          .where('id', 1)
          .increment('balance', 10)
          .then(() => second.commit()),
      ]
      const outcomes = await Promise.allSettled(ends)
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      await accounts.expectFresh()
      for (const trx of [first, second]) if (!trx.isCompleted()) await trx.rollback()
      const balances = [await accounts.balance(1), await accounts.balance(2)]
      expect([
        [101, 210],
        [110, 201],
      ]).toContainEqual(balances)
      await accounts.expectCachedAgain()
      await deposit(knex)
      await accounts.expectCachedAgain()
    })
  }
})
