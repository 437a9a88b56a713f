import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MillraceEvent } from '../../src/contract/events.ts'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import type { DatabaseName } from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { openTapped, type Tapped } from './fixtures/tapped.ts'
import { Team } from './fixtures/team.ts'

async function createTables(k: Knex): Promise<void> {
  await k.schema.createTable('items', (table) => {
    table.integer('id').primary()
    table.integer('v').notNullable()
  })
  await k.schema.createTable('totals', (table) => {
    table.integer('id').primary()
    table.integer('n').notNullable()
  })
  await k('items').insert({ id: 1, v: 1 })
  await k('totals').insert({ id: 1, n: 0 })
}

/** From now on each update of items adds one to totals. */
async function createTrigger(k: Knex, name: DatabaseName): Promise<void> {
  if (name === 'postgres') {
    await k.raw(`create function count_up() returns trigger language plpgsql as
      $$ begin update totals set n = n + 1; return new; end $$`)
    await k.raw(
      'create trigger counting after update on items for each row execute function count_up()',
    )
  } else if (name === 'mysql') {
    await k.raw(
      'create trigger counting after update on items for each row update totals set n = n + 1',
    )
  } else {
    await k.raw(
      'create trigger counting after update on items begin update totals set n = n + 1; end',
    )
  }
}

const read = async (k: Knex): Promise<number> => {
  const row = (await k('totals').where({ id: 1 }).first('n').cache(60)) as { n: number }
  return row.n
}
const write = (k: Knex): PromiseLike<unknown> => k('items').where({ id: 1 }).increment('v', 1)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describeDatabases('a schema change that does not pass through Millrace', (name) => {
  let database: TestDatabase
  let outside: Knex
  let events: MillraceEvent[]
  const onEvent = (event: MillraceEvent): void => void events.push(event)
  const noticed = (): boolean => events.some(({ type }) => type === 'schema-changed-outside')

  beforeEach(async () => {
    database = await createDatabase(name)
    outside = knexFactory(database.config)
    await createTables(outside)
    events = []
  })
  afterEach(async () => {
    await outside.destroy()
    await database.drop()
  })

  const using = async (
    schemaCheckMs: number,
    run: (tapped: Tapped) => Promise<void>,
    pool: object = {},
  ): Promise<void> => {
    const config = { ...database.config, pool: { ...database.config.pool, ...pool } }
    const tapped = await openTapped(config, { schemaCheckMs, onEvent })
    try {
      await run(tapped)
    } finally {
      await tapped.close()
    }
  }

  test('Corner 16: a trigger from outside is noticed within the time between two looks, and its writes invalidate from then on', async () => {
    await using(20, async ({ knex }) => {
      expect(await read(knex)).toBe(0)
      await createTrigger(outside, name)
      // A server is asked in the background; SQLite by the next write itself.
      if (name === 'sqlite') await pause(25)
      else {
        await until(
          async () => {
            await read(knex)
            return noticed()
          },
          { what: 'the notice' },
        )
      }
      for (const n of [1, 2, 3]) {
        await write(knex)
        expect(await read(knex)).toBe(n)
        expect(await read(knex)).toBe(n)
      }
      expect(events).toEqual([{ type: 'schema-changed-outside', connection: 'default' }])
    })
  })

  test('everything that was cached before is void when it is noticed', async () => {
    // So long that no look is under way when the schema changes: it would see the change before the next read.
    await using(1000, async ({ knex }) => {
      expect(await read(knex)).toBe(0)
      await outside('totals').update({ n: 70 })
      await outside.schema.alterTable('items', (table) => void table.integer('w'))
      expect(await read(knex)).toBe(0) // nothing tells of rows that others write
      await until(
        async () => {
          await knex('items').where({ id: 2 }).cache({ refresh: true })
          return noticed()
        },
        { what: 'the notice' },
      )
      expect(await read(knex)).toBe(70)
    })
  })

  test('changes through Millrace are none, whoever reads and writes meanwhile', async () => {
    await using(1, async ({ knex }) => {
      let ended = false
      const busy = [read, write].map(async (one) => {
        while (!ended) {
          await one(knex)
          await pause(1)
        }
      })
      for (let i = 0; i < 12; i += 1) {
        await knex.schema.createTable(`t${i}`, (table) => void table.integer('id'))
        await pause(15)
      }
      await createTrigger(knex, name)
      await pause(400) // longer than a change that nobody told of yet is waited for
      ended = true
      await Promise.all(busy)
      expect(events).toEqual([])
      const before = await read(knex)
      await write(knex)
      expect(await read(knex)).toBe(before + 1)
    })
  })

  if (name !== 'sqlite') {
    test('a pool in which nothing is ever idle asks before it lends', async () => {
      // Long enough that the transaction holds the only connection before the first look is due.
      const checkMs = 400
      await using(
        checkMs,
        async ({ knex }) => {
          expect(await read(knex)).toBe(0)
          const trx = await knex.transaction()
          const since = performance.now()
          await createTrigger(outside, name)
          await until(async () => {
            await read(knex)
            return performance.now() - since > 3 * checkMs
          })
          // In line for the connection: it is never idle.
          const written = write(knex).then(() => read(knex))
          await pause(5)
          await trx.commit()
          expect(await written).toBe(1)
          expect(events).toEqual([{ type: 'schema-changed-outside', connection: 'default' }])
        },
        { min: 1, max: 1 },
      )
    })

    test('an error that speaks of another schema has it looked at now', async () => {
      await using(3_600_000, async ({ knex }) => {
        await read(knex)
        await outside.schema.alterTable('totals', (table) => table.renameColumn('n', 'm'))
        await expect(knex('totals').update({ n: 1 })).rejects.toThrow()
        await until(() => noticed(), { what: 'the notice', timeoutMs: 5000 })
      })
    })

    test('closing while it looks leaves nothing behind', async () => {
      const trx = await outside.transaction()
      // The catalog is locked: a look hangs.
      if (name === 'postgres') {
        await using(1, async ({ knex }) => {
          await read(knex)
          await trx.raw('lock table pg_catalog.pg_policy in access exclusive mode')
          await pause(5)
          await read(knex)
          await pause(20)
          await trx.rollback()
        })
      } else {
        await using(1, async ({ knex }) => {
          await pause(5)
          await read(knex)
        })
        await trx.rollback()
      }
      expect(events).toEqual([])
    })
  }
})

