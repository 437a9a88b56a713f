import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { install, type Millrace } from '../../src/index.ts'
import { countCompiled } from '../support/compiled-count.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'
import { until } from '../support/wait.ts'

type Query = Knex.QueryBuilder

let database: TestDatabase
let knex: Knex
let DB: Millrace

beforeEach(async () => {
  database = await createDatabase('sqlite')
  knex = knexFactory(database.config)
  await knex.schema.createTable('posts', (table) => {
    table.integer('id').primary()
  })
  await knex('posts').insert([{ id: 1 }, { id: 2 }])
  DB = await install(knex, { buffer: false, cache: { audit: 1 } })
})

afterEach(async () => {
  await DB.close()
  await knex.destroy()
  await database.drop()
})

function posts(): Query {
  return (knex('posts') as Query & { cache(ttl: number): Query }).cache(60)
}

async function audited(count: number): Promise<void> {
  await until(async () => {
    const { checked, raced, unfinished } = (await DB.cache.stats()).audits
    return checked + raced + unfinished >= count
  })
}

test('hits are audited, once each, and found fresh', async () => {
  const read = (): Query => posts().where('id', 1).select('id')
  await read()
  for (let i = 1; i <= 3; i++) {
    await read()
    await audited(i)
  }
  const { hits, misses, staleHits, audits } = await DB.cache.stats()
  expect([hits, misses, staleHits, audits.checked]).toEqual([3, 1, 0, 3])
})

// The builder's functions are not the auditor's to call: what they throw, or say, would not be what found the entry.
test('a function that fails when the auditor asks fails nobody', async () => {
  let calls = 0
  let failing = Infinity
  const read = (): Query =>
    posts()
      .where((query: Query) => {
        calls += 1
        if (calls >= failing) throw new Error('not again')
        void query.where('id', 1)
      })
      .select('id')
  await read()
  // The walk's call succeeds.
  failing = calls + 2
  expect(await read()).toEqual([{ id: 1 }])
})

test('a function that says something else when the auditor asks is no stale hit', async () => {
  let calls = 0
  let changing = Infinity
  const read = (): Query =>
    posts()
      .where((query: Query) => {
        calls += 1
        void query.where('id', calls >= changing ? 2 : 1)
      })
      .select('id')
  await read()
  changing = calls + 2
  expect(await read()).toEqual([{ id: 1 }])
  await audited(1)
  expect((await DB.cache.stats()).staleHits).toBe(0)
})

test('a hit that is not chosen costs the auditor nothing but the draw', async () => {
  await DB.close()
  DB = await install(knex, { buffer: false, cache: { audit: Number.MIN_VALUE } })
  // Equal values teach no text: whoever wants the statement has to compile.
  const read = (): Query => posts().whereIn('id', [1, 1]).select('id')
  await read()
  const compiled = countCompiled(knex)
  for (let i = 0; i < 100; i++) await read()
  compiled.stop()
  expect(compiled.count()).toBe(0)
})
