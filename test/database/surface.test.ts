import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import knexPackage from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { install, millrace } from '../../src/index.ts'
import type { CommonOptions, ErrorCode, Millrace } from '../../src/index.ts'

interface Tables {
  posts: { id: number; title: string; views: number }
  notes: { id: string; text: string }
  tags: { id: string; label: string }
}

let directory: string
let opened: { close(): Promise<void> }[]

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-surface-'))
  opened = []
})

afterEach(async () => {
  for (const db of opened) await db.close()
  await rm(directory, { recursive: true, force: true })
})

function sqlite(name = 'main.db'): Knex.Config {
  return {
    client: 'better-sqlite3',
    connection: { filename: join(directory, name) },
    useNullAsDefault: true,
  }
}

async function createTables(knex: Knex): Promise<void> {
  await knex.schema.createTable('posts', (table) => {
    table.increments('id')
    table.text('title').notNullable()
    table.integer('views').notNullable().defaultTo(0)
  })
  for (const [name, column] of [
    ['notes', 'text'],
    ['tags', 'label'],
  ] as const) {
    await knex.schema.createTable(name, (table) => {
      table.text('id').primary()
      table.text(column)
    })
  }
}

async function open(options: CommonOptions = {}): Promise<Millrace<Tables>> {
  const DB = await millrace<Tables>({
    connection: sqlite(),
    buffer: { journal: join(directory, 'journal') },
    ...options,
  })
  opened.push(DB)
  return DB
}

async function openFilled(options: CommonOptions = {}): Promise<Millrace<Tables>> {
  const own = knexPackage(sqlite())
  await createTables(own)
  await own('posts').insert([{ title: 'a' }, { title: 'b' }])
  await own.destroy()
  return await open(options)
}

function coded(code: ErrorCode): unknown {
  return expect.objectContaining({ name: 'MillraceError', code })
}

describe('opening and closing', () => {
  test('a cached read, a write, and the next read sees it', async () => {
    const DB = await openFilled()
    const titles = (): Promise<string[]> => DB.posts.cache(60).orderBy('id').pluck('title').then()
    expect(await titles()).toEqual(['a', 'b'])
    expect(await titles()).toEqual(['a', 'b'])
    await DB.posts.where({ id: 1 }).update({ title: 'c' })
    expect(await titles()).toEqual(['c', 'b'])
    expect(await DB.cache.stats()).toMatchObject({ hits: 1, misses: 2 })
  })

  test('close() destroys what Millrace made and is repeatable', async () => {
    const DB = await openFilled()
    await DB.close()
    await DB.close()
    const closed = coded('MILLRACE_CLOSED') as Error
    expect(() => DB.posts).toThrow(closed)
    expect(() => DB.table('posts')).toThrow(closed)
    expect(() => DB.raw('select 1')).toThrow(closed)
    expect(() => DB.default.posts).toThrow(closed)
    expect(inspect(DB)).toContain('Millrace')
    expect(await (async () => DB)()).toBe(DB)
    expect(DB.nanoid()).toHaveLength(21)
  })

  test("close() leaves the user's instance as it was", async () => {
    const knex = knexPackage(sqlite())
    await createTables(knex)
    const before = Object.getOwnPropertyNames(knex.client)
    {
      await using DB = await install<Tables>(knex, { buffer: false })
      await DB.posts.cache(60)
      expect(DB.knex).toBe(knex)
    }
    expect(await knex('posts').select()).toEqual([])
    expect(Object.getOwnPropertyNames(knex.client)).toEqual(before)
    await using again = await install<Tables>(knex, { buffer: false })
    expect(await again.posts.cache(60)).toEqual([])
    await again.close()
    await knex.destroy()
  })

  test('several connections', async () => {
    const analytics = knexPackage(sqlite('analytics.db'))
    await analytics.schema.createTable('events', (table) => table.increments('id'))
    await using DB = await millrace<{ default: Tables; analytics: { events: { id: number } } }>({
      connections: { default: sqlite(), analytics },
      buffer: { journal: join(directory, 'journal') },
    })
    await DB.analytics.events.insert({ id: 3 })
    expect(await DB.analytics.events.cache(60).first()).toEqual({ id: 3 })
    expect(inspect(DB)).toBe('Millrace default (better-sqlite3), analytics (better-sqlite3)')
    await DB.analytics.cache.clear()
    await DB.close()
    await analytics.destroy()
  })

  test('a failed opening leaves nothing open', async () => {
    const DB = await openFilled({ nanoid: { notes: 'id' } })
    await DB.close()
    await expect(open({ nanoid: { notes: 'nope' } })).rejects.toEqual(
      coded('MILLRACE_COLUMN_UNKNOWN'),
    )
    const unreachable = { client: 'pg', connection: { host: '127.0.0.1', port: 1, user: 'x' } }
    await expect(millrace({ connection: unreachable })).rejects.toEqual(
      coded('MILLRACE_DATABASE_UNREACHABLE'),
    )
    await expect(
      millrace({ connections: { default: sqlite(), raw: sqlite('other.db') } }),
    ).rejects.toEqual(coded('MILLRACE_OPTION_INVALID'))
  })
})

