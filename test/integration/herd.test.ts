import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { LastingTeam } from './fixtures/lasting-team.ts'
import { Team } from './fixtures/team.ts'

/** The query of a herd, and by its name what the workers know it by: they serve several tests. */
const sumOf = (herd: string): string => `select sum(v) as ${herd} from items`

describeDatabases('a herd of readers', (name) => {
  const fourWorkers = new LastingTeam({ size: 4 })
  let database: TestDatabase
  let setUp: Knex
  let DB: Millrace

  beforeEach(async () => {
    database = await createDatabase(name)
    setUp = knexFactory(database.config)
    await setUp.schema.createTable('items', (table) => {
      table.integer('id').primary()
      table.integer('v')
    })
    await setUp('items').insert([
      { id: 1, v: 20 },
      { id: 2, v: 22 },
    ])
    DB = await millrace({ connection: database.config })
  })

  afterEach(async (context) => {
    await fourWorkers.rest(context)
    await DB.close()
    await setUp.destroy()
    await database.drop()
  })

  async function openIn(team: Team): Promise<Team> {
    await team.all('open', { address: database.address, seed: 1 })
    return team
  }

  const queries = async (workers: Team, herd: string): Promise<number> =>
    (await workers.all('statements', herd)).reduce((sum, count) => sum + count, 0)

  test('1,000 concurrent misses of one query are one query in one process', async () => {
    const sent: string[] = []
    DB.knex.on('query', ({ sql: text }: { sql: string }) => sent.push(text))
    const results = await Promise.all(
      Array.from({ length: 1000 }, () => DB.table('items').sum({ herd: 'v' }).first().cache(60)),
    )
    expect(sent).toHaveLength(1)
    expect(new Set(results.map((row) => Number(row?.herd)))).toEqual(new Set([42]))
    expect(new Set(results).size).toBe(1000)
    const { hits, misses, fills } = await DB.cache.stats()
    expect({ hits, misses, fills }).toEqual({ hits: 999, misses: 1, fills: 1 })
  })

  test('a query that fails fails for its own reader, and the others go on', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () => DB.knex('items').select('nowhere').cache(60)),
    )
    expect(results.every(({ status }) => status === 'rejected')).toBe(true)
    await DB.knex.raw('alter table items add column nowhere integer')
    expect(await DB.knex('items').select('nowhere').cache(60)).toHaveLength(2)
  })

  test('1,000 concurrent misses of one query are one query over four workers', async () => {
    const workers = await openIn(await fourWorkers.ready())
    const answers = await workers.all('herd', 250, sumOf('whole_herd'))
    expect(new Set(answers.flat()).size).toBe(1)
    expect(answers.flat()).toHaveLength(4)
    expect(await queries(workers, 'whole_herd')).toBe(1)
  })

  test('G7: a worker killed while its query runs holds up nobody', async () => {
    const workers = await openIn(await fourWorkers.ready())
    const sql = sumOf('broken_herd')
    await workers.call(0, 'hang', 'broken_herd')
    const dead = workers.call(0, 'herd', 10, sql).catch((error: unknown) => String(error))
    await untilOnItsWay(workers, 'broken_herd')
    const others = [1, 2, 3].map((worker) => workers.call(worker, 'herd', 250, sql))
    // Answers come in order: the herds' lookups were sent before these answers.
    await Promise.all([1, 2, 3].map((worker) => workers.call(worker, 'statements', '')))
    await workers.kill(0)
    expect(await dead).toContain('has ended')
    const answers = await Promise.all(others)
    expect(new Set(answers.flat()).size).toBe(1)
    expect((await workers.call(1, 'herd', 1, sql))[0]).toBe(answers[0]?.[0])
    await fourWorkers.dismiss()
  })

  test('G7: the primary goes on too', async () => {
    const team = await Team.fork({ size: 1 })
    try {
      await openIn(team)
      const sql = sumOf('herd')
      await team.call(0, 'hang', 'herd')
      void team.call(0, 'herd', 1, sql).catch(() => undefined)
      await untilOnItsWay(team, 'herd')
      const mine = Promise.all(Array.from({ length: 100 }, () => DB.knex.raw(sql).cache(60)))
      await team.kill(0)
      expect(await mine).toHaveLength(100)
    } finally {
      await team.end()
    }
  })

  /** Until the first query of a herd has been sent, although it hangs. */
  async function untilOnItsWay(workers: Team, herd: string): Promise<void> {
    const what = 'the query to be on its way'
    await until(async () => (await queries(workers, herd)) === 1, { what })
  }
})
