import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

type Query = Knex.QueryBuilder
type Build = (k: Knex) => Query

/** What people write, in ways that differ in what Knex makes of it; each is asked of Knex alone and of both kinds of cache. */
const queries: Readonly<Record<string, Build>> = {
  'modify with arguments': (k) =>
    k('posts')
      .modify((query: Query, id: number) => void query.where('id', id), 2)
      .select('id'),
  'a clone that goes on': (k) => {
    const query = k('posts').where('id', 3)
    const clone = query.clone().orWhere('id', 4)
    query.where('id', 9)
    return clone.select('id').orderBy('id')
  },
  'a subquery used twice': (k) => {
    const inner = k('users').where('id', 3).select('id')
    const other = inner.clone().orWhere('id', 2)
    return k('posts').whereIn('id', inner).orWhereIn('id', other).select('id').orderBy('id')
  },
  'named bindings': (k) =>
    k('posts').whereRaw(':c: = :v or :c: = :v + 1', { c: 'id', v: 1 }).select('id').orderBy('id'),
  'a reference with schema and alias': (k) =>
    k('posts')
      .select(k.ref('id').withSchema('posts').as('x'))
      .where('id', k.ref('id'))
      .orderBy('id'),
  'columns by alias': (k) => k('posts').select({ a: 'id', b: 'title' }).where({ id: 1 }),
  'pluck of a column with its table': (k) => k('posts').orderBy('id').limit(2).pluck('posts.title'),
  'pluck of what is no column of the rows': (k) => k('posts').orderBy('id').pluck('id as other'),
  'columns named like properties of every object': (k) =>
    k('posts')
      .where('id', 1)
      .first(k.raw('1 as ??, 2 as ??, 3 as ??, 4 as ??', ['then', 'constructor', 'toString', '2'])),
  'rows of columns named like numbers': (k) =>
    k('posts')
      .where('id', 1)
      .select(k.raw('1 as ??, 2 as ??, 3 as ??', ['b', '2', '1'])),
  'a limit of nothing': (k) => k('posts').limit(0).select('id'),
  'an offset alone': (k) => k('posts').orderBy('id').offset(2).select('id'),
  'a limit in the text': (k) =>
    k('posts').orderBy('id').limit(1, { skipBinding: true }).offset(1).select('id'),
  'an empty list': (k) => k('posts').whereIn('id', []).select('id'),
  'not an empty list': (k) => k('posts').whereNotIn('id', []).count({ n: '*' }).first(),
  pairs: (k) =>
    k('posts')
      .whereIn(
        ['id', 'title'],
        [
          [1, 'post 1'],
          [2, 'post 1'],
        ],
      )
      .select('id'),
  'nothing found': (k) => k('posts').where('id', 99).first('id'),
  'two ways to be first': (k) => k('posts').orderBy('id').select('id').first('title'),
  'a condition that is a constant': (k) => k('posts').where(false).select('id'),
  'null and its absence': (k) =>
    k('posts').where({ title: null }).orWhereNotNull('title').select('id').orderBy('id'),
  undefined: (k) =>
    k('posts')
      .where('id', undefined as unknown as number)
      .select('id'),
  'undefined in a list': (k) =>
    k('posts')
      .whereIn('id', [1, undefined as unknown as number])
      .select('id'),
  'an operator that does not exist': (k) => k('posts').where('id', 'near', 1).select('id'),
  'a column that does not exist': (k) => k('posts').select('nowhere'),
  'a function for a value': (k) =>
    k('posts')
      .where('id', '=', (query: Query) => void query.from('users').max('id'))
      .select('id'),
  'groups in groups': (k) =>
    k('posts')
      .where(
        (a: Query) =>
          void a
            .where('id', 1)
            .orWhere((b: Query) => void b.where('id', 2).where('title', 'post 2')),
      )
      .select('id')
      .orderBy('id'),
  'a union of functions and builders': (k) =>
    k('posts')
      .where('id', 1)
      .select('id')
      .union([
        (query: Query) => void query.from('users').where('id', 2).select('id'),
        k('users').where('id', 3).select('id'),
      ]),
  'a common table': (k) =>
    k
      .with('few', (query: Query) => void query.from('posts').where('id', '<', 3).select('id'))
      .from('few')
      .select('id')
      .orderBy('id'),
  'a recursive one': (k) =>
    k
      .withRecursive(
        'n',
        ['x'],
        (query: Query) =>
          void query
            .select(k.raw('1'))
            .unionAll(
              (next: Query) => void next.from('n').select(k.raw('x + 1')).where('x', '<', 4),
            ),
      )
      .from('n')
      .select('x')
      .orderBy('x'),
  'joins by values': (k) =>
    k('posts')
      .join(
        'users',
        (join) =>
          void join
            .on('users.id', 'posts.id')
            .andOn((group) => void group.onVal('users.id', 1).orOnIn('users.id', [2])),
      )
      .select('posts.id', 'users.name')
      .orderBy('posts.id'),
  'a join without columns': (k) =>
    k('posts').join('users', 'users.id', 'posts.id').where('posts.id', 2),
  'a joined subquery': (k) =>
    k('posts')
      .join(k('users').where('id', '<', 3).as('u'), 'u.id', 'posts.id')
      .select('u.name')
      .orderBy('posts.id'),
  'a subquery as a column': (k) =>
    k('posts')
      .select('id', k('users').where('users.id', k.ref('posts.id')).select('name').as('author'))
      .orderBy('id'),
  'groups and what they have': (k) =>
    k('posts')
      .groupBy('id')
      .having('id', '>', 2)
      .havingRaw('count(*) = ?', [1])
      .select('id')
      .orderBy('id'),
  'a numbered row': (k) =>
    k('posts').rowNumber('n', 'id').where('id', '<', 3).select('id').orderBy('id'),
  'rows as arrays': (k) =>
    k('posts')
      .options({ rowMode: 'array', rowsAsArray: true })
      .where('id', 1)
      .select('id', 'title'),
  'rows by table': (k) =>
    k('posts').options({ nestTables: true }).where('id', 1).select('id', 'title'),
  'rows by table and name': (k) =>
    k('posts').options({ nestTables: '_' }).where('id', 1).select('id', 'title'),
  'a time limit': (k) => k('posts').timeout(10_000).where('id', 1).first('id'),
  'a lock': (k) => k('posts').forUpdate().where('id', 1).select('id'),
  'what was said and taken back': (k) =>
    k('posts')
      .where('id', 1)
      .select('id')
      .orderBy('id')
      .clearWhere()
      .clearSelect()
      .clearOrder()
      .where('id', 2)
      .select('title'),
  'a value too long to be remembered': (k) =>
    k('posts').where('title', 'x'.repeat(70_000)).orWhere('id', 1).select('id'),
  'a builder within itself': (k) => {
    const query = k('posts').select('id')
    return query.whereIn('id', query)
  },
}

