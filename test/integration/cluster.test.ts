import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import knexFactory, { type Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'
import { runDirectory } from '../support/run.ts'
import { until } from '../support/wait.ts'
import { LastingTeam } from './fixtures/lasting-team.ts'
import { Team } from './fixtures/team.ts'

async function createItems(k: Knex): Promise<void> {
  await k.schema.createTable('items', (table) => {
    table.integer('id').primary()
    table.integer('v').notNullable().defaultTo(0)
  })
  await k.schema.createTable('log', (table) => {
    table.integer('item_id')
    table.integer('n').defaultTo(0)
  })
  await k('items').insert({ id: 1, v: 1 })
  await k('log').insert({ item_id: 1, n: 0 })
}

/** Waits for its primary in vain while the other tests run; looked at by the last one. */
let lonely: { readonly child: ChildProcess; readonly told: Promise<unknown[]> }

beforeAll(async () => {
  const { address } = await createDatabase('sqlite')
  const program = fixturePath('integration/fixtures/without-millrace.ts')
  const child = fork(program, [JSON.stringify(address)])
  lonely = { child, told: once(child, 'message') }
})
afterAll(() => {
  lonely.child.kill('SIGKILL')
})

describe('a worker without its primary', () => {
  let database: TestDatabase
  let team: Team

  beforeEach(async () => {
    database = await createDatabase('sqlite')
    team = await Team.fork({ size: 1 })
  })
  afterEach(async () => {
    await team.end()
    await database.drop()
  })

  test('that opened another database is told so', async () => {
    const other = await createDatabase('sqlite')
    const DB = await millrace({ connection: other.config })
    try {
      await expect(
        team.call(0, 'open', { address: database.address, seed: 1 }),
      ).rejects.toMatchObject({ code: 'MILLRACE_PRIMARY_MISMATCH' })
      await expect(team.call(0, 'open', { address: other.address, seed: 1 })).resolves.not.toThrow()
    } finally {
      await DB.close()
      await other.drop()
    }
  })

  test('that opens Millrace only afterwards is waited for', async () => {
    const opening = team.call(0, 'open', { address: database.address, seed: 1 })
    const DB = await millrace({ connection: database.config })
    await opening
    await DB.close()
  })
})

describeDatabases('cluster workers', (name) => {
  const workers = new LastingTeam({ size: 3 })
  let database: TestDatabase
  let setUp: Knex
  let DB: Millrace
  let team: Team

  beforeEach(async () => {
    database = await createDatabase(name)
    setUp = knexFactory(database.config)
    await createItems(setUp)
    await mkdir(runDirectory(inject('millraceRun')), { recursive: true })
    const journal = await mkdtemp(join(runDirectory(inject('millraceRun')), 'cluster-'))
    DB = await millrace({
      connection: database.config,
      buffer: { journal, flushInterval: '1h' },
    })
    team = await workers.ready()
    await team.all('open', { address: database.address, seed: 1 })
  })
  afterEach(async (context) => {
    await workers.rest(context)
    await DB.close()
    await setUp.destroy()
    await database.drop()
  })

  /** What a cached read of a column gives in each worker and in the primary. */
  async function everywhere(table: string, column: string): Promise<unknown[]> {
    const workers = await team.all('read', table, column)
    const own = await DB.knex(table).orderBy(column).pluck(column).cache(60)
    return [...workers.map(({ value }) => value), own]
  }
  const fourTimes = (value: unknown): unknown[] => [value, value, value, value]

  test('G1: a write in one is seen in all', async () => {
    expect(await everywhere('items', 'v')).toEqual(fourTimes([1]))
    for (const [version, worker] of [0, 1, 2].entries()) {
      await team.call(worker, 'write', 'update items set v = v + 1')
      expect(await everywhere('items', 'v')).toEqual(fourTimes([version + 2]))
    }
    await DB.knex('items').update({ v: 9 })
    expect(await everywhere('items', 'v')).toEqual(fourTimes([9]))
    expect((await team.call(0, 'read', 'items', 'v')).hit).toBe(true)
  })

  test('the messages of the application pass untouched, in both directions', async () => {
    const message = { kind: 'batch', items: [1, null, { nested: 'ü' }] }
    await Promise.all([
      team.all('say', message, 50),
      ...Array.from({ length: 20 }, () => everywhere('items', 'v')),
    ])
    team.send(1, { kind: 'welcome', link: 'mine' })
    expect(await team.call(1, 'messages')).toEqual([{ kind: 'welcome', link: 'mine' }])
    expect(await team.call(0, 'messages')).toEqual([])
    expect(team.otherMessages).toEqual(Array.from({ length: 150 }, () => message))
  })

  test('G1: a trigger that one worker creates is known to the others', async () => {
    await everywhere('log', 'n')
    await team.call(0, 'write', logTrigger(name))
    expect(await everywhere('log', 'n')).toEqual(fourTimes([0]))
    await team.call(1, 'write', 'update items set v = 5')
    expect(await everywhere('log', 'n')).toEqual(fourTimes([5]))
    await DB.knex('items').update({ v: 6 })
    expect(await everywhere('log', 'n')).toEqual(fourTimes([6]))
  })

  test('G1: nor is it missed by a transaction that had not yet heard of it', async () => {
    await everywhere('log', 'n')
    await team.call(0, 'write', logTrigger(name))
    await team.call(1, 'begin')
    await team.call(1, 'inTransaction', 'update items set v = 5')
    // This worker reads the new catalog between its statement and its COMMIT. (On SQLite the transaction holds its only connection.)
    if (name !== 'sqlite') {
      const reads = async (): Promise<boolean> => (await team.call(1, 'read', 'items', 'id')).hit
      await until(reads, { what: 'the worker to cache again' })
    }
    await team.call(0, 'read', 'log', 'n')
    await team.call(1, 'commit')
    expect(await everywhere('log', 'n')).toEqual(fourTimes([5]))
  })

  test.runIf(name === 'postgres')(
    'G1: nor by a write that was on its way when the trigger came',
    async () => {
      await everywhere('log', 'n')
      const gate = await setUp.transaction()
      await gate.raw('select pg_advisory_xact_lock(7)')
      await team.call(0, 'begin')
      await team.call(0, 'inTransaction', logTrigger(name, 'perform pg_advisory_xact_lock(7);'))
      const write = team.call(1, 'write', 'update items set v = 5')
      const written = write.catch((error: unknown) => error)
      try {
        await waitingForLock('relation')
        await team.call(0, 'commit')
        await waitingForLock('advisory')
        // The new schema is known by now, and the write not finished: what it will change must not be cached.
        let sentAway = 0
        const judged = async (): Promise<boolean> => {
          const answers = await team.all('read', 'log', 'n')
          const before = (await DB.cache.stats()).bypasses['pending'] ?? 0
          await DB.knex('log').pluck('n').cache(60)
          if (((await DB.cache.stats()).bypasses['pending'] ?? 0) > before) sentAway++
          return sentAway > 10 || answers.every(({ hit }) => hit)
        }
        await until(judged, { what: 'reads to be cached, or to be sent to the database' })
      } finally {
        await gate.commit()
        await written
      }
      await write
      expect(await everywhere('log', 'n')).toEqual(fourTimes([5]))
    },
  )

  async function waitingForLock(event: string): Promise<void> {
    const sql = `select 1 from pg_stat_activity where datname = current_database() and wait_event = ?`
    const waiting = async (): Promise<boolean> => (await setUp.raw(sql, [event])).rows.length > 0
    await until(waiting, { what: `a statement to wait for a lock (${event})` })
  }

  test('G1: a view that one worker creates can be cached in the others', async () => {
    await everywhere('items', 'v')
    await team.call(0, 'write', 'create view seen as select v + 100 as w from items')
    expect(await everywhere('seen', 'w')).toEqual(fourTimes([101]))
    await everywhere('seen', 'w')
    await team.call(2, 'write', 'update items set v = 2')
    expect(await everywhere('seen', 'w')).toEqual(fourTimes([102]))
    // Each worker reads its catalog first, and reads at the same moment may bypass each other.
    const allHit = async (): Promise<boolean> =>
      (await team.all('read', 'seen', 'w')).every(({ hit }) => hit)
    await until(allHit, { what: 'every worker to answer from the cache' })
    expect(await everywhere('seen', 'w')).toEqual(fourTimes([102]))
  })

  test('a clear in one clears for all', async () => {
    for (const clear of [
      () => team.call(0, 'clear'),
      () => team.call(1, 'clearTable', 'items'),
      () => DB.cache.clear(),
      () => DB.table('items').cache.clear(),
    ]) {
      await everywhere('items', 'v')
      // Beside Millrace: only a clear makes it seen.
      await setUp('items').increment('v', 1)
      const v = Number((await setUp('items').first('v')).v)
      expect(await everywhere('items', 'v')).toEqual(fourTimes([v - 1]))
      await clear()
      expect(await everywhere('items', 'v')).toEqual(fourTimes([v]))
    }
    expect((await DB.cache.stats()).entries).toBeGreaterThan(0)
    await team.call(2, 'clear')
    expect((await DB.cache.stats()).entries).toBe(0)
  })

  test('B6: buffered writes of workers, and cached reads that see them applied', async () => {
    expect(await everywhere('items', 'v')).toEqual(fourTimes([1]))
    expect(await team.call(0, 'bufferedIncrement', 2)).toEqual({ ack: 'disk', value: 3 })
    expect(await team.call(1, 'bufferedIncrement', 3)).toEqual({ ack: 'disk', value: 6 })
    expect(await team.all('bufferedGet')).toEqual([6, 6, 6])
    expect(await everywhere('items', 'v')).toEqual(fourTimes([1]))
    await team.call(2, 'flush')
    expect(await everywhere('items', 'v')).toEqual(fourTimes([6]))
    expect(await team.all('bufferedGet')).toEqual([6, 6, 6])
    expect(await team.call(2, 'bufferedInsert', { id: 2, v: 40 })).toEqual({ id: 2, v: 40 })
    await DB.buffer.flush()
    expect(await everywhere('items', 'v')).toEqual(fourTimes([6, 40]))
    expect((await setUp('items').orderBy('id').pluck('v')).map(Number)).toEqual([6, 40])
  })

  test('B6: when `applied` resolves in a worker, every cached read sees the write', async () => {
    for (let round = 0; round < 10; round++) {
      const before = await everywhere('items', 'v')
      const applied = team.call(round % 3, 'appliedIncrement', 1)
      await Promise.all([applied, flushUntil(applied)])
      const after = await everywhere('items', 'v')
      expect([before, after]).toEqual([fourTimes([round + 1]), fourTimes([round + 2])])
    }
  })

  /** Flushes from another worker until the write is applied. */
  async function flushUntil(applied: Promise<unknown>): Promise<void> {
    let done = false
    const stop = applied.finally(() => {
      done = true
    })
    while (!done) await team.call(2, 'flush')
    await stop
  }
})

test('a worker whose primary never opened Millrace is told so', async () => {
  const [told] = await lonely.told
  expect(told).toMatchObject({
    code: 'MILLRACE_PRIMARY_NOT_OPEN',
    message: expect.stringContaining('in the primary') as string,
  })
})

function logTrigger(name: string, first = ''): string {
  const body = `${first} update log set n = new.v where item_id = new.id`
  return name === 'postgres'
    ? `create function note() returns trigger language plpgsql as $$ begin ${body}; return null; end $$;
       create trigger note after update on items for each row execute function note()`
    : `create trigger note after update on items for each row begin ${body}; end`
}
