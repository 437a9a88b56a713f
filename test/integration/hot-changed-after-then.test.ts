import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

type Query = Knex.QueryBuilder

/** What its owner changes between `then()` and the answer, and the query as it was before. */
interface Change {
  /** Another query of the same shape: after it, the SQL of the shape is known. */
  readonly other: (k: () => Query) => Query
  readonly asked: (k: () => Query) => Query
  /** Builds what `asked` builds, lets it run, and changes what it was made of before anything can have been sent. */
  readonly changing: (k: () => Query) => Promise<unknown>
}

/** Lets a builder run without waiting for it. */
function start(query: Query): Promise<unknown> {
  return query.then((rows: unknown) => rows)
}

/** JavaScript lets a caller go on changing what it has handed out. */
const changes: Readonly<Record<string, Change>> = {
  'the builder': {
    other: (k) => k().where('id', 1).select('id'),
    asked: (k) => k().where('id', 2).select('id'),
    changing: (k) => {
      const query = k().where('id', 2).select('id')
      const answer = start(query)
      query.orWhere('id', 3)
      return answer
    },
  },
  'its columns': {
    other: (k) => k().where('id', 1).select('id'),
    asked: (k) => k().where('id', 2).select('id'),
    changing: (k) => {
      const query = k().where('id', 2).select('id')
      const answer = start(query)
      query.clearSelect().select('views')
      return answer
    },
  },
  'a date': {
    other: (k) => k().where('at', '<', new Date('2020-01-01')).select('id').orderBy('id'),
    asked: (k) => k().where('at', '<', new Date('2021-01-01')).select('id').orderBy('id'),
    changing: (k) => {
      const date = new Date('2021-01-01')
      const answer = start(k().where('at', '<', date).select('id').orderBy('id'))
      date.setFullYear(2030)
      return answer
    },
  },
  bytes: {
    other: (k) => k().where('bytes', Buffer.from('1')).select('id'),
    asked: (k) => k().where('bytes', Buffer.from('2')).select('id'),
    changing: (k) => {
      const bytes = Buffer.from('2')
      const answer = start(k().where('bytes', bytes).select('id'))
      bytes.write('3')
      return answer
    },
  },
  'the list of a raw statement': {
    other: (k) => k().whereRaw('id = ? or id = ?', [8, 9]).select('id').orderBy('id'),
    asked: (k) => k().whereRaw('id = ? or id = ?', [1, 2]).select('id').orderBy('id'),
    changing: (k) => {
      const values = [1, 2]
      const answer = start(k().whereRaw('id = ? or id = ?', values).select('id').orderBy('id'))
      values[1] = 3
      return answer
    },
  },
  'a subquery that several builders share': {
    other: (k) => k().whereIn('id', k().where('id', 1).select('id')).select('id'),
    asked: (k) => k().whereIn('id', k().where('id', 2).select('id')).select('id'),
    changing: (k) => {
      const inner = k().where('id', 2).select('id')
      const answer = start(k().whereIn('id', inner).select('id'))
      inner.orWhere('id', 3)
      return answer
    },
  },
}

// What is sent must be what was looked up: else the answer to another question is kept under this one's key, for everybody.
describeDatabases('changed between then() and the answer', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace
  const posts = (): Query => (DB.knex('posts') as Query & { cache(ttl: number): Query }).cache(60)

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('posts', (table) => {
      table.integer('id').primary()
      table.integer('views').notNullable()
      table.dateTime('at').notNullable()
      table.binary('bytes').notNullable()
    })
    await oracle('posts').insert(
      [1, 2, 3].map((id) => ({
        id,
        views: 10 * id,
        at: new Date(`${String(2018 + id)}-06-01`),
        bytes: Buffer.from(String(id)),
      })),
    )
    DB = await millrace({ connection: database.config, buffer: false })
  })

  afterEach(async () => {
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  test.each(Object.entries(changes))('%s: a shape whose SQL is known', async (_, change) => {
    const truth: unknown = await change.asked(() => oracle('posts'))
    await change.other(posts)
    await change.changing(posts)
    expect(await change.asked(posts)).toEqual(truth)
    expect(await change.asked(posts)).toEqual(truth)
  })

  test.each(Object.entries(changes))('%s: a query whose entry is gone', async (_, change) => {
    const truth: unknown = await change.asked(() => oracle('posts'))
    await change.asked(posts)
    await change.asked(posts)
    await DB.knex('posts').update({ views: DB.knex.raw('views') })
    await change.changing(posts)
    expect(await change.asked(posts)).toEqual(truth)
    expect(await change.asked(posts)).toEqual(truth)
  })

  test.each(Object.entries(changes))('%s: compiled each time', async (_, change) => {
    await DB.close()
    DB = await millrace({
      connection: database.config,
      buffer: false,
      cache: { fingerprint: false },
    })
    const truth: unknown = await change.asked(() => oracle('posts'))
    await change.other(posts)
    await change.changing(posts)
    expect(await change.asked(posts)).toEqual(truth)
  })
})
