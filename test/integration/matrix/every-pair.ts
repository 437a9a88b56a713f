import { isDeepStrictEqual } from 'node:util'
import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Millrace } from '../../../src/index.ts'
import { millrace } from '../../../src/index.ts'
import {
  createDatabase,
  type DatabaseName,
  describeDatabase,
  type TestDatabase,
} from '../../support/databases.ts'
import { readShapes } from '../../support/matrix/reads.ts'
import { createMatrixSchema, seedMatrix, shapesFor } from '../../support/matrix/schema.ts'
import type { ReadShape, WriteShape } from '../../support/matrix/shapes.ts'
import { writeShapes } from '../../support/matrix/writes.ts'
import { type Seeded, seeded } from '../../support/seed.ts'

type Cacheable = (Knex.QueryBuilder | Knex.Raw) & { cache(ttl: number): PromiseLike<unknown> }

/**
 * The pool of eight sees every pair of a write and a read. In other circumstances each write meets
 * as many reads, drawn anew; with `MILLRACE_LONG=1` all of them.
 */
const sampleSize = process.env['MILLRACE_LONG'] === '1' ? Infinity : 30

/** Every write shape of a database, each followed by every read shape. */
export function describeMatrix(name: DatabaseName): void {
  describeDatabase(
    name,
    'G1: every read shape after every write shape equals the uncached result',
    () => {
      let database: TestDatabase
      let oracle: Knex
      let DB: Millrace

      beforeAll(async () => {
        database = await createDatabase(name)
        oracle = knexFactory(database.config)
        await createMatrixSchema(oracle, database.dialect)
      })

      afterAll(async () => {
        await oracle.destroy()
        await database.drop()
      })

      test('with a pool of 8', async () => {
        const reads = shapesFor(readShapes, database.dialect)
        await runMatrix(8, () => reads)
      }, 240_000)

      test('with a pool of 1', async () => {
        const sample = sampling(seeded(`matrix, pool of 1 ${name}`))
        await runMatrix(1, sample)
      }, 240_000)

      async function runMatrix(pool: number, readsOfNextWrite: () => ReadShape[]): Promise<void> {
        await open(pool)
        const wrong: string[] = []
        for (const write of shapesFor(writeShapes, database.dialect)) {
          const reads = readsOfNextWrite()
          await seedMatrix(oracle)
          await DB.cache.clear()
          const stable = reads.filter((shape) => shape.bypass === undefined)
          await outcomes(stable.map(cached))
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
      }

      test('from inside a transaction that holds the only connection', async () => {
        const sample = sampling(seeded(`matrix, in a transaction ${name}`), true)
        await open(1)
        const wrong: string[] = []
        for (const write of inTransaction(database)) {
          const reads = sample()
          await seedMatrix(oracle)
          await DB.cache.clear()
          await outcomes(reads.map(cached))
          const { bypasses } = await DB.cache.stats()
          await DB.transaction(async (trx) => {
            await write.write(trx)
            for (const read of reads) {
              const inside = await outcome((read.query(trx) as Cacheable).cache(60))
              const plain = await outcome(read.query(trx))
              if (!isDeepStrictEqual(inside, plain))
                wrong.push(`${write.name} / ${read.name} inside`)
            }
          })
          expect((await DB.cache.stats()).bypasses.transaction ?? 0).toBe(
            (bypasses.transaction ?? 0) + reads.length,
          )
          await compare(write, reads, wrong)
        }
        expect(wrong).toEqual([])
        await DB.close()
      }, 240_000)

      /** Some read shapes, others each time, in their order. */
      function sampling({ int }: Seeded, stableOnly = false): () => ReadShape[] {
        const all = shapesFor(readShapes, database.dialect).filter(
          (shape) => !stableOnly || shape.bypass === undefined,
        )
        return () => {
          const chosen = new Set<ReadShape>()
          const size = Math.min(sampleSize, all.length)
          if (size === all.length) return all
          while (chosen.size < size) chosen.add(all[int(all.length)] as ReadShape)
          return all.filter((shape) => chosen.has(shape))
        }
      }

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
        // All read, also those that are never answered from the cache and may differ.
        const answers = await outcomes(reads.map(cached))
        const truths = await outcomes(reads.map((read) => read.query(oracle)))
        for (const [at, read] of reads.entries()) {
          if (read.bypass !== undefined || isDeepStrictEqual(answers[at], truths[at])) continue
          wrong.push(
            `${write.name} / ${read.name}: ${JSON.stringify(answers[at])} for ${JSON.stringify(truths[at])}`,
          )
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
}

/** Row writes that can run in a transaction of somebody else. */
function inTransaction(database: TestDatabase): WriteShape[] {
  return shapesFor(writeShapes, database.dialect).filter(
    (shape) =>
      shape.restore === undefined && /^(insert|update|delete|increment|decrement)/.test(shape.name),
  )
}

/** What reads at the same time give: they use the pool's connections, and nothing is written meanwhile. */
function outcomes(reads: readonly PromiseLike<unknown>[]): Promise<unknown[]> {
  return Promise.all(reads.map(outcome))
}

/** What a read gives, or that it is refused: a dropped column is refused with and without a cache. */
async function outcome(read: PromiseLike<unknown>): Promise<unknown> {
  try {
    return rowsOf(await read)
  } catch {
    return 'refused'
  }
}

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
