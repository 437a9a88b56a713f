import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const megabyte = 1024 ** 2

/** What is remembered of queries is bounded too, not only their entries: `cache.maxBytes` is what an operator goes by. */
let database: TestDatabase
let DB: Millrace

beforeEach(async () => {
  database = await createDatabase('sqlite')
  DB = await millrace({
    connection: database.config,
    buffer: false,
    cache: { maxBytes: '1mb' },
  })
  await DB.knex.schema.createTable('posts', (table) => {
    table.integer('id').primary()
    table.integer('views')
  })
})

afterEach(async () => {
  await DB.close()
  await database.drop()
})

function usedBytes(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

async function readByIds(ids: readonly number[]): Promise<void> {
  const query = DB.knex('posts') as Knex.QueryBuilder & { cache(ttl: number): Knex.QueryBuilder }
  await query.cache(60).whereIn('views', ids).select('id')
}

/** What the heap grew by; a first round pays for what is made once. */
async function growth(round: (turn: number) => Promise<void>): Promise<number> {
  await round(0)
  const before = usedBytes()
  await round(1)
  return usedBytes() - before
}

// Knex joins a text from pieces, and V8 keeps the pieces: 64 bytes for each `?` where a flat text takes three.
test('lists of many lengths keep no more than their SQL', { timeout: 120_000 }, async () => {
  const lengths = 150
  const grown = await growth(async (turn) => {
    for (let i = 0; i < lengths; i++) {
      const length = 2000 + i + turn * lengths
      await readByIds(Array.from({ length }, (_, id) => id))
    }
  })
  // With room for the values of each query, 10 KB, and for the entries.
  expect(grown / megabyte).toBeLessThan(8)
})

// Counted by number alone, 20,000 queries, each with 64 KB of values, would be 1.3 GB beside a cache of 64 MB. Any bound near the
// cache's own will do here.
test('the values of remembered queries have a bound in bytes', { timeout: 120_000 }, async () => {
  const queries = 800
  const grown = await growth(async (turn) => {
    for (let i = 0; i < queries; i++) {
      const first = 1e8 + (turn * queries + i) * 3000
      await readByIds(Array.from({ length: 3000 }, (_, k) => first + k))
    }
  })
  expect(grown / megabyte).toBeLessThan(8)
  const { bytes } = await DB.cache.stats()
  expect(bytes).toBeLessThanOrEqual(megabyte)
})
