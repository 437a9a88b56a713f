import { inspect } from 'node:util'
import knexPackage from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase } from '../../src/database/create-database.ts'
import type { DatabaseParts } from '../../src/database/create-database.ts'
import { createIdSource } from '../../src/database/nanoid.ts'
import type { AnyTables, Millrace } from '../../src/database/typed-tables.ts'

interface Loose {
  readonly default: AnyTables
  readonly analytics: AnyTables
}

let main: Knex
let analytics: Knex
let calls: unknown[][]
let parts: DatabaseParts
let DB: Millrace<AnyTables, Loose>

/** A name looked up without its type, as plain JavaScript does. */
function member(of: object, name: PropertyKey): unknown {
  return Reflect.get(of, name)
}

function sqlOf(query: unknown): string {
  return (query as Knex.QueryBuilder).toQuery()
}

beforeEach(async () => {
  const open = (): Knex =>
    knexPackage({
      client: 'better-sqlite3',
      connection: { filename: ':memory:' },
      useNullAsDefault: true,
      pool: { min: 1, max: 1 },
    })
  main = open()
  analytics = open()
  for (const name of ['posts', 'cache', 'count', 'then', 'name', 'analytics']) {
    await main.schema.createTable(name, (table) => {
      table.increments('id')
      table.text('title')
    })
  }
  await main('posts').insert([{ title: 'a' }, { title: 'b' }])
  await analytics.schema.createTable('events', (table) => table.increments('id'))
  await analytics('events').insert({ id: 7 })
  calls = []
  const record =
    (name: string) =>
    (...args: unknown[]): Promise<never> => {
      calls.push([name, ...args])
      return Promise.resolve(undefined as never)
    }
  parts = {
    connections: new Map([
      ['default', main],
      ['analytics', analytics],
    ]),
    cache: { clear: record('clear'), stats: record('stats'), explain: record('explain') },
    buffer: {
      flush: record('flush'),
      stats: record('bufferStats'),
      deadLetters: { list: record('list'), retry: record('retry'), discard: record('discard') },
    },
    nanoid: createIdSource(),
    close: record('close'),
  }
  DB = createDatabase<AnyTables, Loose>(parts)
})

afterEach(async () => {
  await main.destroy()
  await analytics.destroy()
})

describe('tables', () => {
  test('a name is a table of the connection default', async () => {
    expect(await DB['posts'].where({ id: 1 }).first()).toEqual({ id: 1, title: 'a' })
    expect(await DB.table('posts').pluck('title')).toEqual(['a', 'b'])
    expect(await DB.table({ p: 'posts' }).select('p.id').orderBy('p.id')).toEqual([
      { id: 1 },
      { id: 2 },
    ])
    expect(sqlOf(DB.table('posts as p').select('p.id'))).toBe('select `p`.`id` from `posts` as `p`')
  })

  test('each access is a new builder', () => {
    expect(sqlOf(DB['posts'].where({ id: 1 }))).toContain('where')
    expect(sqlOf(DB['posts'])).toBe('select * from `posts`')
  })

  test('names of functions at large are tables, since DB is none', () => {
    for (const name of ['name', 'length', 'call', 'apply', 'bind', 'arguments', 'caller']) {
      expect(sqlOf(member(DB, name))).toBe(`select * from \`${name}\``)
    }
  })

  test("Millrace's and Knex's names win, table() reaches those tables", () => {
    expect(DB.cache).toBe(parts.cache)
    expect(DB.buffer).toBe(parts.buffer)
    expect(sqlOf(DB.count('* as n').from('posts'))).toBe('select count(*) as `n` from `posts`')
    expect(sqlOf(DB.table('cache'))).toBe('select * from `cache`')
    expect(sqlOf(DB.table('count'))).toBe('select * from `count`')
    expect(sqlOf(DB.table('then'))).toBe('select * from `then`')
  })

  test('table() without a name is an error', () => {
    for (const name of [undefined, null, '', 7]) {
      expect(() => DB.table(name as never)).toThrow(
        expect.objectContaining({ code: 'MILLRACE_TABLE_UNKNOWN' }),
      )
    }
  })
})

describe('connections', () => {
  test('a connection name wins over a table of that name', async () => {
    expect(await DB.analytics.table('events').first()).toEqual({ id: 7 })
    expect(await DB.analytics['events'].first()).toEqual({ id: 7 })
    expect(await DB.default['posts'].first('title')).toEqual({ title: 'a' })
    expect(sqlOf(DB.table('analytics'))).toBe('select * from `analytics`')
    expect(DB.analytics.knex).toBe(analytics)
    expect(DB.knex).toBe(main)
    expect(DB.analytics).toBe(DB.analytics)
  })

  test("Knex's members are the connection's own", async () => {
    expect(await DB.analytics.raw('select count(*) as n from events')).toEqual([{ n: 1 }])
    expect(await DB.analytics.schema.hasTable('posts')).toBe(false)
  })

  test('cache.clear and buffer.flush name the connection', async () => {
    await DB.analytics.cache.clear('events')
    await DB.analytics.buffer.flush()
    expect(calls).toEqual([
      ['clear', 'analytics', 'events'],
      ['flush', 'analytics', undefined],
    ])
  })

  test("a connection that would hide one of Knex's members is refused", () => {
    const connections = new Map([
      ['default', main],
      ['raw', analytics],
    ])
    expect(() => createDatabase({ ...parts, connections })).toThrow(
      expect.objectContaining({ code: 'MILLRACE_OPTION_INVALID' }),
    )
    expect(() => createDatabase({ ...parts, connections: new Map() })).toThrow(
      expect.objectContaining({ code: 'MILLRACE_CONNECTION_UNKNOWN' }),
    )
  })
})

