import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { deferred } from '../../src/base/deferred.ts'
import type { Target } from '../../src/contract/target.ts'
import { createTarget } from '../../src/knex/target.ts'
import { createDatabase, describeDatabases } from '../support/databases.ts'
import type { TestDatabase } from '../support/databases.ts'
import { until } from '../support/wait.ts'

const reached: unique symbol = Symbol('the error that the test threw')

describeDatabases('target', (name) => {
  let database: TestDatabase
  let knex: Knex
  let target: Target
  const seen: string[] = []

  const targetOf = (instance: Knex): Target =>
    createTarget({
      connection: 'default',
      identity: 'test',
      dialect: database.dialect,
      knex: instance,
      describe: () => undefined,
      refreshCatalog: () => Promise.resolve(),
    })

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory({
      ...database.config,
      wrapIdentifier: (value, original) => original(`wrapped_${value}`),
      postProcessResponse: () => ['post-processed'],
    })
    target = targetOf(knex)
    await target.query('create table parents (id integer primary key, amount integer)')
    await target.query(
      `create table children (id integer primary key, parent_id integer,
        foreign key (parent_id) references parents (id)${name === 'mysql' ? '' : ' deferrable initially deferred'})`,
    )
    knex.on('query', (query: { sql: string }) => seen.push(query.sql))
  })
  beforeEach(async () => {
    await target.query('delete from children')
    await target.query('delete from parents')
    await target.query('insert into parents (id, amount) values (?, ?), (?, ?)', [1, 10, 2, 20])
    seen.length = 0
  })
  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  const amounts = async (): Promise<unknown[]> =>
    (await target.query('select amount from parents order by id')).rows.map((row) => row['amount'])

  test('rows come as the driver returns them, past the hooks of the user', async () => {
    const { rows } = await target.query('select id, amount from parents where id = ?', [1])
    expect(rows.map((row) => ({ ...row }))).toEqual([{ id: 1, amount: 10 }])
  })

  test('affected counts rows matched, also those that an update leaves as they are', async () => {
    const same = await target.query('update parents set amount = ? where id in (1, 2, 3)', [10])
    expect(same.affected).toBe(2)
    expect((await target.query('update parents set amount = 0 where id = 9')).affected).toBe(0)
    expect((await target.query('delete from parents where id = 1')).affected).toBe(1)
    expect((await target.query('insert into parents (id) values (5), (6), (7)')).affected).toBe(3)
  })

  test('a transaction commits when its work resolves, and the tap can see every statement', async () => {
    const answer = await target.transaction(async (session) => {
      await session.query('update parents set amount = amount + ? where id = ?', [1, 1])
      return 'done'
    })
    expect(answer).toBe('done')
    const begin = seen.findIndex((sql) => sql.startsWith('BEGIN'))
    expect(begin).toBeGreaterThanOrEqual(0)
    expect(seen.at(-1)).toBe('COMMIT;')
    expect(await amounts()).toEqual([11, 20])
  })

  test('a transaction rolls back with the error of its work and gives its connection back clean', async () => {
    for (let i = 0; i < 12; i++) {
      const outcome = target.transaction(async (session) => {
        await session.query('update parents set amount = 0')
        throw Object.assign(new Error('no'), { reached })
      })
      await expect(outcome).rejects.toMatchObject({ reached })
    }
    expect(await amounts()).toEqual([10, 20])
  })

  test('a statement error leaves a savepoint usable', async () => {
    await target.transaction(async (session) => {
      await session.query('update parents set amount = 5 where id = 1')
      await session.query('savepoint one')
      await expect(session.query('insert into parents (id) values (2)')).rejects.toThrow()
      await session.query('rollback to savepoint one')
      await session.query('insert into parents (id, amount) values (3, 30)')
    })
    expect(await amounts()).toEqual([5, 20, 30])
  })

  test('a session ends with its transaction', async () => {
    const session = await target.transaction((open) => Promise.resolve(open))
    await expect(session.query('select 1')).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
  })

  test('values of every kind are one value each', async () => {
    const text = name === 'mysql' ? 'char' : 'text'
    const cast = (value: unknown): Promise<unknown> =>
      target.query(`select cast(? as ${text}) as v`, [value]).then(({ rows }) => rows[0]?.['v'])
    expect(await cast(undefined)).toBeNull()
    expect(await cast({ a: [1, 2] })).toBe('{"a":[1,2]}')
    expect(await cast(2n ** 60n)).toBe('1152921504606846976')
    if (name !== 'postgres') expect(await cast([1, 2])).toBe('[1,2]')
    if (name !== 'sqlite') expect(await cast(Number.NaN)).toBe('NaN')
    const bytes = await target.query(
      `select ${name === 'postgres' ? '?::bytea' : 'cast(? as binary)'} as v`.replace(
        'as binary',
        name === 'sqlite' ? 'as blob' : 'as binary',
      ),
      [new Uint8Array([0, 255, 7]).subarray(1)],
    )
    expect(Buffer.from(bytes.rows[0]?.['v'] as Uint8Array)).toEqual(Buffer.from([255, 7]))
  })

  if (name !== 'mysql') {
    test('a constraint that fails at COMMIT rolls back and leaves the connection outside of it', async () => {
      const outcome = target.transaction((session) =>
        session.query('insert into children (id, parent_id) values (1, 99)'),
      )
      const error: unknown = await outcome.catch((reason: unknown) => reason)
      expect(target.classify(error)).toBe('permanent')
      expect((await target.query('select id from children')).rows).toEqual([])
      await target.transaction((session) => session.query('update parents set amount = 1'))
      expect(await amounts()).toEqual([1, 1])
    })
  }

  if (name === 'postgres') {
    test('a swallowed statement error does not pass for a commit', async () => {
      const outcome = target.transaction(async (session) => {
        await session.query('update parents set amount = 0')
        await session.query('insert into parents (id) values (1)').catch(() => undefined)
      })
      await expect(outcome).rejects.toMatchObject({ code: 'MILLRACE_FLUSH_FAILED' })
      expect(await amounts()).toEqual([10, 20])
    })

    test('an array is passed as an array', async () => {
      const { rows } = await target.query('select id from parents where id = any(?) order by id', [
        [1, 2],
      ])
      expect(rows).toEqual([{ id: 1 }, { id: 2 }])
    })
  }

  test('an error beside a BigInt is the one of the driver', async () => {
    const error: unknown = await target
      .query('insert into parents (id, amount) values (?, ?)', [1, 5n])
      .catch((reason: unknown) => reason)
    expect(target.classify(error)).toBe('permanent')
  })

  if (name === 'sqlite') {
    test('values that cannot be bound are permanent', async () => {
      for (const value of [2n ** 70n, Symbol('x')]) {
        const error: unknown = await target
          .query('select ?', [value])
          .catch((reason: unknown) => reason)
        expect(target.classify(error)).toBe('permanent')
      }
    })

    test('a busy database rejects at once, as transient, and the timeout of the user comes back', async () => {
      const other = knexFactory(database.config)
      const holder = await other.transaction()
      await holder('parents').where({ id: 1 }).update({ amount: 1 })
      let turns = 0
      const timer = setInterval(() => turns++, 1)
      const error: unknown = await target
        .transaction((session) => session.query('update parents set amount = 2'))
        .catch((reason: unknown) => reason)
      await until(() => turns > 0)
      clearInterval(timer)
      expect(target.classify(error)).toBe('transient')
      expect((error as { code: string }).code).toMatch(/^SQLITE_BUSY/)
      await holder.rollback()
      await other.destroy()
      expect((await target.query('pragma busy_timeout')).rows[0]).toEqual({ timeout: 0 })
      const connection = (await knex.client.acquireConnection()) as {
        pragma(sql: string, options: { simple: boolean }): unknown
        inTransaction: boolean
      }
      expect(connection.pragma('busy_timeout', { simple: true })).toBe(5000)
      expect(connection.inTransaction).toBe(false)
      await knex.client.releaseConnection(connection)
    })

    test('B1: a flushed COMMIT is synced, whatever the connection does otherwise', async () => {
      const synchronous = async (run: typeof target.query): Promise<unknown> =>
        (await run('pragma synchronous')).rows[0]
      await target.query('pragma synchronous = NORMAL')
      const during = await target.transaction((session) => synchronous((sql) => session.query(sql)))
      expect(during).toEqual({ synchronous: 2 })
      expect(await synchronous((sql) => target.query(sql))).toEqual({ synchronous: 1 })
    })
  } else {
    test('a deadlock ends the session: nothing runs outside of the transaction', async () => {
      // Each asks for the other's row only when both have their own.
      const firstHolds = deferred<undefined>()
      const secondHolds = deferred<undefined>()
      const first = target.transaction(async (session) => {
        await session.query('update parents set amount = amount + 100 where id = 1')
        firstHolds.resolve(undefined)
        await secondHolds.promise
        await session.query('update parents set amount = amount + 100 where id = 2').catch(() => 0)
        await session.query('update parents set amount = amount + 1000 where id = 1').catch(() => 0)
      })
      const second = target.transaction(async (session) => {
        await session.query('update parents set amount = amount + 100 where id = 2')
        secondHolds.resolve(undefined)
        await firstHolds.promise
        await session.query('update parents set amount = amount + 100 where id = 1').catch(() => 0)
        await session.query('update parents set amount = amount + 1000 where id = 2').catch(() => 0)
      })
      const outcomes = await Promise.allSettled([first, second])
      const failed = outcomes.filter((one) => one.status === 'rejected')
      expect(failed).toHaveLength(1)
      expect(target.classify(failed[0]?.reason)).toBe('transient')
      expect(await amounts()).toEqual(
        outcomes[0].status === 'fulfilled' ? [1110, 120] : [110, 1120],
      )
    })

    test('a connection lost at work is disposed of, and the next transaction has a new one', async () => {
      const id = name === 'postgres' ? 'pg_backend_pid()' : 'connection_id()'
      const outcome = target.transaction(async (session) => {
        await session.query('update parents set amount = 0')
        const pid = String((await session.query(`select ${id} as id`)).rows[0]?.['id'])
        await target.query(
          name === 'postgres' ? `select pg_terminate_backend(${pid})` : `kill ${pid}`,
        )
        await session.query('update parents set amount = 1')
      })
      const error: unknown = await outcome.catch((reason: unknown) => reason)
      expect(['unknown', 'transient']).toContain(target.classify(error))
      expect(await amounts()).toEqual([10, 20])
      await target.transaction((session) => session.query('update parents set amount = 3'))
      expect(await amounts()).toEqual([3, 3])
    })

    test('flushes read committed data, whatever the default of the database is', async () => {
      await target.transaction(async (session) => {
        await session.query('select amount from parents where id = 1')
        await target.query('update parents set amount = 77 where id = 1')
        const { rows } = await session.query('select amount from parents where id = 1')
        expect(rows[0]?.['amount']).toBe(77)
      })
    })
  }
})
