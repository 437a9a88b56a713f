import type { Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('cached reads at their edges', (name) => {
  let database: TestDatabase
  let DB: Millrace
  let knex: Knex

  beforeEach(async () => {
    database = await createDatabase(name)
    DB = await millrace({
      connection: { ...database.config, pool: { ...database.config.pool, min: 0, max: 1 } },
      buffer: false,
    })
    knex = DB.knex
    await knex.schema.createTable('notes', (t) => {
      t.increments('id')
      t.string('title')
    })
    await knex('notes').insert({ title: 'one' })
  })

  afterEach(async () => {
    await DB.close()
    await database.drop()
  })

  test("a read on the caller's own connection waits for no other reader", async () => {
    const connection = (await knex.client.acquireConnection()) as unknown
    // Has the ticket, and waits for the only connection.
    const waiting = knex('notes').cache(60).where('id', 1).first().then()
    const own = await knex('notes').cache(60).where('id', 1).first().connection(connection)
    expect(own).toMatchObject({ title: 'one' })
    expect((await DB.cache.stats()).bypasses).toEqual({ session: 1 })
    await knex.client.releaseConnection(connection)
    expect(await waiting).toEqual(own)
  })

  test.skipIf(name === 'mysql')("a bound 'now' may be the clock, and is not cached", async () => {
    for (let i = 0; i < 2; i += 1) await knex('notes').cache(60).where('title', 'now')
    const { bypasses, hits } = await DB.cache.stats()
    expect([bypasses, hits]).toEqual([{ volatile: 2 }, 0])
  })

  test('frozen results are frozen to the last row, on miss and hit', async () => {
    for (let i = 0; i < 2; i += 1) {
      const rows = (await knex('notes').cache({ frozen: true })) as object[]
      expect([rows, ...rows].every((part) => Object.isFrozen(part))).toBe(true)
    }
    expect((await DB.cache.stats()).hits).toBe(1)
  })

  test.runIf(name === 'postgres')('what belongs to the driver is not frozen', async () => {
    const result: unknown = await knex.raw('select * from notes').cache({ frozen: true })
    expect(result).toHaveProperty('_types')
    const { _types: types } = result as { _types: object }
    expect(Object.isFrozen(types)).toBe(false)
  })
})