describe("Knex's own members", () => {
  test('are bound', async () => {
    const { raw, transaction, select, batchInsert, fn } = DB
    expect(await raw('select ? as n', [3])).toEqual([{ n: 3 }])
    expect(await select('title').from('posts').where({ id: 2 })).toEqual([{ title: 'b' }])
    const found = await transaction<unknown>(
      async (trx) => await trx<{ id: number }>('posts').where({ id: 2 }).first('id'),
    )
    expect(found).toEqual({ id: 2 })
    await batchInsert('posts', [{ title: 'c' }, { title: 'd' }], 1)
    expect(await DB.table('posts').count('* as n').first()).toEqual({ n: 4 })
    expect(sqlOf(fn.now() as unknown)).toBe('CURRENT_TIMESTAMP')
    expect(sqlOf(DB.with('p', main('posts')).select('*').from('p'))).toContain('with `p` as')
    expect(sqlOf(DB.queryBuilder().from('posts').where('id', DB.ref('id')))).toContain(
      '`id` = `id`',
    )
    const trx = await DB.transactionProvider()()
    await trx.rollback()
  })

  test('are read from the instance each time', () => {
    expect(DB.schema).not.toBe(DB.schema)
    expect(DB.client).toBe(main.client)
    expect(DB.raw).toBe(DB.raw)
    Object.assign(main, { later: () => 'added by a plugin' })
    expect((member(DB, 'later') as () => string)()).toBe('added by a plugin')
  })

  test('every one of them can be read', () => {
    const names = new Set([...Object.getOwnPropertyNames(main)])
    for (const own of Object.getOwnPropertyNames(Function.prototype)) names.delete(own)
    names.delete('prototype')
    for (const name of names) {
      const mine = member(DB, name)
      expect(typeof mine, name).toBe(typeof member(main, name))
      expect(name in DB, name).toBe(true)
    }
    expect(names.size).toBeGreaterThan(100)
  })

  test('listeners hear queries', async () => {
    const heard: string[] = []
    DB.on('query', (query: { sql: string }) => heard.push(query.sql))
    await DB.table('posts').first('id')
    expect(heard).toEqual(['select `id` from `posts` limit ?'])
  })
})

describe('what the language asks of any object', () => {
  test('DB is no promise', async () => {
    const handOver = async (): Promise<typeof DB> => Promise.resolve(DB)
    expect(await handOver()).toBe(DB)
    expect(await (async (): Promise<unknown> => DB.analytics)()).toBe(DB.analytics)
    for (const name of [
      'then',
      'catch',
      'finally',
      'toJSON',
      '__esModule',
      'nodeType',
      '$$typeof',
    ]) {
      expect(member(DB, name), name).toBeUndefined()
      expect(member(DB.analytics, name), name).toBeUndefined()
      expect(name in DB, name).toBe(false)
    }
    expect(member(DB, Symbol.iterator)).toBeUndefined()
    expect(member(DB, 'constructor')).toBe(Object)
  })

  test('printing is short and shows no settings', () => {
    expect(inspect(DB)).toBe('Millrace default (better-sqlite3), analytics (better-sqlite3)')
    expect(inspect({ DB: DB.analytics })).toBe(
      '{ DB: Millrace connection analytics (better-sqlite3) }',
    )
    expect(Object.prototype.toString.call(DB)).toBe('[object Millrace]')
    expect(JSON.stringify({ DB })).not.toContain('filename')
  })

  test('in and keys', () => {
    expect('posts' in DB).toBe(true)
    expect('raw' in DB).toBe(true)
    expect('toString' in DB).toBe(true)
    expect(Symbol.iterator in DB).toBe(false)
    expect(Object.keys(DB).sort()).toEqual(
      ['analytics', 'buffer', 'cache', 'close', 'default', 'knex', 'nanoid', 'table'].sort(),
    )
    expect(Object.keys(DB.analytics).sort()).toEqual(['buffer', 'cache', 'knex', 'table'])
  })

  test('nothing can be assigned, defined or deleted', () => {
    const posts = (): void => {
      Object.assign(DB, { posts: 1 })
    }
    expect(posts).toThrow(TypeError)
    expect(posts).toThrow('DB.posts cannot be assigned')
    expect(() => Object.defineProperty(DB.analytics, 'x', { value: 1 })).toThrow('DB.analytics.x')
    expect(() => Reflect.deleteProperty(DB, 'cache')).toThrow(TypeError)
    expect(() => Object.setPrototypeOf(DB, null)).toThrow(TypeError)
    expect(() => Object.freeze(DB)).toThrow(TypeError)
  })
})

describe('closing and ids', () => {
  test('close and await using', async () => {
    await DB.close()
    {
      await using held = createDatabase(parts)
      expect(held.knex).toBe(main)
    }
    expect(calls).toEqual([['close'], ['close']])
  })

  test('ids are alphanumeric, 21 characters or as asked', () => {
    expect(DB.nanoid()).toMatch(/^[0-9A-Za-z]{21}$/)
    expect(DB.nanoid(8)).toMatch(/^[0-9A-Za-z]{8}$/)
    expect(new Set(Array.from({ length: 1000 }, () => DB.nanoid())).size).toBe(1000)
  })
})
