import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { Team } from './fixtures/team.ts'

const sql = 'select sum(v) as herd from items'

describeDatabases('a herd of readers', (name) => {
  let database: TestDatabase
  let setUp: Knex
  let DB: Millrace
  let team: Team | undefined

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

  afterEach(async () => {
    await team?.end()
    team = undefined
    await DB.close()
    await setUp.destroy()
    await database.drop()
  })

  /** The workers' readers wait for one that hangs before its query is sent; true once the first query is on its way. */
  async function fork(): Promise<Team> {
    const { address } = database
    team = await Team.fork({ size: 4 })
    await team.all('open', { address, seed: 1 })
    return team
  }

  const queries = async (workers: Team): Promise<number> =>
    (await workers.all('statements', 'herd')).reduce((sum, count) => sum + count, 0)

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
    const workers = await fork()
    const answers = await workers.all('herd', 250, sql)
    expect(new Set(answers.flat()).size).toBe(1)
    expect(answers.flat()).toHaveLength(4)
    expect(await queries(workers)).toBe(1)
  })

  test('G7: a worker killed while its query runs holds up nobody', async () => {
    const workers = await fork()
    await workers.call(0, 'hang', 'herd')
    const dead = workers.call(0, 'herd', 10, sql).catch((error: unknown) => String(error))
    await until(async () => (await queries(workers)) === 1, { what: 'the query to be on its way' })
    const others = [1, 2, 3].map((worker) => workers.call(worker, 'herd', 250, sql))
    // Answers come in order: the herds' lookups were sent before these answers.
    await Promise.all([1, 2, 3].map((worker) => workers.call(worker, 'statements', '')))
    await workers.kill(0)
    expect(await dead).toContain('has ended')
    const answers = await Promise.all(others)
    expect(new Set(answers.flat()).size).toBe(1)
    expect((await workers.call(1, 'herd', 1, sql))[0]).toBe(answers[0]?.[0])
  })

  test('G7: the primary goes on too', async () => {
    const workers = await fork()
    await workers.call(0, 'hang', 'herd')
    void workers.call(0, 'herd', 1, sql).catch(() => undefined)
    await until(async () => (await queries(workers)) === 1, { what: 'the query to be on its way' })
    const mine = Promise.all(Array.from({ length: 100 }, () => DB.knex.raw(sql).cache(60)))
    await workers.kill(0)
    expect(await mine).toHaveLength(100)
  })
})
