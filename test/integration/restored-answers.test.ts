import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import {
  createDatabase,
  describeDatabases,
  type DatabaseName,
  type TestDatabase,
} from '../support/databases.ts'

/** What a listener and the caller see of one statement. */
interface Seen {
  readonly result: unknown
  readonly events: readonly unknown[]
}

const writes: Readonly<Record<string, (k: Knex) => Promise<unknown>>> = {
  'an insert': async (k) => await k('pieces').insert({ owner: 1, title: 'a' }),
  'an insert of several rows': async (k) =>
    await k('pieces').insert([{ owner: 1, title: 'b' }, { owner: 2 }, { title: 'c' }]),
  'a raw insert': async (k) =>
    await k.raw('insert into pieces (owner, title) values (?, ?), (?, ?)', [1, 'd', 2, 'e']),
  'an update by key': async (k) => await k('pieces').where({ id: 1 }).update({ title: 'x' }),
  'an update by owner': async (k) => await k('pieces').where({ owner: 2 }).update({ title: 'y' }),
  'an update of nothing': async (k) => await k('pieces').where({ id: 99 }).update({ title: 'z' }),
  'an increment': async (k) => await k('pieces').where({ id: 1 }).increment('count', 2),
  'a raw update with a comment behind it': async (k) =>
    await k.raw('update pieces set title = ? where id = ? /* who */', ['raw', 2]),
  'an upsert': async (k) =>
    await k('pieces').insert({ id: 1, owner: 2, title: 'up' }).onConflict('id').merge(),
  'an upsert that changes nothing': async (k) =>
    await k('pieces').insert({ id: 1, owner: 2 }).onConflict('id').ignore(),
  'a batchInsert': async (k) => await k.batchInsert('pieces', [{ owner: 1 }, { owner: 2 }], 1),
  'a transaction': async (k) =>
    await k.transaction(async (trx) => [
      await trx('pieces').insert({ owner: 1 }),
      await trx('pieces').where({ id: 2 }).update({ title: 'trx' }),
    ]),
  'statements that do not wait for each other': async (k) =>
    await k.transaction((trx) =>
      Promise.all([
        trx('pieces').insert({ owner: 1, title: 'p' }),
        trx('pieces').insert({ title: 'q' }),
        trx('pieces').insert([{ owner: 2 }, { owner: 1 }]),
        trx('pieces').where({ id: 1 }).update({ title: 'r' }),
      ]),
    ),
  'a delete by key': async (k) => await k('pieces').where({ id: 2 }).del(),
  'a raw delete': async (k) => await k.raw('delete from pieces where owner = ?;', [2]),
}

const returning: Readonly<Record<string, (k: Knex) => Promise<unknown>>> = {
  'the own RETURNING of an insert': async (k) =>
    await k('pieces').insert({ owner: 1, title: 'r' }).returning('title'),
  'all columns': async (k) => await k('pieces').where({ owner: 1 }).update({ title: 's' }, '*'),
  'an expression': async (k) =>
    await k('pieces').where({ id: 1 }).update({ title: 't' }).returning(k.raw('count + 1 as next')),
  'a delete that returns': async (k) => await k('pieces').where({ id: 3 }).del(['id', 'title']),
  'columns with names like ours': async (k) =>
    await k.raw(
      'update pieces set title = ? where owner = ? returning id, title as "_millrace_0"',
      ['v', 1],
    ),
  'a raw statement that returns': async (k) =>
    await k.raw('update pieces set title = ? where id = ? returning title, count', ['u', 1]),
}

describeDatabases('G5: what a write gives its caller', (name) => {
  let plain: TestDatabase
  let tapped: TestDatabase
  let oracle: Knex
  let DB: Millrace

  beforeAll(async () => {
    ;[plain, tapped] = await Promise.all([createDatabase(name), createDatabase(name)])
    oracle = knexFactory(plain.config)
    const setUp = knexFactory(tapped.config)
    for (const k of [oracle, setUp]) await createRows(k, name)
    await setUp.destroy()
    DB = await millrace({ connection: tapped.config, buffer: false })
  })

  afterAll(async () => {
    await DB.close()
    await oracle.destroy()
    await Promise.all([plain.drop(), tapped.drop()])
  })

  const cases = Object.entries(name === 'mysql' ? writes : { ...writes, ...returning })

  // Twice: a statement that may change many rows is asked only when it was seen to change few.
  test.each([...cases, ...cases])('%s', async (_, write) => {
    const expected = await see(oracle, write)
    const actual = await see(DB.knex, write)
    expect(actual).toEqual(expected)
    expect(await DB.knex('pieces').orderBy('id')).toEqual(await oracle('pieces').orderBy('id'))
  })

  test('the rows are known: other entries are kept', async () => {
    await DB.table('pieces').insert({ id: 1000, owner: 1 })
    await DB.table('pieces').insert({ id: 1001, owner: 2 })
    const [one, two] = [1000, 1001].map((id) => () => DB.table('pieces').cache(60).where({ id }))
    await one?.()
    await two?.()
    await DB.table('pieces').where({ id: 1000 }).update({ title: 'known' })
    const outcomes = [await DB.cache.explain(one!()), await DB.cache.explain(two!())]
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['miss', 'hit'])
  })
})

async function createRows(k: Knex, name: DatabaseName): Promise<void> {
  await k.schema.createTable('owners', (t) => {
    t.increments('id')
  })
  await k.schema.createTable('pieces', (t) => {
    t.increments('id')
    const owner = name === 'mysql' ? t.integer('owner').unsigned() : t.integer('owner')
    owner.references('id').inTable('owners')
    t.string('title')
    t.integer('count').notNullable().defaultTo(0)
  })
  for (const id of [1, 2]) await k('owners').insert({ id })
}

/** Runs a write and keeps what its caller and the listeners were given. */
async function see(k: Knex, write: (k: Knex) => Promise<unknown>): Promise<Seen> {
  const events: unknown[] = []
  const onQuery = ({ sql, bindings }: { sql: string; bindings: unknown }): void => {
    events.push({ sql, bindings })
  }
  const onResponse = (
    response: unknown,
    { sql, bindings, response: raw }: { sql: string; bindings: unknown; response: unknown },
  ): void => {
    events.push({ response: plainly(response), sql, bindings, raw: plainly(raw) })
  }
  k.on('query', onQuery)
  k.on('query-response', onResponse)
  try {
    return { result: plainly(await write(k)), events: events.filter(notTransaction) }
  } finally {
    k.off('query', onQuery)
    k.off('query-response', onResponse)
  }
}

/** Own properties only: a result of pg also carries its type parsers. The two databases number their tables apart. */
function plainly(value: unknown): unknown {
  const text = JSON.stringify(value ?? null, (key, inner: unknown) =>
    key === 'tableID' ? undefined : inner,
  )
  return JSON.parse(text)
}

function notTransaction(event: unknown): boolean {
  return !/^(?:begin|commit)/i.test((event as { sql: string }).sql)
}