describe('generated ids', () => {
  const id = /^[0-9A-Za-z]{21}$/
  const short = /^[0-9A-Za-z]{8}$/

  test('every way of inserting fills them and leaves the caller alone', async () => {
    const DB = await openFilled({ nanoid: { notes: 'id', tags: { id: 8 } } })
    const note = Object.freeze({ text: 'direct' })
    await DB.notes.insert(note)
    await DB.notes.insert([note, { text: 'list' }])
    await DB.transaction(async (trx) => {
      await trx<Tables['notes']>('notes').insert({ text: 'transaction' })
    })
    await DB.batchInsert('notes', [{ text: 'batch 1' }, { text: 'batch 2' }], 1)
    await DB.knex<Tables['notes']>('notes').insert({ id: 'mine', text: 'given' })
    const { row } = await DB.tags.buffer.insert({ label: 'buffered' })
    const { rows } = await DB.tags.buffer.insert([{ label: 'x' }, { id: 'mine', label: 'y' }])
    await DB.buffer.flush()
    expect(row.id).toMatch(short)
    expect(rows[1]?.id).toBe('mine')
    const notes = await DB.notes.select()
    expect(notes.map(({ text }) => text).sort()).toEqual([
      'batch 1',
      'batch 2',
      'direct',
      'direct',
      'given',
      'list',
      'transaction',
    ])
    for (const { id: found, text } of notes) {
      if (text === 'given') expect(found).toBe('mine')
      else expect(found).toMatch(id)
    }
    expect(await DB.tags.where({ id: row.id ?? '' }).first()).toEqual({
      id: row.id,
      label: 'buffered',
    })
  })
})

describe('bad input', () => {
  test('has a code and changes nothing', async () => {
    const DB = await openFilled()
    await expect(DB.posts.cache(60).where({ id: 1 }).update({ title: 'x' })).rejects.toEqual(
      coded('MILLRACE_CACHE_ON_WRITE'),
    )
    expect(() => DB.posts.cache(0)).toThrow(coded('MILLRACE_DURATION_INVALID'))
    expect(() => DB.posts.cache('soon' as never)).toThrow(coded('MILLRACE_DURATION_INVALID'))
    expect(() => DB.posts.cache({ tll: 1 } as never)).toThrow(coded('MILLRACE_OPTION_UNKNOWN'))
    const key = coded('MILLRACE_KEY_INVALID')
    await expect(DB.posts.buffer.where(undefined as never).increment('views')).rejects.toEqual(key)
    await expect(DB.posts.buffer.where('{"id":1}').increment('views')).rejects.toEqual(key)
    await expect(DB.posts.buffer.where(1).update({})).rejects.toEqual(coded('MILLRACE_WRITE_EMPTY'))
    await expect(DB.posts.buffer.where(1).update({ nope: 1 } as never)).rejects.toEqual(
      coded('MILLRACE_COLUMN_UNKNOWN'),
    )
    await expect(DB.table('nope' as never).buffer.insert({} as never)).rejects.toEqual(
      coded('MILLRACE_TABLE_UNKNOWN'),
    )
    await expect(DB.cache.clear('nope')).rejects.toEqual(coded('MILLRACE_CONNECTION_UNKNOWN'))
    await expect(DB.buffer.flush('nope')).rejects.toEqual(coded('MILLRACE_CONNECTION_UNKNOWN'))
    await expect(DB.buffer.deadLetters.retry('nope')).rejects.toEqual(
      coded('MILLRACE_DEAD_LETTER_UNKNOWN'),
    )
    await expect(
      DB.transaction(async (trx) => {
        await (trx<Tables['posts']>('posts') as typeof DB.posts).buffer.insert({ title: 'x' })
      }),
    ).rejects.toEqual(coded('MILLRACE_BUFFER_IN_TRANSACTION'))
    expect(await DB.posts.select()).toEqual([
      { id: 1, title: 'a', views: 0 },
      { id: 2, title: 'b', views: 0 },
    ])
  })

  test('buffer: false refuses with its code, cache: false runs every query', async () => {
    const DB = await openFilled({ buffer: false, cache: false })
    await expect((async () => DB.posts.buffer.insert({ title: 'x' }))()).rejects.toEqual(
      coded('MILLRACE_BUFFER_OFF'),
    )
    expect(await DB.posts.cache(60).pluck('title')).toEqual(['a', 'b'])
    expect(await DB.posts.cache(60).pluck('title')).toEqual(['a', 'b'])
    expect(await DB.cache.stats()).toMatchObject({ hits: 0, misses: 0, bypasses: { disabled: 2 } })
  })
})
