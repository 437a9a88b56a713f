import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { millrace, type Millrace, type MillraceEvent } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

describeDatabases('faults of the buffer', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace
  let events: MillraceEvent[]

  const open = async (buffer: { maxPending?: number } = {}): Promise<void> => {
    events = []
    DB = await millrace({
      connection: database.config,
      buffer: {
        journal: mkdtempSync(join(tmpdir(), 'millrace-faults-')),
        flushInterval: 60_000,
        drainTimeout: 300,
        ...buffer,
      },
      onEvent: (event) => events.push(event),
    })
  }
  const quoted = (identifier: string): string =>
    name === 'mysql' ? `\`${identifier}\`` : `"${identifier}"`

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('posts', (t) => {
      t.integer('id').primary()
      t.integer('n').defaultTo(0)
      t.text('title', 'longtext')
    })
    await oracle('posts').insert([
      { id: 1, n: 0, title: 'a' },
      { id: 2, n: 0, title: 'b' },
    ])
  })

  afterEach(async () => {
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  test('a value nested too deep or in a circle is refused alone; the lane goes on', async () => {
    await open()
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    let deep: unknown = 1
    for (let level = 0; level < 3000; level += 1) deep = [deep]
    let allowed: unknown = 1
    for (let level = 0; level < 390; level += 1) allowed = [allowed]
    const good = DB.table('posts').buffer.where(2).increment('n')
    for (const title of [circle, deep]) {
      await expect(DB.table('posts').buffer.where(1).update({ title })).rejects.toMatchObject({
        code: 'MILLRACE_VALUE_INVALID',
      })
    }
    await DB.table('posts').buffer.where(1).update({ title: { allowed } })
    await DB.buffer.flush()
    await (
      await good
    ).applied
    expect(await oracle('posts').where({ id: 2 }).first()).toMatchObject({ n: 1 })
    expect(events).toEqual([])
  })

  test('B4: an amount that the column cannot take blocks no other row', async () => {
    await open()
    const bad = await DB.table('posts').buffer.where(1).increment('title')
    const good = await DB.table('posts').buffer.where(2).increment('n')
    await DB.buffer.flush()
    await good.applied
    if (name !== 'sqlite') {
      await expect(bad.applied).rejects.toMatchObject({ code: 'MILLRACE_WRITE_REFUSED' })
    }
  })

  test('B4: a write larger than the server takes is refused at once', async () => {
    await open()
    const good = await DB.table('posts').buffer.where(2).increment('n')
    const huge = DB.table('posts')
      .buffer.where(1)
      .update({ title: 'x'.repeat(17 * 1024 * 1024) })
    if (name === 'mysql')
      await expect(huge).rejects.toMatchObject({ code: 'MILLRACE_VALUE_INVALID' })
    else await huge
    // One that the server takes, but not together with what a dead letter adds, may not stop the others either.
    await DB.table('posts').buffer.insert({ id: 1, title: `'`.repeat(3 * 1024 * 1024) })
    await DB.buffer.flush()
    await good.applied
    expect((await DB.buffer.stats()).dead).toBe(1)
  })

  test('a table in another schema is refused, never mistaken for one of the same name', async () => {
    await open()
    for (const query of [DB.table('other.posts'), DB.table('posts').withSchema('other')]) {
      expect(() => (query as { readonly buffer?: unknown }).buffer).toThrow(
        expect.objectContaining({ code: 'MILLRACE_TABLE_UNSUPPORTED' }),
      )
    }
    await DB.table('posts as p').buffer.insert({ id: 3 })
  })

  test('names may hold what is special in SQL text', async () => {
    for (const table of ['what?', 'select', 'Upper', 'a b']) {
      const sql = `create table ${quoted(table)} (id int primary key, ${quoted('c?x')} int, ${quoted('d.e')} int)`
      await runBare(oracle, sql)
    }
    await open()
    for (const table of ['what?', 'select', 'Upper', 'a b']) {
      const buffer = DB.table(table).buffer
      await buffer.insert([1, 2].map((id) => ({ id, 'c?x': 1, 'd.e': 2 })))
      for (const id of [1, 2]) await buffer.where(id).increment('c?x', id)
      expect(await buffer.where(2).get('c?x')).toBe(3)
      await DB.buffer.flush()
      expect(await buffer.where(2).get('c?x')).toBe(3)
    }
  })

  test('a column that somebody else added is found', async () => {
    await open()
    await DB.table('posts').buffer.where(1).increment('n')
    await oracle.schema.alterTable('posts', (t) => {
      t.integer('fresh')
    })
    expect(await DB.table('posts').buffer.where(2).get('fresh')).toBeNull()
    await oracle.schema.alterTable('posts', (t) => {
      t.integer('fresher')
    })
    await DB.table('posts').buffer.where(1).update({ fresher: 3 })
    expect(await DB.table('posts').buffer.where(1).get('fresher')).toBe(3)
  })

  test('B5: get knows what an update, increment or delete makes the database compute', async () => {
    await oracle.raw(
      `create table sums (id int primary key, a int, twice int generated always as (a * 2) stored, f ${name === 'mysql' ? 'float' : 'real'}, s varchar(20)${name === 'mysql' ? ', at timestamp(3) null default null on update current_timestamp(3)' : ''})`,
    )
    await oracle.raw(`insert into sums (id, a, f, s) values (1, 1, 0.1, '1.50')`)
    await oracle.raw(
      'create table trees (id int primary key, up int, n int, foreign key (up) references trees(id) on delete cascade)',
    )
    await oracle.raw('insert into trees values (1, null, 0), (2, 1, 0)')
    await open()
    const pendingAndStored = async (column: string): Promise<void> => {
      const pending = await DB.table('sums').buffer.where(1).get(column)
      await DB.buffer.flush()
      const row = (await oracle('sums').first()) as Record<string, unknown>
      expect(pending).toEqual(row[column])
    }
    await DB.table('sums').buffer.where(1).update({ a: 5 })
    await pendingAndStored('twice')
    await DB.table('sums').buffer.where(1).increment('f', 0.2)
    await pendingAndStored('f')
    if (name !== 'postgres') {
      await DB.table('sums').buffer.where(1).increment('s')
      await pendingAndStored('s')
    }
    if (name === 'mysql') {
      await DB.table('sums').buffer.where(1).increment('a')
      await pendingAndStored('at')
    }
    await DB.table('trees').buffer.where(1).delete()
    expect(await DB.table('trees').buffer.where(2).get('n')).toBeUndefined()
  })

  test('while the database refuses and a write waits for room, flush rejects and get answers', async () => {
    await open({ maxPending: 1 })
    await oracle.schema.createTable('others', (t) => {
      t.integer('id').primary()
    })
    await DB.table('posts').buffer.where(1).increment('n')
    await DB.buffer.flush()
    await oracle.schema.renameTable('posts', 'away')
    const first = await DB.table('posts').buffer.where(1).increment('n')
    const second = DB.table('posts').buffer.where(2).increment('n')
    await expect(DB.buffer.flush()).rejects.toMatchObject({ code: 'MILLRACE_FLUSH_FAILED' })
    await expect(DB.table('others').buffer.where(1).get('id')).resolves.toBeUndefined()
    await oracle.schema.renameTable('away', 'posts')
    await DB.buffer.flush()
    await Promise.all([first.applied, (await second).applied])
    expect(await oracle('posts').orderBy('id').pluck('n')).toEqual([2, 1])
  })

  test('an increment that is accepted says so when its value cannot be read', async () => {
    await open()
    await DB.table('posts').buffer.where(1).increment('n')
    await oracle.schema.renameTable('posts', 'away')
    await expect(
      DB.table('posts').buffer.where(1).increment('n', 1, { returning: true }),
    ).rejects.toMatchObject({
      code: 'MILLRACE_FLUSH_FAILED',
      message: expect.stringContaining('is accepted') as string,
    })
    await oracle.schema.renameTable('away', 'posts')
    expect(await DB.table('posts').buffer.where(1).get('n')).toBe(2)
  })

  test('B7: close is bounded while the database holds a lock, and tells those who wait', async () => {
    await open()
    await DB.table('posts').buffer.where(2).increment('n')
    await DB.buffer.flush()
    const locker = await oracle.transaction()
    await locker('posts').where({ id: 1 }).update({ n: 100 })
    const { applied } = await DB.table('posts').buffer.where(1).increment('n')
    await DB.close()
    await expect(applied).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
    expect(events).toContainEqual({ type: 'drain-timeout', connection: 'default', pending: 1 })
    await locker.rollback()
  })

  test('a transaction that the application opened by hand on the only connection makes no dead letter', async () => {
    if (name !== 'sqlite') return open()
    await open()
    await DB.table('posts').buffer.where(1).increment('n')
    await DB.buffer.flush()
    await DB.raw('BEGIN')
    const { applied } = await DB.table('posts').buffer.where(1).increment('n')
    await expect(DB.buffer.flush()).rejects.toMatchObject({ code: 'MILLRACE_FLUSH_FAILED' })
    await DB.raw('COMMIT')
    await DB.buffer.flush()
    await applied
    expect(await oracle('posts').where({ id: 1 }).first()).toMatchObject({ n: 2 })
  })

  test.runIf(name === 'postgres')(
    'B3: writes to one row through a table and its partition keep their order',
    async () => {
      await oracle.raw('create table p (id integer primary key, v integer) partition by range (id)')
      await oracle.raw('create table p1 partition of p for values from (0) to (100)')
      await oracle('p').insert({ id: 1, v: 0 })
      await open()
      await DB.table('p').buffer.where(1).update({ v: 1 })
      await DB.table('p1').buffer.where(1).update({ v: 2 })
      expect(await DB.table('p').buffer.where(1).get('v')).toBe(2)
      await DB.table('p').buffer.where(1).update({ v: 3 })
      await DB.table('p1').buffer.where(1).increment('v', 10)
      await DB.buffer.flush()
      expect(await oracle('p').first()).toEqual({ id: 1, v: 13 })
    },
  )
})

/** Past Knex, which takes every `?` for a binding. */
async function runBare(knex: Knex, sql: string): Promise<void> {
  interface Bare {
    exec?(text: string): unknown
    query(text: string, done: (error: unknown) => void): unknown
  }
  const client = knex.client as {
    acquireConnection(): Promise<Bare>
    releaseConnection(bare: Bare): Promise<unknown>
  }
  const bare = await client.acquireConnection()
  try {
    if (bare.exec !== undefined) bare.exec(sql)
    else {
      await new Promise<void>((resolve, reject) => {
        bare.query(sql, (error) => {
          if (error) reject(error instanceof Error ? error : new Error('the statement failed'))
          else resolve()
        })
      })
    }
  } finally {
    await client.releaseConnection(bare)
  }
}
