import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

/** Transactions whose end the words of their statements do not tell. After each, no cached read may be old. */
describeDatabases('G1: transactions with odd ends', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace
  let connection: unknown

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    const ending = name === 'mysql' ? ' engine = MyISAM' : ''
    await oracle.raw('create table rows_ (id integer primary key, v integer not null)')
    await oracle.raw(`create table plain (id integer primary key, v integer not null)${ending}`)
    await oracle('rows_').insert({ id: 1, v: 0 })
    await oracle('plain').insert({ id: 1, v: 0 })
    DB = await millrace({
      connection: { ...database.config, pool: { min: 0, max: 4 } },
      buffer: false,
    })
    connection = await DB.knex.client.acquireConnection()
  })

  afterEach(async () => {
    await DB.knex.client.releaseConnection(connection)
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  const pinned = async (sql: string): Promise<unknown> =>
    await DB.knex.raw(sql).connection(connection)
  const cached = async (table: string): Promise<number> => {
    const row = (await DB.knex(table).cache('1h').where('id', 1).first()) as { v: number }
    return row.v
  }
  const truth = async (table: string): Promise<number> => {
    const row = (await oracle(table).where('id', 1).first()) as { v: number }
    return row.v
  }
  /** Reads often enough that anything that can be cached is, and compares with the database. */
  const expectFresh = async (table = 'rows_'): Promise<void> => {
    for (let i = 0; i < 3; i += 1) expect(await cached(table)).toBe(await truth(table))
  }

  if (name === 'mysql') {
    test('a schema change that fails commits what was open', async () => {
      await cached('rows_')
      await pinned('begin')
      await pinned('update rows_ set v = 1')
      await expect(pinned('create table rows_ (id integer)')).rejects.toThrow(/exists/)
      await expectFresh()
      await pinned('rollback')
      await expectFresh()
      expect(await truth('rows_')).toBe(1)
    })

    test.each(['set autocommit = 1', 'unlock tables'])(
      '%s in a transaction commits nothing',
      async (sql) => {
        await cached('rows_')
        await pinned('begin')
        await pinned('update rows_ set v = 2')
        await pinned(sql)
        await expectFresh()
        await pinned('commit')
        await expectFresh()
        expect(await truth('rows_')).toBe(2)
      },
    )

    test('a table without transactions shows at once and stays', async () => {
      await cached('plain')
      await pinned('begin')
      await pinned('update plain set v = 3')
      await expectFresh('plain')
      await pinned('rollback')
      await expectFresh('plain')
      expect(await truth('plain')).toBe(3)
    })

    test('XA', async () => {
      await cached('rows_')
      await pinned(`xa start 'x'`)
      await pinned('update rows_ set v = 4')
      await expectFresh()
      await pinned(`xa end 'x'`)
      await pinned(`xa commit 'x' one phase`)
      await expectFresh()
      expect(await truth('rows_')).toBe(4)
    })
  }

  if (name === 'postgres') {
    test('a failed statement, and a COMMIT that rolls back', async () => {
      await cached('rows_')
      await pinned('begin')
      await pinned('update rows_ set v = 5')
      await expect(pinned('select 1 / 0')).rejects.toThrow(/zero/)
      await pinned('commit')
      await expectFresh()
      expect(await truth('rows_')).toBe(0)
    })

    test('COMMIT AND CHAIN', async () => {
      await cached('rows_')
      await pinned('begin')
      await pinned('update rows_ set v = 6')
      await pinned('commit and chain')
      await expectFresh()
      await pinned('update rows_ set v = 7')
      await expectFresh()
      await pinned('commit')
      await expectFresh()
      expect(await truth('rows_')).toBe(7)
    })
  }

  test('a write in a transaction that nobody awaits', async () => {
    await cached('rows_')
    await DB.transaction(async (trx) => {
      void trx('rows_').where('id', 1).update({ v: 8 }).then()
      await trx('rows_').select('id')
    })
    await expectFresh()
    expect(await truth('rows_')).toBe(8)
  })

  test('a COMMIT by hand in a transaction of Knex', async () => {
    await cached('rows_')
    await DB.transaction(async (trx) => {
      await trx('rows_').where('id', 1).update({ v: 9 })
      await trx.raw('commit')
      await expectFresh()
      await trx('rows_').where('id', 1).update({ v: 10 })
      await expectFresh()
    }).catch(() => undefined)
    await expectFresh()
    expect(await truth('rows_')).toBe(10)
  })
})
