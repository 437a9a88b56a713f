import type { Knex } from 'knex'
import type { WriteShape } from './shapes.ts'

const stop = new Error('undo')

/** Runs a transaction that ends by its own error. */
const undone = async (
  knex: Knex,
  work: (trx: Knex.Transaction) => Promise<unknown>,
): Promise<void> => {
  const attempt = knex.transaction(async (trx) => {
    await work(trx)
    throw stop
  })
  await attempt.catch((error: unknown) => {
    if (error !== stop) throw error
  })
}

/** Runs statements on one connection taken from the pool. */
const pinned = async (
  knex: Knex,
  work: (run: (sql: string) => Promise<unknown>) => Promise<void>,
): Promise<void> => {
  const connection = (await knex.client.acquireConnection()) as unknown
  try {
    await work(async (sql) => await knex.raw(sql).connection(connection))
  } finally {
    await knex.client.releaseConnection(connection)
  }
}

/** Transactions, savepoints and raw transaction statements. */
export const transactionWrites: readonly WriteShape[] = [
  {
    name: 'transaction',
    write: (k) =>
      k.transaction(async (t) => {
        await t('users').where('id', 3).update({ age: 50 })
        await t('stats').insert({ k: 'trx', v: 1 })
      }),
  },
  {
    name: 'transaction rolled back',
    expectNone: true,
    write: (k) => undone(k, async (t) => await t('users').update({ age: 1 })),
  },
  {
    name: 'transaction, commit by hand',
    write: async (k) => {
      const t = await k.transaction()
      await t('users').where('id', 3).update({ age: 51 })
      await t.commit()
    },
  },
  {
    name: 'transaction, rollback by hand',
    expectNone: true,
    write: async (k) => {
      const t = await k.transaction()
      await t('users').where('id', 3).update({ age: 52 })
      await t.rollback()
    },
  },
  {
    name: 'transactionProvider',
    write: async (k) => {
      const t = await k.transactionProvider()()
      await t('users').where('id', 3).update({ age: 53 })
      await t.commit()
    },
  },
  {
    name: 'transacting',
    write: (k) =>
      k.transaction(async (t) => {
        await k('users').where('id', 3).update({ age: 54 }).transacting(t)
        await k.raw('update tags set name = ? where id = 2', ['tr']).transacting(t)
      }),
  },
  {
    name: 'savepoint rolled back, outer committed',
    write: (k) =>
      k.transaction(async (t) => {
        await t('users').where('id', 3).update({ age: 55 })
        await undone(t, async (s) => await s('tags').where('id', 2).update({ name: 'sp' }))
      }),
  },
  {
    name: 'savepoint committed, outer rolled back',
    expectNone: true,
    write: (k) =>
      undone(k, (t) =>
        t.transaction(async (s) => await s('tags').where('id', 2).update({ name: 'sp2' })),
      ),
  },
  {
    name: 'savepoint committed',
    write: (k) =>
      k.transaction((t) =>
        t.savepoint(async (s) => await s('tags').where('id', 2).update({ name: 'sp3' })),
      ),
  },
  {
    name: 'savepoints of three levels',
    write: (k) =>
      k.transaction((t) =>
        t.transaction(async (a) => {
          await a('stats').insert({ k: 'l2', v: 1 })
          await undone(a, async (b) => await b('kv').insert({ k: 'l3', v: 1 }))
        }),
      ),
  },
  {
    name: 'raw BEGIN and COMMIT',
    write: (k) =>
      pinned(k, async (run) => {
        await run('BEGIN')
        await run('update users set age = 60 where id = 3')
        await run('COMMIT')
      }),
  },
  {
    name: 'raw BEGIN and ROLLBACK',
    expectNone: true,
    write: (k) =>
      pinned(k, async (run) => {
        await run('BEGIN')
        await run('update users set age = 61 where id = 3')
        await run('ROLLBACK')
      }),
  },
  {
    name: 'raw savepoint, rolled back to',
    write: (k) =>
      pinned(k, async (run) => {
        await run('begin')
        await run('update users set age = 63 where id = 3')
        await run('savepoint s1')
        await run(`update tags set name = 'gone' where id = 2`)
        await run('rollback to savepoint s1')
        await run('release savepoint s1')
        await run('commit')
      }),
  },
  {
    name: 'raw commit and chain',
    only: ['postgres', 'mysql'],
    write: (k) =>
      pinned(k, async (run) => {
        await run('begin')
        await run('update users set age = 64 where id = 3')
        await run('commit and chain')
        await run(`update tags set name = 'gone' where id = 2`)
        await run('rollback')
      }),
  },
  {
    name: 'autocommit = 0',
    only: ['mysql'],
    write: (k) =>
      pinned(k, async (run) => {
        await run('set autocommit = 0')
        await run('update users set age = 62 where id = 3')
        await run('commit')
        await run('set autocommit = 1')
      }),
  },
  {
    name: 'autocommit = 0, committed by autocommit = 1',
    only: ['mysql'],
    write: (k) =>
      pinned(k, async (run) => {
        await run('set @@session.autocommit = off')
        await run('update users set age = 65 where id = 3')
        await run('set autocommit = on')
      }),
  },
  {
    name: 'implicit commit by a schema change',
    only: ['mysql'],
    write: (k) =>
      pinned(k, async (run) => {
        await run('begin')
        await run('update users set age = 66 where id = 3')
        await run('create table if not exists tmpz (a int)')
        await run('rollback')
      }),
    restore: (k) => k.schema.dropTableIfExists('tmpz'),
  },
  {
    name: 'start transaction inside a transaction',
    only: ['mysql'],
    write: (k) =>
      pinned(k, async (run) => {
        await run('start transaction')
        await run('update users set age = 67 where id = 3')
        await run('start transaction')
        await run('rollback')
      }),
  },
]
