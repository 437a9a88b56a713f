import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { FailureKind } from '../../src/contract/target.ts'
import { classifyFailure, isUnknownOutcome } from '../../src/knex/failure.ts'
import { createDatabase, describeDatabases } from '../support/databases.ts'
import type { DatabaseName, TestDatabase } from '../support/databases.ts'
import { until } from '../support/wait.ts'

/** Runs what must fail and hands its error over. */
async function errorOf(run: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    await run()
  } catch (error) {
    return error
  }
  throw new Error('It did not fail.')
}

describeDatabases('real errors', (name) => {
  let database: TestDatabase
  let knex: Knex

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await knex.schema.createTable('parents', (table) => {
      table.integer('id').primary()
      table.string('code', 5).notNullable().unique()
      table.integer('amount')
      table.integer('checked').checkPositive()
    })
    await knex.schema.createTable('children', (table) => {
      table.integer('id').primary()
      table.integer('parent_id').references('parents.id')
    })
    await knex('parents').insert({ id: 1, code: 'a', amount: 1, checked: 1 })
  })
  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  const statements: readonly (readonly [
    string,
    FailureKind,
    (knex: Knex) => PromiseLike<unknown>,
  ])[] = [
    ['duplicate key', 'permanent', (db) => db('parents').insert({ id: 1, code: 'b' })],
    ['duplicate unique', 'permanent', (db) => db('parents').insert({ id: 2, code: 'a' })],
    ['null', 'permanent', (db) => db('parents').insert({ id: 3, code: null })],
    ['missing parent', 'permanent', (db) => db('children').insert({ id: 1, parent_id: 9 })],
    ['check', 'permanent', (db) => db('parents').insert({ id: 4, code: 'd', checked: -1 })],
    ['table missing', 'schema', (db) => db('nothing').insert({ id: 1 })],
    ['column missing', 'schema', (db) => db('parents').where({ id: 1 }).update({ nothing: 1 })],
    ['syntax', 'schema', (db) => db.raw('updat parents')],
  ]
  test.each(statements)('%s is %s', async (_title, kind, run) => {
    const error = await errorOf(() => run(knex))
    expect([classifyFailure(database.dialect, error), error]).toEqual([kind, error])
    expect(isUnknownOutcome(database.dialect, error)).toBe(false)
  })

  test('no free connection is transient', async () => {
    const narrow = knexFactory({
      ...database.config,
      pool: { ...database.config.pool, min: 0, max: 1 },
      acquireConnectionTimeout: 50,
    })
    const held = await narrow.transaction()
    const error = await errorOf(() => narrow.raw('select 1'))
    await held.rollback()
    await narrow.destroy()
    expect(classifyFailure(database.dialect, error)).toBe('transient')
    expect(isUnknownOutcome(database.dialect, error)).toBe(false)
  })

  if (name === 'sqlite') {
    test('busy and read-only are transient', async () => {
      const other = knexFactory(database.config)
      const holder = await other.transaction()
      await holder('parents').where({ id: 1 }).update({ amount: 5 })
      await knex.raw('pragma busy_timeout = 0')
      const busy = await errorOf(() => knex('parents').where({ id: 1 }).update({ amount: 6 }))
      await holder.rollback()
      await other.destroy()
      await knex.raw('pragma query_only = on')
      const readOnly = await errorOf(() => knex('parents').where({ id: 1 }).update({ amount: 6 }))
      await knex.raw('pragma query_only = off')
      expect(classifyFailure('sqlite', busy)).toBe('transient')
      expect(classifyFailure('sqlite', readOnly)).toBe('transient')
    })
  } else {
    test('values out of range or of the wrong type are permanent', async () => {
      const long = await errorOf(() => knex('parents').insert({ id: 5, code: 'too long' }))
      const large = await errorOf(() =>
        knex('parents').insert({ id: 6, code: 'f', amount: 2 ** 40 }),
      )
      const text = await errorOf(() => knex('parents').insert({ id: 7, code: 'g', amount: 'many' }))
      const over = await errorOf(() =>
        knex('parents')
          .where({ id: 1 })
          .update({ amount: knex.raw('2147483647 + amount') }),
      )
      for (const error of [long, large, text, over]) {
        expect(classifyFailure(database.dialect, error)).toBe('permanent')
      }
    })

    test('a lock that is not granted and a deadlock are transient', async () => {
      await knex('parents').insert([
        { id: 21, code: 'u' },
        { id: 22, code: 'v' },
      ])
      const first = await knex.transaction()
      const second = await knex.transaction()
      await first('parents').where({ id: 21 }).update({ amount: 1 })
      await second('parents').where({ id: 22 }).update({ amount: 1 })
      const nowait = await errorOf(() => second('children').where(knex.raw(noWaitProbe(name)(21))))
      const settled = await Promise.allSettled([
        first('parents').where({ id: 22 }).update({ amount: 2 }),
        name === 'postgres'
          ? second.rollback()
          : second('parents').where({ id: 21 }).update({ amount: 2 }),
      ])
      await Promise.allSettled([first.rollback(), second.rollback()])
      if (name === 'postgres') expect(classifyFailure('postgres', nowait)).toBe('transient')
      for (const one of settled) {
        if (one.status === 'rejected') {
          expect(classifyFailure(database.dialect, one.reason)).toBe('transient')
        }
      }
      if (name === 'mysql') expect(settled.some((one) => one.status === 'rejected')).toBe(true)
    })

    test('a read-only transaction is transient', async () => {
      const error = await errorOf(() =>
        knex.transaction((trx) => trx('parents').where({ id: 1 }).update({ amount: 7 }), {
          readOnly: true,
        }),
      )
      expect(classifyFailure(database.dialect, error)).toBe('transient')
    })

    test('a connection killed under a statement is of unknown outcome', async () => {
      const trx = await knex.transaction()
      const id = await connectionId(trx, name)
      const error = errorOf(() =>
        trx.raw(name === 'postgres' ? 'select pg_sleep(60)' : 'do sleep(60)'),
      )
      await until(async () => {
        const busy = await knex.raw(
          name === 'postgres'
            ? `select 1 from pg_stat_activity where pid = ${id} and query like '%pg_sleep%'`
            : `select 1 from information_schema.processlist where id = ${id} and info like '%sleep%'`,
        )
        return (name === 'postgres' ? busy.rows : busy[0]).length > 0
      })
      await knex.raw(name === 'postgres' ? `select pg_terminate_backend(${id})` : `kill ${id}`)
      expect(classifyFailure(database.dialect, await error)).toBe('unknown')
      expect(isUnknownOutcome(database.dialect, await error)).toBe(true)
      await trx.rollback().catch(() => undefined)
    })

    test('a server that is not there is transient', async () => {
      const nowhere = knexFactory({
        client: name === 'postgres' ? 'pg' : 'mysql2',
        connection: { host: '127.0.0.1', port: 1, user: 'x' },
      })
      const error = await errorOf(() => nowhere.raw('select 1'))
      await nowhere.destroy()
      expect(classifyFailure(database.dialect, error)).toBe('transient')
      expect(isUnknownOutcome(database.dialect, error)).toBe(false)
    })
  }
})

