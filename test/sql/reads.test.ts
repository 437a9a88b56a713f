import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatementFootprint } from '../../src/contract/footprint.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery, compiled } from '../support/matrix/analyse.ts'
import { readShapes } from '../support/matrix/reads.ts'
import { createMatrixSchema, matrixRelations, shapesFor } from '../support/matrix/schema.ts'

/** What stands behind a name of the matrix, written by hand. */
const behind: Readonly<Record<string, readonly string[]>> = {
  v_active_posts: ['posts', 'users'],
  v_nested: ['v_active_posts', 'posts', 'users', 'comments'],
  v_tag_names: ['tags'],
  events: ['events_low', 'events_high'],
  animals: ['dogs'],
}
const behindCalls: Readonly<Record<string, readonly string[]>> = {
  'function that reads': ['posts'],
  'function in from': ['posts'],
  'function that calls a function': ['posts', 'comments'],
}
/** A superset is right here, and known. */
const broader = new Set(['cte that shadows a table'])

describeDatabases('reads of every shape', (name) => {
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await createMatrixSchema(knex, database.dialect)
    analyser = new StatementAnalyser(database.dialect)
    await analyser.load(catalogQuery(knex))
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  test('a read shape depends on exactly its tables', () => {
    const relations = new Set(matrixRelations(database.dialect))
    const found: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const shape of shapesFor(readShapes, database.dialect)) {
      const tables = shape.tables.flatMap((table) => [table, ...(behind[table] ?? [])])
      tables.push(...(behindCalls[shape.name] ?? []))
      const [footprint] = analyser.footprint(compiled(shape.query(knex)))
      expected[shape.name] = [...new Set(tables)].sort().join()
      found[shape.name] = readsOf(
        footprint,
        relations,
        broader.has(shape.name) ? tables : undefined,
      )
    }
    expect(found).toEqual(expected)
  })

  test('a read shape is a query that may be cached, unless it says why not', () => {
    const found: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const shape of shapesFor(readShapes, database.dialect)) {
      const [footprint] = analyser.footprint(compiled(shape.query(knex)))
      expected[shape.name] = {
        selects: true,
        volatile: shape.bypass === 'volatile',
        locks: shape.bypass === 'locks',
      }
      found[shape.name] = {
        selects: footprint?.selects,
        volatile: footprint?.volatile,
        locks: footprint?.locks,
      }
    }
    expect(found).toEqual(expected)
  })
})

/** Reads as sorted text. With `within`, only those of it count: the footprint may name more. */
function readsOf(
  footprint: StatementFootprint | undefined,
  relations: ReadonlySet<string>,
  within: readonly string[] | undefined,
): string {
  const reads = footprint?.reads
  if (reads === undefined || reads === 'everything') return String(reads)
  const unknown = [...reads].filter((table) => !relations.has(table))
  return [...reads, ...unknown]
    .filter((table) => within === undefined || within.includes(table))
    .sort()
    .join()
}
