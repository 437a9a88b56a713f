import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { install, type Millrace } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'

type Query = Knex.QueryBuilder
type CacheInput = number | { ttl: number; frozen: boolean }

/** What tests replace on a client. */
interface Client {
  config: { postProcessResponse?: unknown; wrapIdentifier?: unknown }
  postProcessResponse?: (response: unknown, context: unknown) => unknown
  wrapIdentifierImpl(name: string): string
  queryCompiler(...args: unknown[]): { limit(): string }
  removeAllListeners(event?: string): unknown
  on(event: string, listener: () => void): unknown
}

/** Of Knex, and without types: for migrations, which want their own tables by their own names. */
interface Processing {
  disableProcessing(): void
  enableProcessing(): void
}

/** Whatever an application hangs onto its Knex instance works on hits as it does on queries, from whenever it hangs there. */
describe('hooks of the application on hits', () => {
  let database: TestDatabase
  let knex: Knex
  let DB: Millrace
  const client = (): Client => knex.client as Client
  const processing = (): Processing => knex as unknown as Processing
  const cached = (k: Knex, input: CacheInput = 60): Query =>
    (k('posts') as Query & { cache(input: CacheInput): Query }).cache(input)
  const read = (k: Knex = knex): Query => cached(k).where('id', 1).first('title')

  beforeEach(async () => {
    database = await createDatabase('sqlite')
    knex = knexFactory(database.config)
    await knex.schema.createTable('posts', (table) => {
      table.integer('id').primary()
      table.string('title')
    })
    await knex.schema.createTable('drafts', (table) => {
      table.integer('id').primary()
      table.string('title')
    })
    await knex('posts').insert([
      { id: 1, title: 'one' },
      { id: 2, title: 'two' },
    ])
    await knex('drafts').insert({ id: 1, title: 'draft' })
    DB = await install(knex, { buffer: false })
    await read()
    await read()
  })

  afterEach(async () => {
    await DB.close()
    await knex.destroy()
    await database.drop()
  })

  // That removes the listeners too by which Millrace hears of new ones.
  test('a listener that comes after removeAllListeners() hears of hits', async () => {
    knex.removeAllListeners()
    await read()
    let heard = 0
    knex.on('query-response', () => (heard += 1))
    await read()
    await read()
    expect(heard).toBe(2)
  })

  test('a listener that comes after the removal of all newListener listeners hears of hits', async () => {
    client().removeAllListeners('newListener')
    await read()
    let heard = 0
    client().on('query-response', () => (heard += 1))
    await read()
    expect(heard).toBe(1)
  })

  test('a listener for one event hears once, and the hits after it are hits', async () => {
    let heard = 0
    knex.once('query-response', () => (heard += 1))
    for (let i = 0; i < 3; i++) await read()
    expect(heard).toBe(1)
    expect((await DB.cache.stats()).hits).toBe(4)
  })

  // The run belongs to the clone's client.
  test('listeners of an instance from withUserParams() hear of its hits', async () => {
    const clone = knex.withUserParams({})
    let heard = 0
    clone.on('query-response', () => (heard += 1))
    await clone('posts').where('id', 1).first('title')
    expect(heard).toBe(1)
    for (let i = 0; i < 3; i++) expect(await read(clone)).toEqual({ title: 'one' })
    expect(heard).toBe(4)
    await read()
    expect(heard).toBe(4)
  })

  test('post-processing that comes and goes is that of the moment', async () => {
    client().config.postProcessResponse = (row: unknown) => ({ row })
    expect(await read()).toEqual({ row: { title: 'one' } })
    processing().disableProcessing()
    expect(await read()).toEqual({ title: 'one' })
    processing().enableProcessing()
    expect(await read()).toEqual({ row: { title: 'one' } })
    delete client().config.postProcessResponse
    expect(await read()).toEqual({ title: 'one' })
  })

  test('a name mapping that comes and goes is that of the moment', async () => {
    client().config.wrapIdentifier = (name: string, wrap: (name: string) => string) =>
      wrap(name === 'posts' ? 'drafts' : name)
    for (let i = 0; i < 2; i++) expect(await read()).toEqual({ title: 'draft' })
    processing().disableProcessing()
    for (let i = 0; i < 2; i++) expect(await read()).toEqual({ title: 'one' })
    processing().enableProcessing()
    for (let i = 0; i < 2; i++) expect(await read()).toEqual({ title: 'draft' })
    delete client().config.wrapIdentifier
    for (let i = 0; i < 2; i++) expect(await read()).toEqual({ title: 'one' })
  })

  // With `fingerprint: false` the client's own method is called.
  test("a client's own postProcessResponse is called for hits", async () => {
    client().postProcessResponse = (row) => ({ row })
    expect(await knex('posts').where('id', 1).first('title')).toEqual({ row: { title: 'one' } })
    expect(await read()).toEqual({ row: { title: 'one' } })
  })

  test("a client's own postProcessResponse gets rows that it may change", async () => {
    const frozen = (): Query =>
      cached(knex, { ttl: 60, frozen: true }).orderBy('id').select('title')
    await frozen()
    client().postProcessResponse = (rows) => {
      for (const row of rows as { title: string }[]) row.title += '!'
      return rows
    }
    for (let i = 0; i < 2; i++)
      expect(await frozen()).toEqual([{ title: 'one!' }, { title: 'two!' }])
  })

  test('a client that compiles in a way of its own from now on is compiled', async () => {
    const below = client().wrapIdentifierImpl
    client().wrapIdentifierImpl = (name) =>
      below.call(knex.client, name === 'posts' ? 'drafts' : name)
    expect(await knex('posts').where('id', 1).first('title')).toEqual({ title: 'draft' })
    expect(await read()).toEqual({ title: 'draft' })
  })

  test('a client with another compiler from now on is compiled', async () => {
    const rows = (): Query => cached(knex).orderBy('id').select('id').limit(2)
    await rows()
    await rows()
    const below = client().queryCompiler
    client().queryCompiler = function (...args) {
      const compiler = below.apply(this, args)
      compiler.limit = () => 'limit 1'
      return compiler
    }
    expect(await knex('posts').select('id').orderBy('id').limit(1)).toEqual([{ id: 1 }])
    await expect(rows().then((found: unknown) => found)).resolves.toEqual([{ id: 1 }])
  })

  test('a builder’s own listeners hear what an uncached run tells', async () => {
    const told = async (query: Query): Promise<unknown[]> => {
      const heard: unknown[] = []
      query.on('start', () => heard.push('start'))
      query.on('query-response', (row: unknown) => heard.push(row))
      query.on('end', () => heard.push('end'))
      await query
      return heard
    }
    const uncached = await told(knex('posts').where('id', 1).first('title'))
    for (let i = 0; i < 3; i++) expect(await told(read())).toEqual(uncached)
  })
})
