import { once } from 'node:events'
import { pipeline, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

interface Count {
  readonly id: number
  readonly v: number
}

/** Rows that are read one by one while other statements wait, and streams that end before their rows do. */
describeDatabases('streams', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('counts', (table) => {
      table.integer('id').primary()
      table.integer('v').notNullable()
    })
    await oracle('counts').insert([1, 2, 3, 4, 5].map((id) => ({ id, v: 0 })))
  })

  const open = async (pool = 4): Promise<void> => {
    DB = await millrace({
      connection: { ...database.config, pool: { min: 0, max: pool } },
      buffer: false,
    })
  }

  afterEach(async () => {
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  const cached = async (id: number): Promise<unknown> =>
    await DB.knex('counts').cache('1h').where({ id }).first('v')
  const truth = async (id: number): Promise<unknown> =>
    await oracle('counts').where({ id }).first('v')
  const expectFresh = async (): Promise<void> => {
    for (const id of [1, 2, 1, 2]) expect(await cached(id)).toEqual(await truth(id))
  }

  if (name === 'postgres') {
    // Its streams need a package that the library does not ask for.
    test('G7: without pg-query-stream, the stream says what is missing', async () => {
      await open()
      const stream = DB.knex('counts').stream()
      const [error] = (await once(stream, 'error')) as [Error]
      expect(error.message).toContain('pg-query-stream')
      stream.destroy()
    })
    return
  }

  test('G1: rows are changed in their transaction while they are read', async () => {
    await open()
    await expectFresh()
    await DB.knex.transaction(async (trx) => {
      for await (const row of trx('counts').stream() as AsyncIterable<Count>) {
        await trx('counts')
          .where({ id: row.id })
          .update({ v: row.id * 10 })
      }
    })
    expect(await truth(2)).toEqual({ v: 20 })
    await expectFresh()
  })

  test('a stream whose reader fails ends its transaction, and frees its connection', async () => {
    await open(1)
    const failing = new Writable({
      objectMode: true,
      write: (_row, _encoding, done) => done(new Error('disk full')),
    })
    const work = DB.knex.transaction(async (trx) => {
      await trx('counts').where({ id: 1 }).update({ v: 1 })
      const stream = trx('counts').stream()
      await new Promise((resolve, reject) => {
        pipeline(stream, failing, (error) => (error ? reject(error) : resolve(undefined)))
      })
    })
    await expect(work).rejects.toThrow('disk full')
    await DB.knex('counts').where({ id: 2 }).update({ v: 2 })
    expect(await truth(1)).toEqual({ v: 0 })
    await expectFresh()
  })

  test('a stream that is destroyed while it waits for its turn holds nothing up', async () => {
    await open()
    await DB.knex.transaction(async (trx) => {
      const before = trx('counts').where({ id: 1 }).update({ v: 1 })
      const first = Promise.resolve(before)
      const stream = trx('counts').stream()
      await turn()
      stream.destroy()
      await first
      await trx('counts').where({ id: 2 }).update({ v: 2 })
    })
    expect([await truth(1), await truth(2)]).toEqual([{ v: 1 }, { v: 2 }])
    await expectFresh()
  })

  if (name === 'mysql') {
    test('a stream that is destroyed gives its connection back once', async () => {
      await open(1)
      await oracle('counts').insert([...Array(3000).keys()].map((i) => ({ id: 10 + i, v: 0 })))
      const stream = DB.knex('counts').stream({ highWaterMark: 1 })
      await once(stream, 'readable')
      stream.read()
      const work = DB.knex.transaction(async (trx) => {
        await trx('counts').where({ id: 1 }).update({ v: 1 })
        for (let i = 0; i < 20; i += 1) await trx.raw('select 1')
        throw new Error('no')
      })
      const outcome = expect(work).rejects.toThrow('no')
      // Of another caller: it has to wait for the only connection, and must not be rolled back with the transaction.
      const other = DB.knex('counts').where({ id: 2 }).update({ v: 7 })
      const written = Promise.resolve(other)
      stream.destroy()
      await Promise.all([outcome, written])
      expect([await truth(1), await truth(2)]).toEqual([{ v: 0 }, { v: 7 }])
      await expectFresh()
    })
  }
})
