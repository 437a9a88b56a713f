import { randomBytes } from 'node:crypto'
import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { createKinds, type KindReport, kindsConfig, readKinds } from './fixtures/kinds.ts'
import { Team } from './fixtures/team.ts'

describeDatabases('G5: values are the same on miss and hit', (name) => {
  let database: TestDatabase
  let setUp: Knex
  let DB: Millrace
  let team: Team | undefined

  beforeEach(async () => {
    database = await createDatabase(name)
    setUp = knexFactory(database.config)
    await createKinds(setUp, database.dialect)
    DB = await millrace({ connection: kindsConfig(database.address) })
  })

  afterEach(async () => {
    await team?.end()
    team = undefined
    await DB.close()
    await setUp.destroy()
    await database.drop()
  })

  /** Every reader got what the database gives, and all the same; the first one filled, the others hit. */
  function expectSame(first: readonly KindReport[], ...others: readonly KindReport[][]): void {
    for (const report of [...first, ...others.flat()]) {
      expect(report).toMatchObject({ difference: '', afterChange: '' })
    }
    expect(first.filter(({ hit }) => hit)).toEqual([])
    for (const reports of others) {
      expect(reports.filter(({ hit }) => !hit).map((report) => report.name)).toEqual([])
      expect(reports.map(({ shown }) => shown)).toEqual(first.map(({ shown }) => shown))
    }
  }

  const mine = (): Promise<KindReport[]> => readKinds(DB, database.dialect)

  test('in one process', async () => {
    expectSame(await mine(), await mine(), await mine())
  })

  test('there are all kinds of values among them', async () => {
    const shown = (await mine()).map((report) => report.shown).join('\n')
    for (const text of ['9007199254740993n', '<Buffer 00 01 fe ff>', 'null', 'undefined', '[]']) {
      expect(shown).toContain(text)
    }
    if (name !== 'sqlite') expect(shown).toContain('2026-02-03T04:05:06.000Z')
    if (name === 'postgres') expect(shown).toContain('NaN')
    if (name !== 'mysql') expect(shown).toContain('-Infinity')
  })

  test.each(['json', 'advanced'] as const)(
    'in workers and their primary, whoever was first (%s)',
    async (serialization) => {
      const { address } = database
      const workers = (team = await Team.fork({ size: 2, serialization }))
      await workers.all('openKinds', address)
      const worker = (index: number): Promise<KindReport[]> => workers.call(index, 'kinds', address)
      expectSame(await worker(0), await worker(0), await worker(1), await mine())
      await DB.cache.clear()
      expectSame(await mine(), await worker(0), await worker(1), await mine())
    },
  )

  test('a result that is shared frozen is the same one, and cannot be changed', async () => {
    const read = (): PromiseLike<Record<string, unknown>[]> =>
      DB.knex('kinds').orderBy('id').select('id', 'words').cache({ ttl: 60, frozen: true })
    await read()
    const [row] = await read()
    expect(Object.isFrozen(row)).toBe(true)
    expect(() => Object.assign(row!, { words: randomBytes(2) })).toThrow(TypeError)
  })
})
