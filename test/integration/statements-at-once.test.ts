import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

/** Statements of one connection whose caller does not wait for their answers. */
describeDatabases('statements sent at once', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace
  let connection: unknown

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('counts', (table) => {
      table.integer('id').primary()
      table.integer('v').notNullable()
    })
    await oracle('counts').insert([
      { id: 1, v: 0 },
      { id: 2, v: 0 },
    ])
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
  const cached = async (id: number): Promise<unknown> =>
    await DB.knex('counts').cache('1h').where({ id }).first('v')
  const truth = async (id: number): Promise<unknown> =>
    await oracle('counts').where({ id }).first('v')
  const expectFresh = async (): Promise<void> => {
    for (const id of [1, 2, 1, 2]) expect(await cached(id)).toEqual(await truth(id))
  }

  test('G1: BEGIN, a write and COMMIT', async () => {
    await expectFresh()
    await Promise.all([
      pinned('begin'),
      pinned('update counts set v = 1 where id = 1'),
      pinned('commit'),
    ])
    await expectFresh()
    expect(await truth(1)).toEqual({ v: 1 })
  })

  test('G4: a write after a BEGIN and before a ROLLBACK is nobody’s', async () => {
    await expectFresh()
    const all = [pinned('begin'), pinned('update counts set v = 1 where id = 1')]
    const inside = DB.knex('counts').cache('1h').where({ id: 1 }).first('v').connection(connection)
    const read = Promise.resolve(inside)
    all.push(pinned('rollback'))
    await Promise.all(all)
    expect(await read).toEqual({ v: 1 })
    await expectFresh()
    expect(await truth(1)).toEqual({ v: 0 })
  })

  test('they run in the order in which they were called', async () => {
    await DB.knex.transaction(async (trx) => {
      const values = [...Array(20).keys()]
      const seen = await Promise.all(
        values.map(async (v) => {
          if (v % 2 === 0) return await trx('counts').where({ id: 1 }).update({ v })
          return await trx<{ id: number; v: number }>('counts').where({ id: 1 }).first('v')
        }),
      )
      expect(seen).toEqual(values.map((v) => (v % 2 === 0 ? 1 : { v: v - 1 })))
    })
    await expectFresh()
  })

  test('one that the database refuses holds the others up no longer than it takes', async () => {
    await expectFresh()
    const outcomes = await Promise.allSettled([
      pinned('begin'),
      pinned('update nowhere set v = 1'),
      pinned('update counts set v = 2 where id = 2'),
      pinned('commit'),
    ])
    expect(outcomes[1].status).toBe('rejected')
    await expectFresh()
  })

  if (name === 'mysql') {
    test('G2: a deadlock ends the transaction before those that follow it', async () => {
      await expectFresh()
      await pinned('set innodb_lock_wait_timeout = 20')
      const rival = await oracle.transaction()
      await pinned('begin')
      await pinned('update counts set v = 10 where id = 1')
      // The heavier transaction survives a deadlock.
      await rival('counts').insert([...Array(50).keys()].map((i) => ({ id: 100 + i, v: i })))
      await rival('counts').where({ id: 2 }).update({ v: 20 })
      const outcomes = Promise.allSettled([
        pinned('update counts set v = 11 where id = 2'),
        pinned('update counts set v = 12 where id = 1'),
      ])
      await rival('counts').where({ id: 1 }).update({ v: 21 })
      await rival.commit()
      const [refused, later] = await outcomes
      expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'ER_LOCK_DEADLOCK' } })
      expect(later.status).toBe('fulfilled')
      expect(await truth(1)).toEqual({ v: 12 })
      await expectFresh()
    })
  }
})
