import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { mkdtempSync } from 'node:fs'
import Database from 'better-sqlite3'
import knexFactory, { type Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { Accounts, accountsDatabase, reads } from './fixtures/accounts.ts'

const deposit = (k: Knex): Knex.QueryBuilder => k('accounts').where('id', 1).increment('balance', 1)

/** Where the promises end, on every database: each test shows what happens there, and what bounds it. */
describeDatabases('corners', (name) => {
  let database: TestDatabase
  let accounts: Accounts
  let knex: Knex

  beforeAll(async () => {
    database = await accountsDatabase(name)
  })
  beforeEach(async () => {
    accounts = await Accounts.open(database)
    knex = accounts.knex
    await accounts.warm()
  })
  afterEach(() => accounts.close())
  afterAll(() => database.drop())

  /** An entry that is not valid any more is served: this is where a promise ends. */
  const expectStale = async (balance: number): Promise<void> => {
    expect(await accounts.read('one')).toEqual({ rows: [{ id: 1, balance }], how: 'hit' })
    expect(await accounts.balance()).not.toBe(balance)
  }

  test('Corner 1: rows put back while Millrace stays connected are not noticed; clear() helps', async () => {
    const copy = await accounts.outside<{ id: number; balance: number }>('accounts').select('*')
    await deposit(knex)
    await accounts.expectCachedAgain()
    for (const { id, balance } of copy)
      await accounts.outside('accounts').where({ id }).update({ balance })
    await expectStale(101)
    // A new connection reaches the same life of the database.
    await Promise.all([1, 2, 3].map(() => knex.transaction((trx) => trx.raw('select 1'))))
    await expectStale(101)
    await accounts.DB.cache.clear()
    await accounts.expectCachedAgain()
  })

  test.runIf(name === 'sqlite')(
    'Corner 1: SQLite’s own restore into the open file is noticed with the next statement that goes there',
    async () => {
      const { filename } = database.config.connection as { filename: string }
      const copy = join(mkdtempSync(join(tmpdir(), 'copy-')), 'copy.db')
      await backUp(filename, copy)
      await deposit(knex)
      await accounts.expectCachedAgain()
      await backUp(copy, filename)
      await expectStale(101)
      await until(
        async () => {
          await knex.transaction((trx) => trx.raw('select 1'))
          return (await accounts.read('one')).how !== 'hit'
        },
        { what: 'the restore to be noticed' },
      )
      await accounts.expectCachedAgain()
    },
  )

  test('Corner 3: what another program writes is not seen before clear(), a write through Millrace, or the TTL', async () => {
    await deposit(accounts.outside)
    await expectStale(100)
    await accounts.DB.cache.clear('default', 'accounts')
    await accounts.expectFresh()
    await accounts.expectKept('notes')

    await deposit(accounts.outside)
    await expectStale(101)
    await deposit(knex)
    await accounts.expectCachedAgain()

    await deposit(accounts.outside)
    await expectStale(103)
    const briefly = reads.one(knex).cache({ ttl: '300ms', key: 'briefly' })
    await briefly.clone()
    await deposit(accounts.outside)
    const seen = async (): Promise<boolean> => {
      const [row] = await briefly.clone()
      return row?.balance === (await accounts.balance())
    }
    await until(seen, { what: 'the entry to expire' })
    await expectStale(103)
  })

  test('Corner 3: nor is what goes past Knex to a driver, or through an instance without Millrace', async () => {
    const connection: unknown = await knex.client.acquireConnection()
    const sql = 'update accounts set balance = 7 where id = 1'
    if (name === 'sqlite') (connection as Database.Database).exec(sql)
    else if (name === 'mysql') await (connection as { promise(): Client }).promise().query(sql)
    else await (connection as Client).query(sql)
    await knex.client.releaseConnection(connection)
    await expectStale(100)
    await accounts.DB.cache.clear()
    const other = knexFactory(database.config)
    await accounts.warm()
    await deposit(other)
    await other.destroy()
    await expectStale(7)
  })

  test('Corner 4: a COMMIT by hand in a transaction of Knex is followed, and Knex does not know of it', async () => {
    const trx = await accounts.begin()
    await deposit(trx)
    await accounts.expectFresh()
    await trx.raw('commit')
    await accounts.expectFresh()
    expect(await accounts.balance()).toBe(101)
    expect(trx.isCompleted()).toBe(false)
    // What Knex takes for a part of the transaction commits by itself.
    await deposit(trx)
    expect(await accounts.balance()).toBe(102)
    expect((await accounts.read('one', trx)).how).toBe('transaction')
    await accounts.expectFresh()
    await trx.rollback().catch(() => undefined)
    expect(await accounts.balance()).toBe(102)
    await accounts.expectCachedAgain()
  })

  test('Corner 8: beside a write that nobody awaits a read may be old; once it has landed none is', async () => {
    const lock = name === 'sqlite' ? undefined : await accounts.outside.transaction()
    await lock?.raw('select * from accounts where id = 1 for update')
    void deposit(knex).then()
    const answers: number[] = []
    const read = async (): Promise<number> => {
      const [row] = await reads.one(knex).cache(Infinity)
      answers.push(row?.balance ?? NaN)
      return row?.balance ?? NaN
    }
    expect(await read()).toBe(100)
    await lock?.commit()
    await until(async () => (await accounts.balance()) === 101, { what: 'the write to land' })
    expect(await read()).toBe(101)
    await accounts.expectCachedAgain()
    expect(answers).toEqual(answers.toSorted((a, b) => a - b))
  })
})

/** What is used of pg and of mysql2's promises. */
interface Client {
  query(sql: string): Promise<unknown>
}

/** SQLite's own way to copy a database, also over one that is open. */
async function backUp(from: string, to: string): Promise<void> {
  const source = new Database(from)
  await source.backup(to)
  source.close()
}