/** The same value for everybody who sees the same: types and prototypes too. */
async function outcome(build: () => Query): Promise<unknown> {
  try {
    return { result: (await build()) as unknown }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

async function heard(build: () => Query): Promise<unknown[]> {
  const events: unknown[] = []
  let query: Query
  try {
    query = build()
  } catch (error) {
    return [(error as Error).message]
  }
  query.on('start', () => events.push('start'))
  query.on('query-response', (response: unknown) => events.push(response))
  query.on('error', (error: Error) => events.push(error.message))
  query.on('end', () => events.push('end'))
  await outcome(() => query)
  return events
}

describeDatabases('hits equal queries', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let hot: Millrace
  let compiled: Millrace

  beforeAll(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('posts', (table) => {
      table.integer('id').primary()
      table.string('title')
    })
    await oracle.schema.createTable('users', (table) => {
      table.integer('id').primary()
      table.string('name')
    })
    for (const id of [1, 2, 3, 4]) {
      await oracle('posts').insert({ id, title: id === 4 ? null : `post ${String(id)}` })
      await oracle('users').insert({ id, name: `user ${String(id)}` })
    }
    const options = { connection: database.config, buffer: false } as const
    hot = await millrace(options)
    compiled = await millrace({ ...options, cache: { fingerprint: false } })
  })

  afterAll(async () => {
    await hot.close()
    await compiled.close()
    await oracle.destroy()
    await database.drop()
  })

  test.each(Object.entries(queries))('%s', async (_, build) => {
    const truth = await outcome(() => build(oracle))
    const events = await heard(() => build(oracle))
    const cached = (DB: Millrace, frozen: boolean): Query =>
      (build(DB.knex) as Query & { cache(options: object): Query }).cache({ ttl: 60, frozen })
    for (let i = 0; i < 3; i++) {
      for (const frozen of [false, true]) {
        expect(await outcome(() => cached(hot, frozen))).toStrictEqual(truth)
        expect(await outcome(() => cached(compiled, frozen))).toStrictEqual(truth)
        expect(await heard(() => cached(hot, frozen))).toStrictEqual(events)
      }
    }
  })

  test.each(Object.entries(queries))(
    'a builder that is run again and again: %s',
    async (_, build) => {
      const plain = attempted(() => build(oracle))
      const reused = attempted(() =>
        (build(hot.knex) as Query & { cache(ttl: number): Query }).cache(60),
      )
      expect(reused === undefined).toBe(plain === undefined)
      if (plain === undefined || reused === undefined) return
      const truth = await outcome(() => plain.query)
      for (let i = 0; i < 3; i++) expect(await outcome(() => reused.query)).toStrictEqual(truth)
      const both = await Promise.all([outcome(() => reused.query), outcome(() => reused.query)])
      expect(both).toStrictEqual([truth, truth])
    },
  )

  test('a read that is compiled finds, and replaces, the entry of the one that is not', async () => {
    const read = (id: number, options: object): Query =>
      (hot.knex('posts') as Query & { cache(options: object): Query })
        .cache({ ttl: 60, ...options })
        .where({ id })
        .whereNotIn('title', ['', 'x'])
        .first('title')
    for (const id of [1, 2]) await read(id, {})
    const { entries } = await hot.cache.stats()
    await oracle('posts').where({ id: 2 }).update({ title: 'changed by another program' })
    expect(await read(2, {})).toEqual({ title: 'post 2' })
    expect(await read(2, { refresh: true })).toEqual({ title: 'changed by another program' })
    expect(await read(2, {})).toEqual({ title: 'changed by another program' })
    expect((await hot.cache.stats()).entries).toBe(entries)
    await oracle('posts').where({ id: 2 }).update({ title: 'post 2' })
    await hot.cache.clear()
    await compiled.cache.clear()
  })
})

/** A builder, or nothing where Knex refuses to build it. Within an object, since whoever awaits a builder runs it. */
function attempted(build: () => Query): { readonly query: Query } | undefined {
  try {
    return { query: build() }
  } catch {
    return undefined
  }
}
