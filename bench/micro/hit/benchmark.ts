import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import knexFactory, { type Knex } from 'knex'
import { millrace } from '../../../src/index.ts'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import type { Estimate } from '../../interval.ts'
import {
  pairedRounds,
  speedupOver,
  type Contender,
  type RoundOptions,
  type Timing,
} from './paired-rounds.ts'
import { createPosts, postColumns, questions, type Post, type Question } from './posts.ts'

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

/** The answers to one question. */
interface QuestionResult {
  readonly title: string
  /** How many different values were asked for in turn. */
  readonly values: number
  readonly rows: readonly (Timing & {
    /** How many times as fast as the first line. */
    readonly speedup: Estimate
  })[]
}

/** Takes the next of a question's values. */
type Ask = (value: number | string) => Promise<readonly Post[]>

/** What a cache hit costs beside the same query through Knex and beside a prepared statement, on one SQLite file. */
export async function benchmarkHits({ quick, progress }: BenchSetting): Promise<BenchOutcome> {
  const options: RoundOptions = quick
    ? { rounds: 5, sliceMs: 50, warmUpMs: 200 }
    : { rounds: 30, sliceMs: 100, warmUpMs: 1000 }
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
      const results: QuestionResult[] = []
      for (const question of questions) {
        progress(question.title)
        results.push(await benchmarkQuestion(question, { raw, knex, db }, options))
      }
      return { text: tableOf(results), options, results }
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
): Promise<QuestionResult> {
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
  return { title: question.title, values: values.length, rows: withSpeedup(timings) }
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

function withSpeedup(timings: readonly Timing[]): QuestionResult['rows'] {
  const [base] = timings
  assert.ok(base !== undefined)
  return timings.map((timing) => ({ ...timing, speedup: speedupOver(base, timing) }))
}

function tableOf(results: readonly QuestionResult[]): string {
  const lines = ['A hit, beside the same query without a cache (95 % interval)']
  for (const { title, rows } of results) {
    lines.push(
      '',
      title,
      `${''.padEnd(28)}${'p50 us'.padStart(10)}${'p99 us'.padStart(10)}   times as fast`,
    )
    for (const { name, p50, p99, speedup } of rows) {
      const { median, low, high } = speedup
      const range = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
      lines.push(`${name.padEnd(28)}${micros(p50)}${micros(p99)}   ${range}`)
    }
  }
  return lines.join('\n')
}

function micros(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(2).padStart(10)
}
