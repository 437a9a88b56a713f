import { isDeepStrictEqual } from 'node:util'
import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { readShapes } from '../support/matrix/reads.ts'
import { createMatrixSchema, seedMatrix, shapesFor } from '../support/matrix/schema.ts'
import type { ReadShape, WriteShape } from '../support/matrix/shapes.ts'
import { writeShapes } from '../support/matrix/writes.ts'

type Cacheable = (Knex.QueryBuilder | Knex.Raw) & { cache(ttl: number): PromiseLike<unknown> }

/** Rows of a builder's or a raw statement's result, in an order that does not depend on the plan. */
function rowsOf(result: unknown): unknown {
  const rows = unwrap(result)
  if (!Array.isArray(rows)) return rows
  return rows
    .map((row: unknown): [string, unknown] => [JSON.stringify(row), row])
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([, row]) => row)
}

function unwrap(result: unknown): unknown {
  if (typeof result === 'object' && result !== null && 'rows' in result) return result.rows
  const [first, second] = Array.isArray(result) ? (result as unknown[]) : []
  return Array.isArray(first) && Array.isArray(second) ? first : result
}

/** What a read gives, or that it is refused: a dropped column is refused with and without a cache. */
async function outcome(read: PromiseLike<unknown>): Promise<unknown> {
  try {
    return rowsOf(await read)
  } catch {
    return 'refused'
  }
}

describeDatabases(
  'G1: every read shape after every write shape equals the uncached result',
  (name) => {
    let database: TestDatabase
    let oracle: Knex
    let DB: Millrace

    for (const pool of [8, 1]) {
      test(`with a pool of ${String(pool)}`, async () => {
        await open(pool)
        const reads = shapesFor(readShapes, database.dialect)
        const stable = reads.filter((shape) => shape.bypass === undefined)
        const wrong: string[] = []
        for (const write of shapesFor(writeShapes, database.dialect)) {
          await seedMatrix(oracle)
          await DB.cache.clear()
          for (const read of stable) await outcome(cached(read))
          const before = await DB.cache.stats()
          await write
            .write(DB.knex)
            .catch((error: unknown) => wrong.push(`${write.name}: ${String(error)}`))
          await compare(write, reads, wrong)
          if (write.expectNone === true) await expectKept(write, stable, before.misses, wrong)
          await write.restore?.(DB.knex)
        }
        expect(wrong).toEqual([])
        const { hits, misses } = await DB.cache.stats()
        expect(hits).toBeGreaterThan(misses / 10)
        await DB.close()
      }, 240_000)
    }

    test('from inside a transaction that holds the only connection', async () => {
      await open(1)
      const reads = shapesFor(readShapes, database.dialect).filter(
        (shape) => shape.bypass === undefined,
      )
      const wrong: string[] = []
      for (const write of inTransaction(database)) {
        await seedMatrix(oracle)
        await DB.cache.clear()
        for (const read of reads) await outcome(cached(read))
        const { bypasses } = await DB.cache.stats()
        await DB.transaction(async (trx) => {
          await write.write(trx)
          for (const read of reads.slice(0, 30)) {
            const inside = await outcome((read.query(trx) as Cacheable).cache(60))
            const plain = await outcome(read.query(trx))
            if (!isDeepStrictEqual(inside, plain)) wrong.push(`${write.name} / ${read.name} inside`)
          }
        })
        expect((await DB.cache.stats()).bypasses.transaction ?? 0).toBe(
          (bypasses.transaction ?? 0) + 30,
        )
        await compare(write, reads, wrong)
      }
      expect(wrong).toEqual([])
      await DB.close()
    }, 240_000)

    beforeAll(async () => {
      database = await createDatabase(name)
      oracle = knexFactory(database.config)
      await createMatrixSchema(oracle, database.dialect)
    })

    afterAll(async () => {
      await oracle.destroy()
      await database.drop()
    })

    async function open(max: number): Promise<void> {
      const { pool } = database.config
      DB = await millrace({
        connection: { ...database.config, pool: { ...pool, min: 0, max } },
        buffer: false,
      })
    }

    const cached = (read: ReadShape): PromiseLike<unknown> =>
      (read.query(DB.knex) as Cacheable).cache(600)

    async function compare(
      write: WriteShape,
      reads: readonly ReadShape[],
      wrong: string[],
    ): Promise<void> {
      for (const read of reads) {
        const got = await outcome(cached(read))
        if (read.bypass !== undefined) continue
        const truth = await outcome(read.query(oracle))
        if (!isDeepStrictEqual(got, truth)) {
          wrong.push(
            `${write.name} / ${read.name}: ${JSON.stringify(got)} for ${JSON.stringify(truth)}`,
          )
        }
      }
    }

    /** G4: what was rolled back invalidates nothing. */
    async function expectKept(
      write: WriteShape,
      reads: readonly ReadShape[],
      missesBefore: number,
      wrong: string[],
    ): Promise<void> {
      const { misses } = await DB.cache.stats()
      if (misses !== missesBefore) {
        wrong.push(
          `${write.name}: ${String(misses - missesBefore)} of ${String(reads.length)} lost`,
        )
      }
    }
  },
)

/** Row writes that can run in a transaction of somebody else. */
function inTransaction(database: TestDatabase): WriteShape[] {
  return shapesFor(writeShapes, database.dialect).filter(
    (shape) =>
      shape.restore === undefined && /^(insert|update|delete|increment|decrement)/.test(shape.name),
  )
}
