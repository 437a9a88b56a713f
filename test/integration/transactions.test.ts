import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import type { Knex } from 'knex'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeDatabases, type TestDatabase } from '../support/databases.ts'
import { Accounts, accountsDatabase } from './fixtures/accounts.ts'

const deposit = (k: Knex, amount = 1): Knex.QueryBuilder =>
  k('accounts').where('id', 1).increment('balance', amount)

/** Transactions as Knex manages them: what is committed is seen, what is rolled back costs no entry. */
describeDatabases('transactions of Knex', (name) => {
  let database: TestDatabase
  let accounts: Accounts
  let knex: Knex

  beforeAll(async () => {
    database = await accountsDatabase(name)
  })
  beforeEach(async () => {
    accounts = await Accounts.open(database)
    knex = accounts.knex
    await accounts.warm()
  })
  afterEach(() => accounts.close())
  afterAll(() => database.drop())

  const undo = new Error('undo')
  const undone = (work: Promise<unknown>): Promise<void> => expect(work).rejects.toThrow(undo)

  test('G1: a released savepoint shows when the transaction has committed, not before', async () => {
    await knex.transaction(async (trx) => {
      await trx.transaction(async (inner) => {
        await deposit(inner)
      })
      await accounts.expectFresh()
      expect(await accounts.balance()).toBe(100)
    })
    expect(await accounts.balance()).toBe(101)
    await accounts.expectCachedAgain()
  })

  test('G4: a savepoint that is rolled back costs no entry; what the transaction did beside it does', async () => {
    await knex.transaction(async (trx) => {
      await undone(
        trx.transaction(async (inner) => {
          await deposit(inner)
          throw undo
        }),
      )
      await trx('notes').where('id', 1).update({ text: 'second' })
    })
    await accounts.expectKept('one', 'two', 'all', 'sum')
    expect((await accounts.read('notes')).rows).toEqual([{ id: 1, text: 'second' }])
    await accounts.expectCachedAgain()
  })

  test('G4: a released savepoint of a transaction that is rolled back costs no entry', async () => {
    await undone(
      knex.transaction(async (trx) => {
        await trx.transaction((inner) => deposit(inner))
        throw undo
      }),
    )
    await accounts.expectKept()
  })

  test('G4: three deep, released in the middle of what is rolled back', async () => {
    await knex.transaction(async (trx) => {
      await trx('notes').where('id', 1).update({ text: 'outer' })
      await undone(
        trx.transaction(async (middle) => {
          await deposit(middle)
          await middle.transaction((inner) => deposit(inner))
          throw undo
        }),
      )
    })
    await accounts.expectKept('one', 'two', 'all', 'sum')
    await accounts.expectCachedAgain()
  })

  test('G1: three deep, rolled back in the middle of what is released', async () => {
    await knex.transaction(async (trx) => {
      await trx.transaction(async (middle) => {
        await deposit(middle)
        await undone(
          middle.transaction(async (inner) => {
            await inner('notes').where('id', 1).update({ text: 'never' })
            throw undo
          }),
        )
      })
    })
    expect(await accounts.balance()).toBe(101)
    await accounts.expectKept('notes')
    await accounts.expectCachedAgain()
  })

  test('G1, G4: savepoints by words: back to one twice, then released', async () => {
    await knex.transaction(async (trx) => {
      await trx.raw('savepoint Mark')
      await trx('notes').where('id', 1).update({ text: 'never' })
      await trx.raw('rollback to savepoint mark')
      await trx('notes').where('id', 1).update({ text: 'nor this' })
      await trx.raw('rollback to mark')
      await deposit(trx)
      await trx.raw('release savepoint MARK')
    })
    expect(await accounts.balance()).toBe(101)
    await accounts.expectKept('notes')
    await accounts.expectCachedAgain()
  })

  test('G1: two savepoints of one name', async () => {
    await knex.transaction(async (trx) => {
      await trx.raw('savepoint s')
      await deposit(trx)
      await trx.raw('savepoint s')
      await trx('notes').where('id', 1).update({ text: 'never' })
      await trx.raw('rollback to savepoint s')
      await trx.raw('release savepoint s')
    })
    expect(await accounts.balance()).toBe(101)
    await accounts.expectCachedAgain()
  })

  test('G4: a provider begins with its first caller, and all callers share what it rolls back', async () => {
    const provide = knex.transactionProvider()
    await accounts.expectKept()
    const [first, second] = await Promise.all([provide(), provide()])
    expect(second).toBe(first)
    await deposit(first)
    expect((await accounts.read('one', second)).rows).toEqual([{ id: 1, balance: 101 }])
    await second.rollback()
    await first.executionPromise
    await accounts.expectKept()
  })

  test('G1: a provider’s transaction that one of its callers commits', async () => {
    const provide = knex.transactionProvider()
    await deposit(await provide(), 1)
    await deposit(await provide(), 10)
    await accounts.expectFresh()
    await (await provide()).commit()
    expect(await accounts.balance()).toBe(111)
    await accounts.expectCachedAgain()
  })

  test('G1: a COMMIT that somebody else awaits', async () => {
    const trx = await accounts.begin()
    await deposit(trx)
    void trx.commit()
    await trx.executionPromise
    expect((await accounts.read('one')).rows).toEqual([{ id: 1, balance: 101 }])
    await accounts.expectCachedAgain()
  })

  test('G1: a transaction that is handed across functions, with builders made before it began', async () => {
    const early = deposit(knex, 1)
    const trx = await accounts.begin()
    const collected: PromiseLike<unknown>[] = [
      deposit(trx, 10),
      deposit(knex, 100).transacting(trx),
    ]
    const pass = async (handed: Knex.Transaction): Promise<void> => {
      await early.transacting(handed)
      await Promise.all(collected)
    }
    await pass(trx)
    await accounts.expectFresh()
    await trx.commit()
    expect(await accounts.balance()).toBe(211)
    await accounts.expectCachedAgain()
  })

  test('G1: a write that was sent before COMMIT and is awaited after it', async () => {
    const trx = await accounts.begin()
    const started = deposit(trx).then()
    await turn()
    await trx.commit()
    await started
    expect((await accounts.read('one')).rows).toEqual(await accounts.truth('one'))
    await accounts.expectCachedAgain()
  })

  test('G4: queries on a transaction that is over reject, write nothing and cost no entry', async () => {
    const trx = await accounts.begin()
    const late = deposit(trx)
    await trx('accounts').select('id')
    await trx.commit()
    await expect(late).rejects.toThrow(/already complete/)
    await expect(deposit(trx)).rejects.toThrow(/already complete/)
    await expect(trx.raw('delete from notes')).rejects.toThrow(/already complete/)
    await expect(accounts.read('one', trx)).rejects.toThrow(/already complete/)
    await expect(trx('notes').where('id', 9).cache(60)).rejects.toThrow(/already complete/)
    await expect(trx.transaction((inner) => deposit(inner))).rejects.toThrow(/already complete/)
    expect(await accounts.balance()).toBe(100)
    await accounts.expectKept()
  })

  test('G1: a transaction on a connection of the caller’s own', async () => {
    const connection: unknown = await knex.client.acquireConnection()
    await knex.transaction((trx) => deposit(trx), { connection })
    await accounts.expectFresh()
    await undone(
      knex.transaction(
        async (trx) => {
          await deposit(trx)
          throw undo
        },
        { connection },
      ),
    )
    await knex.client.releaseConnection(connection)
    expect(await accounts.balance()).toBe(101)
    await accounts.expectCachedAgain()
  })

  test
    .skipIf(name === 'sqlite')
    .each([{ readOnly: true }, { isolationLevel: 'serializable' }] as const)(
    'G4: the settings of a transaction end with it: %j',
    async (settings) => {
      await knex.transaction(async (trx) => {
        await trx('accounts').select('id')
      }, settings)
      await accounts.expectKept()
      await deposit(knex)
      await accounts.expectCachedAgain()
    },
  )

  test('G2: readers beside a transaction see it at COMMIT, all at once, and never less again', async () => {
    let committing = false
    let committed = false
    let seen = 0
    const watch = async (): Promise<number> => {
      let least = 100
      for (let rounds = 0; rounds < 3 || least < 103; rounds += 1) {
        const [before, after] = [committed, committing]
        const rows = (await accounts.knex('accounts').cache(Infinity).where('id', 1).select()) as {
          balance: number
        }[]
        const balance = rows[0]?.balance ?? NaN
        expect([100, 103]).toContain(balance)
        if (before) expect(balance).toBe(103)
        if (!committing && !after) expect(balance).toBe(100)
        expect(balance).toBeGreaterThanOrEqual(least)
        least = balance
        seen += 1
        await turn()
      }
      return least
    }
    const watchers = [watch(), watch()]
    const trx = await accounts.begin()
    for (let i = 0; i < 3; i += 1) {
      await deposit(trx)
      await sleep(5)
    }
    committing = true
    await trx.commit()
    committed = true
    expect(await Promise.all(watchers)).toEqual([103, 103])
    expect(seen).toBeGreaterThan(10)
    await accounts.expectCachedAgain()
  })
})
