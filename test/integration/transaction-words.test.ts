import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeDatabases, type DatabaseName, type TestDatabase } from '../support/databases.ts'
import { Accounts, accountsDatabase, type ReadName } from './fixtures/accounts.ts'

const begins: Readonly<Record<DatabaseName, readonly string[]>> = {
  sqlite: [
    'BEGIN',
    'begin transaction',
    'BEGIN IMMEDIATE',
    'Begin Exclusive Transaction',
    'SAVEPOINT s',
  ],
  postgres: [
    'BEGIN',
    'begin work;',
    'START TRANSACTION',
    'BEGIN ISOLATION LEVEL SERIALIZABLE',
    '/* by hand */ begin -- now',
    'start transaction read write',
  ],
  mysql: [
    'BEGIN',
    'begin work',
    'START TRANSACTION',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT',
    '/*!50000 BEGIN */',
    'start transaction read write',
  ],
}

const commits: Readonly<Record<DatabaseName, readonly string[]>> = {
  sqlite: ['COMMIT', 'END', 'commit transaction', 'END TRANSACTION'],
  postgres: [
    'COMMIT',
    'END',
    'commit work',
    'END TRANSACTION',
    'COMMIT AND NO CHAIN',
    '/**/commit;',
  ],
  mysql: [
    'COMMIT',
    'commit work',
    'COMMIT AND NO CHAIN NO RELEASE',
    '/* */ commit;',
    'BEGIN',
    'START TRANSACTION',
  ],
}

const rollbacks: Readonly<Record<DatabaseName, readonly string[]>> = {
  sqlite: ['ROLLBACK', 'rollback transaction'],
  postgres: ['ROLLBACK', 'ABORT', 'rollback work', 'ABORT TRANSACTION', 'ROLLBACK AND NO CHAIN'],
  mysql: ['ROLLBACK', 'rollback work', 'ROLLBACK AND NO CHAIN'],
}

/** What commits a transaction of MySQL and MariaDB beside COMMIT. */
const implicitCommits = [
  'create table made (id integer)',
  'create table if not exists accounts (id integer)',
  'drop table if exists nothing_of_this_name',
  'drop table made',
  'alter table notes add column extra integer',
  'alter table notes drop column extra',
  'create index by_text on notes (text)',
  'drop index by_text on notes',
  'create view seen as select * from accounts',
  'drop view seen',
  'create table moved (id integer)',
  'rename table moved to moved_again',
  'truncate table moved_again',
  'create procedure p() select 1',
  'drop procedure p',
  'create trigger t after insert on moved_again for each row set @x = 1',
  'drop trigger t',
  'lock tables accounts read, notes read',
  'analyze table notes',
  'check table notes',
  'optimize table notes',
  'flush tables notes',
  'begin',
  'start transaction',
]

/** What looks like it and commits nothing. The last two make the session one of its own. */
const commitsNothing = [
  'set @x = 1',
  'savepoint s',
  'do 1',
  'select 1',
  'set autocommit = 1',
  'set autocommit = 0',
  'unlock tables',
  'create temporary table scratch (id integer)',
  'drop temporary table scratch',
]

