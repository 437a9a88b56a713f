import { cp, mkdtemp, readdir, realpath, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import ownKnex, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { install } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'
import { repositoryRoot } from '../support/fixture.ts'

let database: TestDatabase
let directory: string

/** A second copy of Knex on disk, with the same dependencies, as a package manager may well install it. */
async function loadOtherCopy(): Promise<(config: Knex.Config) => Knex> {
  const modules = join(repositoryRoot, 'node_modules')
  const place = join(directory, 'node_modules')
  await cp(await realpath(join(modules, 'knex')), join(place, 'knex'), { recursive: true })
  for (const name of await readdir(modules)) {
    if (name === 'knex' || name.startsWith('.')) continue
    await symlink(join(modules, name), join(place, name), 'junction')
  }
  const entry = createRequire(join(directory, 'app.cjs')).resolve('knex')
  expect(dirname(entry)).toContain(directory)
  return createRequire(entry)(entry) as (config: Knex.Config) => Knex
}

beforeAll(async () => {
  database = await createDatabase('sqlite')
  directory = await realpath(await mkdtemp(join(tmpdir(), 'millrace-other-knex-')))
})

afterAll(async () => {
  await database.drop()
  await rm(directory, { recursive: true, force: true })
})

test('install() works for an instance of a Knex copy other than ours', async () => {
  const otherKnex = await loadOtherCopy()
  const knex = otherKnex(database.config)
  expect(knex.client).not.toBeInstanceOf(ownKnex.Client)

  const DB = await install(knex, { buffer: false })
  await knex.schema.createTable('posts', (t) => {
    t.increments('id')
    t.string('title')
  })
  await knex('posts').insert({ title: 'one' })
  const query = (): Knex.QueryBuilder => knex('posts').cache(60).where('id', 1).first()
  expect(await query()).toMatchObject({ title: 'one' })
  await query()
  expect((await DB.cache.stats()).hits).toBe(1)

  await knex.transaction(async (trx) => {
    await trx('posts').where('id', 1).update({ title: 'two' })
    expect(await trx('posts').cache(60).where('id', 1).first()).toMatchObject({ title: 'two' })
  })
  expect(await query()).toMatchObject({ title: 'two' })
  expect(await knex.raw('select title from posts').cache('1m')).toEqual([{ title: 'two' }])

  await DB.close()
  expect('cache' in knex('posts')).toBe(false)
  await knex.destroy()
})
