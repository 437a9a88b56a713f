import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import knexFactory, { type Knex } from 'knex'
import { millrace } from '../../src/index.ts'
import {
  pairedRounds,
  ratioTo,
  type Contender,
  type RoundOptions,
  type Timing,
} from './paired-rounds.ts'
import { createPosts, postColumns, questions, type Post, type Question } from './posts.ts'
import type { BenchmarkResult, TableRow } from './report.ts'

/** What is used of `DB`. */
interface CachedPosts {
  readonly posts: { cache(ttl: number): Knex.QueryBuilder<Post, Post[]> }
  readonly cache: { stats(): Promise<CacheCounts> | CacheCounts }
  close(): Promise<void>
}

interface CacheCounts {
  readonly hits: number
  readonly misses: number
  readonly bypasses: Readonly<Record<string, number>>
}

/** Takes the next of a question's values. */
type Ask = (value: number | string) => Promise<readonly Post[]>

/** What a cache hit costs beside the same query through Knex and beside a prepared statement, on one SQLite file. */
export async function benchmarkHits(options: RoundOptions): Promise<readonly BenchmarkResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const connection = { filename: join(directory, 'bench.db') }
  const config: Knex.Config = { client: 'better-sqlite3', connection, useNullAsDefault: true }
  const knex = knexFactory(config)
  const raw = new Database(connection.filename)
  try {
    await knex.raw('pragma journal_mode = wal')
    await createPosts(knex)
    const db = (await millrace({ connection: config, buffer: false })) as unknown as CachedPosts
    try {
      const results: BenchmarkResult[] = []
      for (const question of questions) {
        results.push(await benchmarkQuestion(question, { raw, knex, db }, options))
      }
      return results
    } finally {
      await db.close()
    }
  } finally {
    raw.close()
    await knex.destroy()
    await rm(directory, { recursive: true, force: true })
  }
}

interface Databases {
  readonly raw: Database.Database
  readonly knex: Knex
  readonly db: CachedPosts
}

async function benchmarkQuestion(
  question: Question,
  { raw, knex, db }: Databases,
  options: RoundOptions,
): Promise<BenchmarkResult> {
  const { column, values } = question
  const statement = raw.prepare<[number | string], Post>(
    `select ${postColumns.join(', ')} from posts where ${column} = ? order by id`,
  )
  const ways: readonly (readonly [name: string, ask: Ask])[] = [
    ['Knex, no cache', async (value) => await select(knex<Post>('posts'), column, value)],
    ['better-sqlite3, prepared', (value) => Promise.resolve(statement.all(value))],
    ['Millrace, hit', async (value) => await select(db.posts.cache(3600), column, value)],
  ]
  await expectEqualAnswers(question, ways)
  // Everything is in the cache now, so from here on every cached read has to be a hit.
  const before = await db.cache.stats()
  const contenders = ways.map(([name, ask]) => contender(name, question, ask))
  const timings = await pairedRounds(contenders, options)
  const after = await db.cache.stats()
  const asked = contenders.at(-1)?.calls() ?? 0
  expectOnlyHits(before, after, asked)
  await expectEqualAnswers(question, ways)
  return { title: question.title, values: values.length, rows: tableRows(timings) }
}

function select(
  builder: Knex.QueryBuilder<Post, Post[]>,
  column: string,
  value: number | string,
): Knex.QueryBuilder<Post, Post[]> {
  return builder
    .where(column, value)
    .orderBy('id')
    .select(...postColumns) as unknown as Knex.QueryBuilder<Post, Post[]>
}

function contender(
  name: string,
  { rows, values }: Question,
  ask: Ask,
): Contender & { calls(): number } {
  let calls = 0
  let consumed = 0
  return {
    name,
    calls: () => calls,
    async run() {
      const answer = await ask(values[calls++ % values.length] ?? '')
      if (answer.length !== rows) throw new Error(`${name} gave ${String(answer.length)} rows.`)
      // Reads a cell of the first and of the last row: nothing may stay unfinished.
      consumed += (answer[0]?.views ?? 0) + (answer.at(-1)?.created_at ?? 0)
      return consumed
    },
  }
}

async function expectEqualAnswers(
  { values }: Question,
  ways: readonly (readonly [name: string, ask: Ask])[],
): Promise<void> {
  for (const value of values) {
    const [expected, ...others] = await Promise.all(ways.map(([, ask]) => ask(value)))
    for (const other of others) assert.deepStrictEqual(other, expected)
  }
}

function expectOnlyHits(before: CacheCounts, after: CacheCounts, asked: number): void {
  assert.ok(asked > 0, 'nothing was measured')
  assert.equal(after.hits - before.hits, asked, 'a cached read was no hit')
  assert.equal(after.misses, before.misses, 'a cached read was a miss')
  assert.deepEqual(after.bypasses, before.bypasses, 'a cached read bypassed the cache')
}

function tableRows(timings: readonly Timing[]): readonly TableRow[] {
  const [base] = timings
  assert.ok(base !== undefined)
  return timings.map((timing) => ({ ...timing, speedup: ratioTo(base, timing) }))
}
