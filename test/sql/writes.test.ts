import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'
import {
  createMatrixSchema,
  matrixRelations,
  seedMatrix,
  shapesFor,
} from '../support/matrix/schema.ts'
import { writeShapes } from '../support/matrix/writes.ts'

describeDatabases('writes of every shape', (name) => {
  let database: TestDatabase
  let knex: Knex
  let observer: Knex
  let analyser: StatementAnalyser
  let sent: string[] = []

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    observer = name === 'sqlite' ? knex : knexFactory(database.config)
    await createMatrixSchema(knex, database.dialect)
    await seedMatrix(knex)
    analyser = new StatementAnalyser(database.dialect)
    await analyser.load(catalogQuery(observer))
    knex.on('query', (query: { sql: string }) => sent.push(query.sql))
  })

  afterAll(async () => {
    await observer.destroy()
    await knex.destroy()
    await database.drop()
  })

  const dump = async (): Promise<Map<string, string>> => {
    const rows = matrixRelations(database.dialect).map(
      async (relation): Promise<[string, string]> => {
        const found: unknown = await observer(relation).select('*').catch(String)
        return [relation, JSON.stringify(found)]
      },
    )
    return new Map(await Promise.all(rows))
  }

  test('every table that a write changes is in its footprint', async () => {
    const missed: string[] = []
    const everything: string[] = []
    for (const shape of shapesFor(writeShapes, database.dialect)) {
      await seedMatrix(knex)
      const before = await dump()
      sent = []
      await shape.write(knex)
      const statements = sent
      const touched = new Set<string>()
      // Shapes that change the schema send statements that only the later catalog explains.
      let changesSchema = false
      for (let round = 0; round < 2; round += 1) {
        for (const footprint of statements.flatMap((sql) => analyser.footprint(sql))) {
          for (const table of footprint.writes === 'everything' ? ['*'] : footprint.writes)
            touched.add(table)
          changesSchema ||= footprint.changesSchema
        }
        if (changesSchema) await analyser.load(catalogQuery(observer))
      }
      if (touched.has('*')) everything.push(shape.name)
      const after = await dump()
      for (const relation of matrixRelations(database.dialect)) {
        const [read] = analyser.footprint(`select * from ${relation}`)
        const reads = read === undefined || read.reads === 'everything' ? [] : [...read.reads]
        const covered = touched.has('*') || reads.some((table) => touched.has(table))
        if (before.get(relation) !== after.get(relation) && !covered) {
          missed.push(`${shape.name}: ${relation} changed, footprint ${[...touched].join()}`)
        }
      }
      await shape.restore?.(knex)
      if (changesSchema) await analyser.load(catalogQuery(observer))
    }
    expect(missed).toEqual([])
    expect(everything.sort()).toEqual([...countsForEverything[database.dialect]].sort())
  }, 120_000)
})

/** Shapes whose tables cannot be told, on purpose. */
const countsForEverything = {
  sqlite: [],
  postgres: [
    'raw function with execute',
    'builder that calls a writing function',
    'raw prepare, execute',
    'replace a function',
  ],
  mysql: ['raw prepare, execute of text'],
} as const