test('SQLite: a view that was replaced outside is not cached by its old tables', async () => {
  const database = await createDatabase('sqlite')
  const outside = knexFactory(database.config)
  await createTables(outside)
  await outside.raw('create view shown as select v as n from items')
  const DB: Millrace = await millrace({
    connection: database.config,
    buffer: false,
    onEvent: () => undefined,
  })
  const shown = async (): Promise<unknown> => await DB.knex('shown').first('n').cache(60)
  try {
    expect(await shown()).toEqual({ n: 1 })
    await outside.raw('drop view shown')
    await outside.raw('create view shown as select n from totals')
    await pause(20)
    await DB.knex('items').where({ id: 2 }).cache(60)
    expect(await shown()).toEqual({ n: 0 })
    await DB.knex('totals').update({ n: 5 })
    expect(await shown()).toEqual({ n: 5 })
  } finally {
    await DB.close()
    await outside.destroy()
    await database.drop()
  }
})

test('a change through a cluster worker is none for its primary', async () => {
  const database = await createDatabase('sqlite')
  const setUp = knexFactory(database.config)
  await createTables(setUp)
  const events: MillraceEvent[] = []
  const DB = await millrace({
    connection: database.config,
    buffer: false,
    onEvent: (event) => events.push(event),
  })
  const team = await Team.fork({ size: 1 })
  try {
    await team.call(0, 'open', { address: database.address, seed: 1 })
    expect(await read(DB.knex)).toBe(0)
    await team.call(
      0,
      'write',
      'create trigger counting after update on items begin update totals set n = n + 1; end',
    )
    await pause(20)
    await write(DB.knex)
    expect(await read(DB.knex)).toBe(1)
    expect(events).toEqual([])
    await team.call(0, 'close')
  } finally {
    await team.end()
    await DB.close()
    await setUp.destroy()
    await database.drop()
  }
})
