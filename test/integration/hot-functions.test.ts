import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'

type Query = Knex.QueryBuilder

let database: TestDatabase
let oracle: Knex
let DB: Millrace

beforeEach(async () => {
  database = await createDatabase('sqlite')
  oracle = knexFactory(database.config)
  for (const name of ['posts', 'users']) {
    await oracle.schema.createTable(name, (table) => {
      table.integer('id').primary()
      table.integer('views')
      table.integer('likes')
    })
  }
  // `id = n` and `views = n` are different rows.
  for (const id of [1, 2, 3, 10, 20, 30]) {
    const other = id < 10 ? id * 10 : id / 10
    await oracle('posts').insert({ id, views: other, likes: other })
    await oracle('users').insert({ id, views: other, likes: id })
  }
  DB = await millrace({ connection: database.config, buffer: false })
})

afterEach(async () => {
  await DB.close()
  await oracle.destroy()
  await database.drop()
})

const posts = (): Query => (DB.knex('posts') as Query & { cache(ttl: number): Query }).cache(60)

/** A function that a builder is given, as it is when asked for the first time and from then on. */
interface Fickle {
  readonly build: (k: () => Query, call: (query: Query) => void) => Query
  readonly say: (query: Query, isFirst: boolean, value: number) => void
}

const fickle: Readonly<Record<string, Fickle>> = {
  'a group of conditions': {
    build: (k, call) =>
      k()
        .where((query: Query) => {
          call(query)
        })
        .select('id'),
    say: (query, isFirst, value) => void query.where(isFirst ? 'id' : 'views', value),
  },
  'a group whose values are alike': {
    build: (k, call) =>
      k()
        .where((query: Query) => {
          call(query)
        })
        .select('id'),
    say: (query, isFirst, value) =>
      void (isFirst
        ? query.where('id', value).orWhere('id', value)
        : query.where('views', value).orWhere('likes', value)),
  },
  'a subquery': {
    build: (k, call) =>
      k()
        .whereIn('id', (query: Query) => {
          call(query.from('users').select('id'))
        })
        .select('id'),
    say: (query, isFirst, value) => void query.where(isFirst ? 'id' : 'views', value),
  },
  'a table of a common table expression': {
    build: (k, call) =>
      k()
        .with('few', (query: Query) => {
          call(query.select('id'))
        })
        .from('few')
        .select('id'),
    say: (query, isFirst, value) =>
      void query.from(isFirst ? 'posts' : 'users').where(isFirst ? 'id' : 'views', value),
  },
  'an order': {
    build: (k, call) =>
      k()
        .whereIn('id', (query: Query) => {
          call(query.from('posts').select('id'))
        })
        .select('id'),
    say: (query, isFirst, value) =>
      void query
        .where('id', '>=', value)
        .orderBy('id', isFirst ? 'asc' : 'desc')
        .limit(1),
  },
}

// Knex calls a builder's functions again when it compiles. One may say something else then with the same values: it has loaded its
// configuration meanwhile, or takes turns. Were the one remembered as the other, every query of that shape would be answered wrongly.
test.each(Object.entries(fickle))(
  'a function that says something else when it is called again teaches nothing: %s',
  async (_, { build, say }) => {
    const values = [1, 2, 3, 10, 20, 30]
    const always = (k: () => Query, isFirst: boolean, value: number): Query =>
      build(k, (query) => say(query, isFirst, value))
    let calls = 0
    await build(posts, (query) => say(query, calls++ === 0, 1))
    for (let round = 0; round < 2; round++) {
      for (const value of values) {
        for (const isFirst of [false, true]) {
          const truth: unknown = await always(() => oracle('posts'), isFirst, value)
          expect(await always(posts, isFirst, value)).toEqual(truth)
        }
      }
    }
  },
)

test('the same for a group of a join', async () => {
  const build = (k: () => Query, operator: () => string): Query =>
    k()
      .join('users', (join) =>
        join.on((group) => void group.on('users.id', operator(), 'posts.id')),
      )
      .count({ n: '*' })
      .first()
  let calls = 0
  await build(posts, () => (calls++ === 0 ? '=' : '<'))
  for (let round = 0; round < 2; round++) {
    for (const operator of ['<', '=']) {
      const truth: unknown = await build(
        () => oracle('posts'),
        () => operator,
      )
      expect(await build(posts, () => operator)).toEqual(truth)
    }
  }
})

test('a function that takes turns is answered with one of its turns, and harms nobody', async () => {
  let turn = 0
  const columns = ['id', 'views'] as const
  const turning = (): Query =>
    posts()
      .where((query: Query) => void query.where(columns[turn++ % 2] as string, 10))
      .select('id')
  const steady = (k: () => Query, column: string): Query =>
    k()
      .where((query: Query) => void query.where(column, 10))
      .select('id')
  for (let i = 0; i < 5; i++) {
    expect([[{ id: 10 }], [{ id: 1 }]]).toContainEqual(await turning())
    for (const column of columns) {
      const truth: unknown = await steady(() => oracle('posts'), column)
      expect(await steady(posts, column)).toEqual(truth)
    }
    if (i % 2 === 0) turn += 1
  }
})