/** Transactions by words, on the only connection of a pool. */
describeDatabases('transactions by words', (name) => {
  let database: TestDatabase
  let accounts: Accounts
  let knex: Knex

  beforeAll(async () => {
    database = await accountsDatabase(name)
  })
  beforeEach(async () => {
    accounts = await Accounts.open(database, { pool: 1 })
    knex = accounts.knex
    await accounts.warm()
  })
  afterEach(() => accounts.close())
  afterAll(() => database.drop())

  const deposit = (): Knex.QueryBuilder => knex('accounts').where('id', 1).increment('balance', 1)

  /** Reads see the transaction that they run in, and are not cached. */
  const expectInside = async (balance: number, ...which: readonly ReadName[]): Promise<void> => {
    for (const one of which) expect((await accounts.read(one)).how).toBe('transaction')
    expect(await accounts.read('one')).toEqual({ rows: [{ id: 1, balance }], how: 'transaction' })
  }

  test.each(begins[name])('G1, G4: %s', async (begin) => {
    const [commit, rollback] = begin.startsWith('SAVEPOINT')
      ? ['RELEASE s', 'ROLLBACK']
      : ['COMMIT', 'ROLLBACK']
    await knex.raw(begin)
    await deposit()
    await expectInside(101, 'all', 'notes')
    await knex.raw(rollback)
    await accounts.expectKept()
    await knex.raw(begin)
    await deposit()
    await deposit()
    await expectInside(102, 'sum', 'two')
    expect(await accounts.balance()).toBe(100)
    await knex.raw(commit)
    expect(await accounts.balance()).toBe(102)
    await accounts.expectKept('notes')
    await accounts.expectCachedAgain()
  })

  test.each(commits[name])('G1: ended by %s', async (commit) => {
    await knex.raw('BEGIN')
    await deposit()
    await expectInside(101)
    await knex.raw(commit)
    expect(await accounts.balance()).toBe(101)
    await accounts.expectFresh()
    await knex.raw('COMMIT').catch(() => undefined)
    await accounts.expectCachedAgain()
  })

  test.each(rollbacks[name])('G4: ended by %s', async (rollback) => {
    await knex.raw('BEGIN')
    await deposit()
    await expectInside(101)
    await knex.raw(rollback)
    expect(await accounts.balance()).toBe(100)
    await accounts.expectKept()
  })

  test('G4: words that end a transaction where there is none', async () => {
    for (const word of ['ROLLBACK', 'COMMIT']) await knex.raw(word).catch(() => undefined)
    await accounts.expectKept()
    await deposit()
    await accounts.expectCachedAgain()
  })

  test('G4: BEGIN twice', async () => {
    await knex.raw('BEGIN')
    await deposit()
    await knex.raw('BEGIN').catch(() => undefined)
    await deposit()
    await knex.raw('ROLLBACK')
    await accounts.expectCachedAgain()
    expect(await accounts.balance()).toBe(name === 'mysql' ? 101 : 100)
  })

  if (name !== 'sqlite') {
    test.each(['COMMIT AND CHAIN', 'ROLLBACK AND CHAIN'])('G1, G4: %s', async (chain) => {
      await knex.raw('BEGIN')
      await deposit()
      await knex.raw(chain)
      const committed = chain.startsWith('COMMIT') ? 101 : 100
      expect(await accounts.balance()).toBe(committed)
      await deposit()
      await expectInside(committed + 1)
      await knex.raw('ROLLBACK')
      expect(await accounts.balance()).toBe(committed)
      await accounts.expectCachedAgain()
    })
  }

  if (name === 'postgres') {
    test.each([
      ['begin; update accounts set balance = 1; commit', 1],
      ['begin; update accounts set balance = 2; rollback', 100],
      ['update accounts set balance = 3; update notes set text = null', 3],
      ['update accounts set balance = 4; commit; update notes set text = null', 4],
      ['begin; update accounts set balance = 5; rollback; update accounts set balance = 6', 6],
    ])('G1: several statements in one text: %s', async (sql, balance) => {
      await knex.raw(sql)
      expect(await accounts.balance()).toBe(balance)
      await accounts.expectCachedAgain()
    })

    test.each([
      ['update accounts set balance = 7; select 1 / 0', 100],
      ['update accounts set balance = 8; commit; select 1 / 0', 8],
    ])('G1: several statements of which one fails: %s', async (sql, balance) => {
      await expect(knex.raw(sql)).rejects.toThrow(/zero/)
      expect(await accounts.balance()).toBe(balance)
      await accounts.expectCachedAgain()
    })

    test('G1: a procedure and a block that commit by themselves', async () => {
      const body = `begin update accounts set balance = balance + 1; commit; update accounts set balance = 0; rollback; end`
      await accounts.outside.raw(`create procedure halves() language plpgsql as $$ ${body} $$`)
      await accounts.close()
      accounts = await Accounts.open(database, { pool: 1 })
      knex = accounts.knex
      await accounts.warm()
      await knex.raw('call halves()')
      expect(await accounts.balance()).toBe(101)
      await accounts.expectCachedAgain()
      await knex.raw(`do $$ ${body} $$`)
      expect(await accounts.balance()).toBe(102)
      await accounts.expectCachedAgain()
    })

    test('G4: a schema change that is rolled back', async () => {
      await knex.raw('begin')
      await knex.raw('alter table accounts rename to old_accounts')
      await knex.raw('create table accounts as select id, 0 as balance from old_accounts')
      expect((await accounts.read('one')).rows).toEqual([{ id: 1, balance: 0 }])
      await knex.raw('rollback')
      await accounts.expectCachedAgain()
      await deposit()
      await accounts.expectCachedAgain()
    })
  }

  if (name === 'mysql') {
    test.each(['set autocommit = 0', 'SET @@session.autocommit = OFF', 'set session autocommit=0'])(
      'G1, G4: %s',
      async (off) => {
        await knex.raw(off)
        // The first read opens a snapshot already.
        await expectInside(100)
        await deposit()
        await expectInside(101)
        await knex.raw('rollback')
        await deposit()
        await deposit()
        await expectInside(102)
        expect(await accounts.balance()).toBe(100)
        await knex.raw('commit')
        expect(await accounts.balance()).toBe(102)
        await accounts.expectFresh()
        await deposit()
        await knex.raw('set autocommit = 1')
        expect(await accounts.balance()).toBe(103)
        await accounts.expectCachedAgain()
        await deposit()
        await accounts.expectCachedAgain()
      },
    )

    test('G1: what commits implicitly, and what does not, one after the other', async () => {
      for (const [sql, commits] of [
        ...implicitCommits.map((one) => [one, 1] as const),
        ...commitsNothing.map((one) => [one, 0] as const),
      ]) {
        const before = await accounts.balance()
        await knex.raw('begin')
        await deposit()
        await knex.raw(sql)
        const after = await accounts.balance()
        expect([sql, after]).toEqual([sql, before + commits])
        // A transaction that is open sees more than is committed.
        const seen = (await accounts.read('one')).rows
        expect([sql, seen]).toEqual([sql, [{ id: 1, balance: before + 1 }]])
        await knex.raw('rollback')
        await knex.raw('set autocommit = 1')
        if (sql.startsWith('lock')) await knex.raw('unlock tables')
        expect([sql, (await accounts.read('one')).rows]).toEqual([sql, [{ id: 1, balance: after }]])
        await accounts.expectFresh()
      }
    })
  }
})
