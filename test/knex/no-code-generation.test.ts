import { fork } from 'node:child_process'
import { once } from 'node:events'
import knexFactory from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase('sqlite')
  const knex = knexFactory(database.config)
  await knex.schema.createTable('t', (table) => {
    table.integer('id').primary()
    table.string('name')
    table.binary('data')
  })
  await knex('t').insert([
    { id: 1, name: 'Oak', data: Buffer.from([0, 255]) },
    { id: 2, name: null, data: null },
  ])
  await knex.destroy()
})
afterAll(async () => {
  await database.drop()
})

test.each<[string, string[], boolean]>([
  ['a process as it comes', [], true],
  ['a process that forbids code from strings', ['--disallow-code-generation-from-strings'], false],
])('G5: hits in %s equal the uncached results', async (_title, execArgv, codeIsGenerated) => {
  const child = fork(fixturePath('knex/fixtures/hit.ts'), [JSON.stringify(database.address)], {
    execArgv,
  })
  try {
    const exit = once(child, 'exit')
    const [report] = (await Promise.race([
      once(child, 'message'),
      exit.then(([code]) => Promise.reject(new Error(`The process ended with ${String(code)}.`))),
    ])) as unknown[]
    // Five queries, read with frozen rows too: one miss each, for both read one entry.
    expect(report).toEqual({ codeIsGenerated, hits: 25, bypasses: {} })
  } finally {
    child.kill()
  }
})
