import { createRequire } from 'node:module'
import Database from 'better-sqlite3'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { millrace, type Millrace } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'

interface Connection {
  prepare(sql: string): object
}

/** `DB` with the table of this test. */
type Tables = Millrace & { readonly posts: Knex.QueryBuilder }

type DriverClass = new (...args: unknown[]) => {
  _query(connection: object, statement: object): Promise<unknown>
}

/** SQLite's statements are prepared once, and nobody can tell but by the clock. */
describe('prepared statements', () => {
  let database: TestDatabase
  let DB: Tables
  let prepared: string[]

  const open = async (client?: typeof Knex.Client): Promise<Tables> => {
    prepared = []
    const { config } = database
    return (await millrace({
      buffer: false,
      connection: {
        ...config,
        client: client ?? 'better-sqlite3',
        pool: {
          ...config.pool,
          afterCreate: (connection: Connection, done: (error: null, made: Connection) => void) => {
            const prepare = connection.prepare.bind(connection)
            connection.prepare = (sql) => {
              prepared.push(sql)
              return prepare(sql)
            }
            done(null, connection)
          },
        },
      },
    })) as unknown as Tables
  }
  const times = (start: string): number => prepared.filter((sql) => sql.startsWith(start)).length

  beforeEach(async () => {
    database = await createDatabase('sqlite')
    DB = await open()
    await DB.schema.createTable('posts', (table) => {
      table.integer('id').primary()
      table.text('title')
    })
    await DB.posts.insert([
      { id: 1, title: 'a' },
      { id: 2, title: 'b' },
    ])
    prepared = []
  })

  afterEach(async () => {
    await DB.close()
    await database.drop()
  })

  test('the same text is prepared once, reads, writes and transactions alike', async () => {
    for (const id of [1, 2, 1, 2]) {
      expect(await DB.posts.where({ id }).select()).toHaveLength(1)
      expect(await DB.posts.where({ id }).update({ title: `t${id}` })).toBe(1)
      await DB.transaction(async (trx) => {
        await trx('posts')
          .where({ id })
          .update({ title: `u${id}` })
      })
    }
    expect(times('select *')).toBe(1)
    expect(times('update')).toBe(1)
    expect([times('BEGIN'), times('COMMIT')]).toEqual([1, 1])
  })

  test('rows have the columns of the schema as it is, whoever changed it', async () => {
    const columns = async (): Promise<string[]> =>
      Object.keys(await DB.posts.where({ id: 1 }).first())
    expect(await columns()).toEqual(['id', 'title'])
    await DB.schema.alterTable('posts', (table) => table.integer('views').defaultTo(7))
    expect(await columns()).toEqual(['id', 'title', 'views'])
    const other = new Database((database.config.connection as { filename: string }).filename)
    try {
      other.exec('alter table posts add column extra text')
      expect(await columns()).toEqual(['id', 'title', 'views', 'extra'])
      other.exec('alter table posts drop column title')
      expect(await columns()).toEqual(['id', 'views', 'extra'])
    } finally {
      other.close()
    }
    expect(times('select *')).toBe(1)
  })

  test('what no longer fits the schema is refused as a new statement would be, and runs again when it fits again', async () => {
    const update = (): Promise<number> =>
      DB.posts.where({ id: 1 }).update({ title: 'x' }).then(Number)
    expect(await update()).toBe(1)
    await DB.schema.alterTable('posts', (table) => table.renameColumn('title', 'name'))
    await expect(update()).rejects.toThrow(/no such column: title/)
    await DB.schema.alterTable('posts', (table) => table.renameColumn('name', 'title'))
    expect(await update()).toBe(1)
    await DB.schema.dropTable('posts')
    await expect(update()).rejects.toMatchObject({ code: 'SQLITE_ERROR' })
  })

  test('an option of one run does not last', async () => {
    const read = (options: object): Promise<{ id: unknown }> =>
      DB.posts.where({ id: 1 }).first('id').options(options).then()
    expect((await read({})).id).toBe(1)
    expect((await read({ safeIntegers: true })).id).toBe(1n)
    expect((await read({})).id).toBe(1)
  })

  test('an error leaves the kept statement usable', async () => {
    const insert = (id: number): Promise<unknown> => DB.posts.insert({ id, title: 'z' }).then()
    await insert(3)
    await expect(insert(3)).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
    await insert(4)
    expect(await DB.posts.whereIn('id', [3, 4]).select('id')).toHaveLength(2)
    expect(times('insert')).toBe(1)
  })

  test('pragmas are prepared each time: some act when they are', async () => {
    for (const version of [5, 6, 5, 6]) {
      await DB.raw(`pragma user_version = ${version}`)
      expect(await DB.raw('pragma user_version')).toEqual([{ user_version: version }])
    }
    expect(times('pragma user_version')).toBe(8)
  })

  test('the number of kept statements is bounded', async () => {
    const read = (n: number): Promise<unknown> => DB.raw(`select ${n} as n`).then()
    for (let n = 0; n < 1000; n++) expect(await read(n)).toEqual([{ n }])
    await read(0)
    expect(times('select 0 ')).toBe(2)
    await read(0)
    expect(times('select 0 ')).toBe(2)
  })

  test('a client of the application gets the connection itself, and prepares as it likes', async () => {
    await DB.close()
    const require = createRequire(import.meta.url)
    const Base = require('knex/lib/dialects/better-sqlite3/index.js') as DriverClass
    const seen = new Set<object>()
    class Own extends Base {
      override async _query(connection: object, statement: object): Promise<unknown> {
        seen.add(connection)
        return await super._query(connection, statement)
      }
    }
    DB = await open(Own as unknown as typeof Knex.Client)
    prepared = []
    for (let i = 0; i < 3; i++) await DB.posts.where({ id: 1 }).select()
    expect(times('select *')).toBe(3)
    expect(seen.size).toBe(1)
  })
})