function noWaitProbe(name: DatabaseName): (id: number) => string {
  return name === 'postgres'
    ? (id) => `exists (select id from parents where id = ${String(id)} for update nowait)`
    : () => 'nothing_of_this_name = 1'
}

async function connectionId(trx: Knex, name: DatabaseName): Promise<string> {
  const answer = await trx.raw(
    name === 'postgres' ? 'select pg_backend_pid() as id' : 'select connection_id() as id',
  )
  return String((name === 'postgres' ? answer.rows : answer[0])[0].id)
}

describe('errors made by hand', () => {
  const pg = (code: string, more: object = {}): object => ({ code, severity: 'ERROR', ...more })
  const cases: readonly (readonly [Dialect, object, FailureKind])[] = [
    ['postgres', pg('40001'), 'transient'],
    ['postgres', pg('53100'), 'transient'],
    ['postgres', pg('42501'), 'schema'],
    ['postgres', pg('42501', { routine: 'ExecWithCheckOptions' }), 'permanent'],
    ['postgres', pg('08P01'), 'permanent'],
    ['postgres', pg('08P01', { severity: 'FATAL' }), 'unknown'],
    ['postgres', pg('P0001'), 'permanent'],
    ['postgres', pg('0A000', { routine: 'RevalidateCachedQuery' }), 'transient'],
    ['postgres', { code: 'EPIPE', syscall: 'write' }, 'unknown'],
    ['postgres', { code: 'ETIMEDOUT', syscall: 'connect' }, 'transient'],
    ['postgres', new Error('Connection terminated unexpectedly'), 'unknown'],
    ['postgres', new Error('Client was closed and is not queryable'), 'transient'],
    ['mysql', { code: 'PROTOCOL_CONNECTION_LOST', fatal: true }, 'unknown'],
    ['mysql', { code: 'ECONNREFUSED', fatal: true, errno: -111, syscall: 'connect' }, 'transient'],
    ['mysql', { code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290 }, 'transient'],
    ['mysql', { code: 'ER_CON_COUNT_ERROR', errno: 1040, fatal: true }, 'transient'],
    ['mysql', { code: 'ER_BAD_FIELD_ERROR', errno: 1054 }, 'schema'],
    ['mysql', { code: 'ER_UNKNOWN', errno: 4025 }, 'permanent'],
    ['sqlite', { code: 'SQLITE_IOERR_FSYNC' }, 'transient'],
    ['sqlite', { code: 'SQLITE_BUSY_SNAPSHOT' }, 'transient'],
    ['sqlite', { code: 'SQLITE_CONSTRAINT_NOTNULL' }, 'permanent'],
    ['sqlite', { code: 'SQLITE_ERROR', message: 'no such table: t' }, 'schema'],
    ['sqlite', { code: 'SQLITE_ERROR', message: 'integer overflow' }, 'permanent'],
    ['sqlite', new MillraceError('MILLRACE_STORE_LOST', 'gone'), 'transient'],
    ['postgres', new TypeError('a fault in a hook'), 'transient'],
  ]
  test.each(cases)('%s %o is %s', (dialect, error, kind) => {
    expect(classifyFailure(dialect, error)).toBe(kind)
    expect(isUnknownOutcome(dialect, error)).toBe(kind === 'unknown')
  })
})
