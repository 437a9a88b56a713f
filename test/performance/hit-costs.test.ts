import { fork } from 'node:child_process'
import { once } from 'node:events'
import knexFactory from 'knex'
import { beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'
import type { HitCosts, PathCost } from './fixtures/hit-costs.ts'

/**
 * The gate of the hot path: counts, which are the same on every machine, and one ratio with a wide margin. `npm run bench` has the
 * figures to quote.
 */

let costs: HitCosts

beforeAll(async () => {
  const database = await createDatabase('sqlite')
  const knex = knexFactory(database.config)
  await knex.schema.createTable('posts', (table) => {
    table.integer('id').primary()
    table.string('title')
    for (const name of ['views', 'category', 'author', 'created', 'active']) table.integer(name)
    table.text('body')
    table.index(['category'])
  })
  const rows = Array.from({ length: 500 }, (_, i) => ({
    id: i + 1,
    title: `post ${String(i)}`,
    views: i * 7,
    category: i % 10,
    author: i % 20,
    created: 1_700_000_000 + i,
    active: i % 2,
    body: i % 3 === 0 ? null : `text ${String(i)}`,
  }))
  await knex.batchInsert('posts', rows, 100)
  await knex.destroy()
  const child = fork(
    fixturePath('performance/fixtures/hits.fixture.ts'),
    [JSON.stringify(database.address)],
    // Room for all that is allocated between two readings of the heap: nothing is collected meanwhile.
    { execArgv: ['--expose-gc', '--max-semi-space-size=256', '--min-semi-space-size=256'] },
  )
  try {
    const exit = once(child, 'exit')
    const [report] = (await Promise.race([
      once(child, 'message'),
      exit.then(([code]) => Promise.reject(new Error(`The process ended with ${String(code)}.`))),
    ])) as [HitCosts]
    costs = report
    await exit
  } finally {
    child.kill()
    await database.drop()
  }
  console.log(`hit costs: ${JSON.stringify(costs)}`)
})

const paths = ['oneRow', 'oneRowFrozen', 'fiftyRows', 'fiftyRowsFrozen'] as const

test.each(paths)('a hit compiles no SQL and sends no statement: %s', (path) => {
  const { compiled, sent } = costs[path]
  expect({ compiled, sent }).toEqual({ compiled: 0, sent: 0 })
})

/** Beside the query itself: the request, the key, promises. Some 1,500 when this was written. */
const overheadBytes = 2000

test('a hit allocates the query, the result and little else', () => {
  const own = ({ bytes }: PathCost, built: number): number => bytes - built
  expect(own(costs.oneRow, costs.built.oneRow)).toBeLessThan(overheadBytes)
  expect(own(costs.oneRowFrozen, costs.built.oneRow)).toBeLessThan(overheadBytes)
  expect(own(costs.fiftyRowsFrozen, costs.built.fiftyRows)).toBeLessThan(overheadBytes)
  // A row of eight columns: eight cells and a header of at most four.
  const rows = 50 * (12 * 8) + 50 * 8 + 64
  expect(own(costs.fiftyRows, costs.built.fiftyRows)).toBeLessThan(overheadBytes + 1.5 * rows)
})

test('a hit is several times as fast as the query through Knex alone', () => {
  // Some 20 and 40 on a quiet machine.
  expect(costs.speedup.oneRow).toBeGreaterThan(4)
  expect(costs.speedup.fiftyRows).toBeGreaterThan(10)
})
