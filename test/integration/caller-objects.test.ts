import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { millrace, type Millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('what the caller keeps', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace
  let k: Knex

  beforeAll(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('tags', (t) => {
      t.string('id', 30).primary()
      t.string('slug', 30).unique()
      t.integer('n')
      t.dateTime('at')
    })
    DB = await millrace({ connection: database.config, buffer: false, nanoid: { tags: 'id' } })
    k = DB.knex
  })

  afterAll(async () => {
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  test('G5: a binding that changes while the query waits changes neither query nor entry', async () => {
    await k('tags').insert({ slug: 'dated', n: 1, at: new Date(0) })
    const since = (at: Date) => k('tags').cache(60).where('slug', 'dated').where('at', '>=', at)
    const at = new Date(0)
    const first = since(at).then((rows) => rows.length)
    at.setFullYear(2030)
    expect(await first).toBe(1)
    expect(await since(new Date(0))).toHaveLength(1)
    expect(await since(at)).toHaveLength(0)
  })

  test('merging into a row leaves its id', async () => {
    await k('tags').insert({ slug: 'merged', n: 1 })
    const [before] = await oracle('tags').where('slug', 'merged')
    await k('tags').insert({ slug: 'merged', n: 2 }).onConflict('slug').merge()
    await k('tags')
      .insert([
        { slug: 'merged', n: 3 },
        { slug: 'other', n: 3 },
      ])
      .onConflict('slug')
      .merge()
    const [after] = await oracle('tags').where('slug', 'merged')
    expect(after).toEqual({ ...before, n: 3 })
    expect(await oracle('tags').where('slug', 'other')).toHaveLength(1)
    await k('tags').insert({ id: 'mine', slug: 'merged', n: 4 }).onConflict('slug').merge()
    expect(await oracle('tags').where('slug', 'merged')).toMatchObject([{ id: 'mine', n: 4 }])
  })
})
