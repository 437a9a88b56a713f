import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'
import { seeded } from '../support/seed.ts'
import { rowCases } from './rows/cases.ts'
import { directConnection, type DirectConnection } from './rows/direct-connection.ts'
import { RandomWrites } from './rows/random-write.ts'
import { snapshot, tryWrite, type Native, type Snapshot } from './rows/row-truth.ts'
import { createRowSchema, partition, seedRows } from './rows/schema.ts'

describeDatabases('the rows that writes change', (name) => {
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser
  let connection: DirectConnection
  let before: Snapshot

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await createRowSchema(knex, database.dialect)
    await seedRows(knex)
    analyser = new StatementAnalyser(database.dialect, { partition })
    await analyser.load(catalogQuery(knex))
    connection = await directConnection(knex, database.dialect)
    before = await snapshot(connection)
  })

  afterAll(async () => {
    await connection.release()
    await knex.destroy()
    await database.drop()
  })

  const native = (builder: Knex.QueryBuilder): Native => builder.toSQL().toNative()

  test('G6: whatever a write of each kind changes is covered by what is said of it', async () => {
    const missed: string[] = []
    const nothing: string[] = []
    for (const { title, write, idle = false } of rowCases) {
      const built = write(knex)
      const sent = typeof built === 'string' ? { sql: built, bindings: [] } : native(built)
      const truth = await tryWrite(connection, analyser, sent, before)
      for (const what of truth.missed) missed.push(`${what} by ${title}`)
      if (truth.changed.length === 0 && !idle) nothing.push(title)
    }
    expect(missed).toEqual([])
    expect(nothing).toEqual([])
  })

  test('G6: whatever a random write changes is covered by what is said of it', async () => {
    const rounds = Number(process.env['MILLRACE_ROUNDS'] ?? 800)
    const writes = new RandomWrites(knex, database.dialect, seeded(`row truth ${name}`))
    const missed: string[] = []
    let [changed, known, all] = [0, 0, 0]
    for (let round = 0; round < rounds; round += 1) {
      const sent = native(writes.next())
      if (sent.sql === '') continue
      const truth = await tryWrite(connection, analyser, sent, before)
      for (const what of truth.missed)
        missed.push(`${what} by ${sent.sql} ${String(sent.bindings)}`)
      changed += truth.changed.length
      known += truth.known
      all += truth.all
    }
    expect(missed).toEqual([])
    expect(changed).toBeGreaterThan(rounds / 5)
    // Without RETURNING there is little to learn of a random write.
    expect(known / all).toBeGreaterThan(name === 'mysql' ? 0.1 : 0.3)
  }, 120_000)
})
