import knexFactory from 'knex'
import type { Knex } from 'knex'
import { expect, test } from 'vitest'
import { install, type Millrace } from '../../src/index.ts'
import { createDatabase } from '../support/databases.ts'

type Query = Knex.QueryBuilder

/** Runs with an instance on which two tables stand, and ways to open Millrace on it. */
async function withKnex(
  use: (knex: Knex, open: (cache?: object) => Promise<Millrace>) => Promise<void>,
): Promise<void> {
  const database = await createDatabase('sqlite')
  const knex = knexFactory(database.config)
  let DB: Millrace | undefined
  try {
    for (const table of ['posts', 'users']) {
      await knex.schema.createTable(table, (made) => {
        made.integer('id').primary()
        made.string('name')
      })
      await knex(table).insert([1, 2].map((id) => ({ id, name: `${table} ${String(id)}` })))
    }
    await use(knex, async (cache = {}) => {
      await DB?.close()
      DB = await install(knex, { buffer: false, cache })
      return DB
    })
  } finally {
    await DB?.close()
    await knex.destroy()
    await database.drop()
  }
}

function cached(knex: Knex, table: string): Query {
  return (knex(table) as Query & { cache(ttl: number): Query }).cache(60)
}

// Its fingerprint was taken by the closed Millrace: shape 1 of the one is another query than shape 1 of the other.
test('a builder from before a close teaches the next Millrace nothing wrong', () =>
  withKnex(async (knex, open) => {
    const shapes: ((query: Query) => Query)[] = [
      (query) => query.where({ id: 2 }).select('name'),
      (query) => query.where({ id: 2 }).pluck('name'),
      (query) => query.where({ id: 2 }).first('name'),
      (query) => query.where({ id: 2 }).select('id'),
    ]
    await open()
    const old = shapes.map((shape) => shape(cached(knex, 'posts')))
    await cached(knex, 'users').where({ id: 1 }).first('id')
    await open()
    for (const query of old) await query
    for (const table of ['users', 'posts']) {
      for (const shape of shapes) {
        const truth: unknown = await shape(knex(table))
        for (let i = 0; i < 2; i++) expect(await shape(cached(knex, table))).toEqual(truth)
      }
    }
  }))

test('a builder outlives closes: it is answered as whoever is open would', () =>
  withKnex(async (knex, open) => {
    const first = await open()
    const old = cached(knex, 'posts').where({ id: 1 }).first('name')
    const answer = { name: 'posts 1' }
    for (let i = 0; i < 2; i++) expect(await old).toEqual(answer)
    await first.close()
    for (let i = 0; i < 2; i++) expect(await old).toEqual(answer)
    for (const cache of [{ fingerprint: false }, {}]) {
      const next = await open(cache)
      for (let i = 0; i < 2; i++) expect(await old).toEqual(answer)
      await next.knex('posts').where({ id: 1 }).update({ name: 'changed' })
      expect(await old).toEqual({ name: 'changed' })
      await next.knex('posts').where({ id: 1 }).update(answer)
      expect(await old).toEqual(answer)
    }
  }))

test('reads that are under way when Millrace closes are answered', () =>
  withKnex(async (knex, open) => {
    const DB = await open()
    await cached(knex, 'posts').where({ id: 1 }).first('name')
    const reads = [1, 2, 1, 2].map(
      async (id) => (await cached(knex, 'posts').where({ id }).first('name')) as unknown,
    )
    const closing = DB.close()
    expect(await Promise.all(reads)).toEqual(
      [1, 2, 1, 2].map((id) => ({ name: `posts ${String(id)}` })),
    )
    await closing
  }))
