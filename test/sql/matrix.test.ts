import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { readShapes } from '../support/matrix/reads.ts'
import {
  createMatrixSchema,
  matrixRelations,
  matrixTables,
  seedMatrix,
  shapesFor,
} from '../support/matrix/schema.ts'
import { writeShapes } from '../support/matrix/writes.ts'

describeDatabases('the matrix itself', (name) => {
  let database: TestDatabase
  let knex: Knex

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await createMatrixSchema(knex, database.dialect)
    await seedMatrix(knex)
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  test('every read shape runs', async () => {
    const failed: string[] = []
    for (const shape of shapesFor(readShapes, database.dialect)) {
      await Promise.resolve(shape.query(knex)).catch((error: unknown) => {
        failed.push(`${shape.name}: ${String(error)}`)
      })
    }
    expect(failed).toEqual([])
  })

  test('every write shape changes a table unless it says otherwise', async () => {
    const dump = async (): Promise<string> => {
      const rows = matrixRelations(database.dialect).map(async (relation): Promise<unknown> => [
        relation,
        await knex(relation).select('*'),
      ])
      return JSON.stringify(await Promise.all(rows))
    }
    const wrong: string[] = []
    for (const shape of shapesFor(writeShapes, database.dialect)) {
      await seedMatrix(knex)
      const before = await dump()
      try {
        await shape.write(knex)
        const changed = (await dump()) !== before
        const still = shape.expectNone === true || shape.fails === true
        if (changed === still && shape.mayChangeNothing !== true)
          wrong.push(`${shape.name}: ${String(changed)}`)
        await shape.restore?.(knex)
      } catch (error) {
        wrong.push(`${shape.name}: ${String(error)}`)
      }
    }
    expect(wrong).toEqual([])
    expect(matrixTables(database.dialect).length).toBeGreaterThan(12)
  }, 120_000)
})
