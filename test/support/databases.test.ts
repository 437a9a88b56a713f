import knex from 'knex'
import { expect, test } from 'vitest'
import { createDatabase, describeDatabases } from './databases.ts'
import { isLeftover, newRunName } from './run.ts'

describeDatabases('a test database', (name) => {
  test('is empty, its own, and gone after drop()', async () => {
    const one = await createDatabase(name)
    const two = await createDatabase(name)
    const a = knex(one.config)
    const b = knex(two.config)
    try {
      expect(one.dialect).toBe(name)
      await a.schema.createTable('things', (table) => {
        table.increments('id')
      })
      expect(await a.schema.hasTable('things')).toBe(true)
      expect(await b.schema.hasTable('things')).toBe(false)
    } finally {
      // Dropped with open connections on purpose: a failed test leaves them behind.
      await one.drop()
      await two.drop()
      await Promise.all([a.destroy(), b.destroy()])
    }
    const again = knex({ ...one.config, log: { warn: () => undefined } })
    await expect(again.raw('select 1 from things')).rejects.toThrow()
    await again.destroy()
  })
})

test('an SQLite test database has foreign keys, WAL and a pool of one', async () => {
  const database = await createDatabase('sqlite')
  const db = knex(database.config)
  expect(await db.raw('pragma foreign_keys')).toEqual([{ foreign_keys: 1 }])
  expect(await db.raw('pragma journal_mode')).toEqual([{ journal_mode: 'wal' }])
  expect(database.config.pool).toMatchObject({ min: 1, max: 1 })
  await db.destroy()
  await database.drop()
})

test('leftovers are recognised by name, age and process', () => {
  const run = newRunName()
  expect(isLeftover(run)).toBe(false)
  const hoursAgo = (hours: number) => (Date.now() - hours * 3_600_000).toString(36)
  const dead = 2 ** 22 + 1
  expect(isLeftover(`millrace_test_${hoursAgo(2)}_${String(dead)}_abcdef_01234567`)).toBe(true)
  expect(isLeftover(`millrace_test_${hoursAgo(2)}_${String(process.pid)}_abcdef`)).toBe(false)
  expect(isLeftover(`millrace_test_${hoursAgo(25)}_${String(process.pid)}_abcdef`)).toBe(true)
  expect(isLeftover('millrace_test_notes')).toBe(false)
  expect(isLeftover('millrace')).toBe(false)
})
