import assert from 'node:assert/strict'
import knexFactory, { type Knex } from 'knex'
import { millrace, type Millrace } from '../../../src/index.ts'
import { configOf } from '../../../test/support/database-config.ts'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { createBenchDatabase } from '../../database.ts'
import { tableLines } from '../../table.ts'
import { noteColumns, noteOf, rawBytes, samples, type Sample } from './samples.ts'

/** Bytes for each entry of one kind. */
interface EntryMemory {
  readonly title: string
  readonly entries: number
  /** The data of its rows, see `rawBytes`. */
  readonly raw: number
  /** What the process keeps once it is filled, and once it was read a few times. */
  readonly filled: number
  readonly hit: number
  /** What the store counts against `maxBytes`. */
  readonly counted: number
  /** What is kept beyond twice the raw data. */
  readonly beyondTwiceRaw: number
}

/** What the store counts may be wrong by this factor. */
const allowedError = 2
/** The goal is twice the raw data and a constant for each entry: its key, what validates it, and its places in the store. */
const allowedConstant = 3072

/** What a cached result takes of this process's memory, beside its raw data and beside what the store counts for it. */
export async function benchmarkEntryMemory({
  quick,
  progress,
}: BenchSetting): Promise<BenchOutcome> {
  const database = await createBenchDatabase('sqlite')
  const results: EntryMemory[] = []
  try {
    await createNotes(configOf(database.address))
    for (const sample of samples) {
      progress(sample.title)
      const config = configOf(database.address)
      results.push(await measure(config, sample, quick ? sample.quickEntries : sample.entries))
    }
  } finally {
    await database.drop()
  }
  for (const { title, filled, counted, beyondTwiceRaw } of results) {
    const error = Math.max(counted / filled, filled / counted)
    assert.ok(error < allowedError, `${title}: ${filled} bytes are kept, ${counted} counted`)
    assert.ok(
      beyondTwiceRaw < allowedConstant,
      `${title}: ${beyondTwiceRaw} bytes beyond twice the raw data`,
    )
  }
  const options = { columns: noteColumns, allowedError, allowedConstant }
  return { text: tableOf(results), options, results }
}

async function createNotes(config: Knex.Config): Promise<void> {
  const knex = knexFactory(config)
  await knex.schema.createTable('notes', (table) => {
    table.integer('id').primary()
    table.text('title')
    table.integer('views')
    table.text('category')
    table.text('status')
    table.double('rating')
    table.bigInteger('created_at')
    table.text('body')
  })
  const count = Math.max(...samples.map(({ rows, entries }) => rows * entries)) + warmUpRows
  for (let id = 0; id < count; id += 5000) {
    const notes = Array.from({ length: Math.min(5000, count - id) }, (_, i) => noteOf(id + i))
    await knex.batchInsert('notes', notes, 100)
  }
  await knex.destroy()
}

/** Rows for results that come before the measurement, so that compiled code and lists of shapes do not look like entries. */
const warmUpRows = 10_000

async function measure(
  connection: Knex.Config,
  sample: Sample,
  entries: number,
): Promise<EntryMemory> {
  const cache = { maxEntries: 10 * entries + warmUpRows, maxBytes: '4gb', ttl: '1d' } as const
  const DB = await millrace({ connection, cache, buffer: false })
  try {
    const total = sample.rows * entries
    const warmUps = Math.floor(warmUpRows / sample.rows)
    for (let i = 0; i < 3 * warmUps; i++) {
      await read(DB, sample, total + (i % warmUps) * sample.rows)
    }
    const before = await retained()
    const countedBefore = (await DB.cache.stats()).bytes
    let raw = 0
    for (let i = 0; i < entries; i++) raw += rawBytes(await read(DB, sample, i * sample.rows))
    const filled = await retained()
    const stats = await DB.cache.stats()
    assert.equal(stats.entries, entries + warmUps, 'everything is kept')
    for (let i = 0; i < 3 * entries; i++) await read(DB, sample, (i % entries) * sample.rows)
    const hit = await retained()
    assert.equal((await DB.cache.stats()).hits - stats.hits, 3 * entries, 'each read is a hit')
    const perEntry = (bytes: number): number => Math.round(bytes / entries)
    return {
      title: sample.title,
      entries,
      raw: perEntry(raw),
      filled: perEntry(filled - before),
      hit: perEntry(hit - before),
      counted: perEntry(stats.bytes - countedBefore),
      beyondTwiceRaw: perEntry(filled - before - 2 * raw),
    }
  } finally {
    await DB.close()
  }
}

async function read(
  DB: Millrace,
  { columns, rows }: Sample,
  from: number,
): Promise<Record<string, unknown>[]> {
  const query = DB.knex('notes').select(...columns)
  const found = (await (
    rows === 1 ? query.where('id', from) : query.whereBetween('id', [from, from + rows - 1])
  ).cache(3600)) as Record<string, unknown>[]
  assert.equal(found.length, rows)
  return found
}

async function retained(): Promise<number> {
  assert.ok(globalThis.gc !== undefined, 'needs node --expose-gc')
  // Several times, with a pause for what is freed later.
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function tableOf(results: readonly EntryMemory[]): string {
  const head = ['', 'raw', 'kept', 'after hits', 'counted', 'kept to raw', 'beyond twice raw']
  const rows = results.map(({ title, raw, filled, hit, counted, beyondTwiceRaw }) => [
    title,
    ...[raw, filled, hit, counted].map(String),
    `${(filled / raw).toFixed(2)}x`,
    String(beyondTwiceRaw),
  ])
  return ['Bytes of memory for each entry', '', ...tableLines([head, ...rows])].join('\n')
}
