import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CacheStats } from '../../src/contract/cache-stats.ts'
import type { MillraceEvent } from '../../src/contract/events.ts'
import { install, type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { seeded } from '../support/seed.ts'
import { until } from '../support/wait.ts'
import { Team } from './fixtures/team.ts'

async function createItems(k: Knex): Promise<void> {
  await k.schema.createTable('items', (table) => {
    table.integer('id').primary()
    table.integer('v').notNullable().defaultTo(0)
  })
  await k('items').insert([1, 2, 3].map((id) => ({ id, v: 10 * id })))
}

describeDatabases('cache.audit', (name) => {
  let database: TestDatabase
  /** A program that Millrace does not see. */
  let outside: Knex
  let events: MillraceEvent[]
  let DB: Millrace

  const open = (options: object = {}): Promise<Millrace> =>
    millrace({
      connection: database.config,
      cache: { audit: 1 },
      buffer: false,
      onEvent: (event) => events.push(event),
      ...options,
    })
  const sum = async (): Promise<number> => {
    const row = (await DB.knex('items').sum({ n: 'v' }).cache(60).first()) as { n: unknown }
    return Number(row.n)
  }
  const list = (): Promise<{ id: number; v: number }[]> =>
    DB.knex<{ id: number; v: number }>('items').select('id', 'v').orderBy('id').cache(60)
  const stats = (): Promise<CacheStats> => DB.cache.stats()
  const audited = async (): Promise<number> => {
    const { audits } = await stats()
    return audits.checked + audits.raced + audits.unfinished
  }
  /** A hit whose check has ended. */
  const hit = async <T>(read: () => Promise<T>): Promise<T> => {
    const before = await audited()
    const { hits } = await stats()
    const result = await read()
    expect((await stats()).hits).toBe(hits + 1)
    await until(async () => (await audited()) > before, { what: 'the check to end' })
    return result
  }

  beforeEach(async () => {
    database = await createDatabase(name)
    outside = knexFactory(database.config)
    await createItems(outside)
    events = []
    DB = await open()
  })
  afterEach(async () => {
    await DB.close()
    await outside.destroy()
    await database.drop()
  })

  test('a hit that is older than a write past Millrace is counted, told and healed', async () => {
    expect(await sum()).toBe(60)
    expect(await list()).toHaveLength(3)
    await outside('items').where({ id: 1 }).update({ v: 11 })
    expect(await hit(sum)).toBe(60)
    expect(await stats()).toMatchObject({
      staleHits: 1,
      audits: { checked: 1, raced: 0, unfinished: 0 },
    })
    expect(events).toMatchObject([
      {
        type: 'stale-hit',
        connection: 'default',
        tables: ['items'],
        sql: expect.any(String) as string,
      },
    ])
    // All that reads the table, not just the query that was checked.
    expect(await sum()).toBe(61)
    expect((await list())[0]).toEqual({ id: 1, v: 11 })
  })

  test('a hit that the database confirms is not', async () => {
    await list()
    await hit(list)
    await DB.knex('items').where({ id: 1 }).update({ v: 12 })
    await list()
    await hit(list)
    expect(await stats()).toMatchObject({
      hits: 2,
      staleHits: 0,
      audits: { checked: 2, raced: 0, unfinished: 0 },
    })
    expect(events).toEqual([])
  })

  test('every kind of cached query is checked as it was sent', async () => {
    const kinds: (() => Promise<unknown>)[] = [
      async () => await DB.knex('items').where('id', '<', 3).whereIn('v', [10, 20]).cache(60),
      async () => await DB.knex('items').where({ id: 2 }).first().cache(60),
      async () => await DB.knex('items').pluck('v').cache(60),
      async () => (await DB.knex.raw('select v from items where id = ?', [3]).cache(60)) as unknown,
      async () =>
        (await DB.knex.raw('select v from items where id = :id', { id: 1 }).cache(60)) as unknown,
    ]
    for (const kind of kinds) {
      await kind()
      await hit(kind)
    }
    expect((await stats()).audits).toEqual({ checked: kinds.length, raced: 0, unfinished: 0 })
    await outside('items').update({ v: 0 })
    for (const [index, kind] of kinds.entries()) {
      await hit(kind)
      expect((await stats()).staleHits).toBe(index + 1)
      // Healing has emptied the cache of all of them; the others are to be found stale too.
      await outside('items').update({ v: 10 * (index + 1) })
      for (const other of kinds) await other()
      await outside('items').update({ v: 0 })
    }
  })

  test('a row that moved is a difference only where the query has an order', async () => {
    const plain = (): PromiseLike<unknown> => DB.knex('items').select('v').cache(60)
    const ordered = (): PromiseLike<unknown> => DB.knex('items').select('v').orderBy('id').cache(60)
    await plain()
    await ordered()
    // The same values in other places.
    await outside('items').where({ id: 1 }).update({ v: 30 })
    await outside('items').where({ id: 3 }).update({ v: 10 })
    await hit(async () => await plain())
    expect((await stats()).staleHits).toBe(0)
    await hit(async () => await ordered())
    expect((await stats()).staleHits).toBe(1)
  })

  test('a query that is refused when it is run again is no finding', async () => {
    await list()
    await outside.schema.renameTable('items', 'things')
    expect(await hit(list)).toHaveLength(3)
    expect((await stats()).audits).toEqual({ checked: 0, raced: 0, unfinished: 1 })
    expect(events.filter(({ type }) => type === 'stale-hit')).toEqual([])
  })

  test('a write that is faster than the check is never taken for a stale hit', async () => {
    const random = seeded(`audits raced by writes [${name}]`)
    let ended = false
    const readers = [1, 2, 3].map(async () => {
      while (!ended) {
        await (random.int(2) === 0 ? sum() : list())
        if (random.int(4) === 0) await new Promise((resolve) => setTimeout(resolve, random.int(3)))
      }
    })
    const writes = async (): Promise<void> => {
      for (let i = 0; i < 150; i += 1) {
        const id = 1 + random.int(3)
        if (random.int(3) === 0) {
          await DB.knex
            .transaction(async (trx) => {
              await trx('items').where({ id }).increment('v', 1)
              await trx('items').where({ id: 1 }).increment('v', 1)
              if (random.int(4) === 0) throw new Error('undone')
            })
            .catch((error: unknown) => {
              if (!(error instanceof Error) || error.message !== 'undone') throw error
            })
        } else await DB.knex('items').where({ id }).increment('v', 1)
        await new Promise((resolve) => setTimeout(resolve, random.int(6)))
      }
    }
    await Promise.all([writes(), writes()])
    ended = true
    await Promise.all(readers)
    const { audits, staleHits } = await stats()
    expect(audits.checked).toBeGreaterThan(10)
    expect(staleHits).toBe(0)
  })

  test('a pool of one that a transaction holds is not waited for in line, and nothing is logged', async () => {
    await DB.close()
    const warnings: unknown[] = []
    DB = await open({
      connection: {
        ...database.config,
        pool: { ...database.config.pool, min: 1, max: 1 },
        log: { warn: (message: unknown) => warnings.push(message) },
      },
    })
    await sum()
    const trx = await DB.knex.transaction()
    expect(await hit(sum)).toBe(60)
    expect((await stats()).audits).toEqual({ checked: 0, raced: 0, unfinished: 1 })
    await trx('items').where({ id: 1 }).update({ v: 0 })
    await trx.commit()
    expect(await sum()).toBe(50)
    expect(await hit(sum)).toBe(50)
    expect(await stats()).toMatchObject({ staleHits: 0, audits: { checked: 1 } })
    expect(warnings).toEqual([])
  })

  test('close() waits neither for a check that has not begun nor for one whose query hangs', async () => {
    await list()
    await list()
    await DB.close()
    if (name === 'sqlite') return // a query of SQLite does not hang
    const knex = knexFactory(database.config)
    DB = await install(knex, { cache: { audit: 1 }, buffer: false })
    await list()
    await outside.transaction(async (trx) => {
      if (name === 'postgres') await trx.raw('lock table items in access exclusive mode')
      else await trx.raw('lock tables items write')
      await list()
      await until(() => (knex.client as { pool: { numUsed(): number } }).pool.numUsed() === 1)
      await DB.close()
      if (name === 'mysql') await trx.raw('unlock tables')
    })
    await knex.destroy()
  })
})

test('a cluster worker checks its hits too', async () => {
  const database = await createDatabase('sqlite')
  const outside = knexFactory(database.config)
  await createItems(outside)
  const DB = await millrace({ connection: database.config, buffer: false })
  const team = await Team.fork({ size: 1 })
  try {
    await team.call(0, 'open', { address: database.address, seed: 1, audit: 1 })
    await team.call(0, 'read', 'items', 'v')
    await outside('items').where({ id: 1 }).update({ v: 11 })
    expect(await team.call(0, 'read', 'items', 'v')).toEqual({ value: [10, 20, 30], hit: true })
    await until(async () => (await team.call(0, 'audits')).staleHits === 1)
    expect(await team.call(0, 'read', 'items', 'v')).toEqual({ value: [11, 20, 30], hit: false })
    await team.call(0, 'read', 'items', 'v')
    await until(async () => (await team.call(0, 'audits')).audits.checked === 2)
    expect(await team.call(0, 'audits')).toEqual({
      staleHits: 1,
      audits: { checked: 2, raced: 0, unfinished: 0 },
    })
    await team.call(0, 'close')
  } finally {
    await team.end()
    await DB.close()
    await outside.destroy()
    await database.drop()
  }
})
