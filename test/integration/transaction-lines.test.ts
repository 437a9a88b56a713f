import { setImmediate as turn } from 'node:timers/promises'
import knexFactory, { type Knex } from 'knex'
import { describe, expect, test } from 'vitest'
import { hasDatabase, type TestDatabase } from '../support/databases.ts'
import { SeverableLine, type Held } from '../support/severable-line.ts'
import { until } from '../support/wait.ts'
import { Accounts, accountsDatabase } from './fixtures/accounts.ts'

type ServerName = 'postgres' | 'mysql'

const usualPorts = { postgres: 5432, mysql: 3306 } as const

const deposit = (k: Knex): Knex.QueryBuilder => k('accounts').where('id', 1).increment('balance', 1)

/** What commits a transaction that was begun by hand. */
const endings = {
  postgres: ['END', 'COMMIT AND CHAIN'],
  mysql: ['begin', 'create table made (id integer)', 'commit and chain'],
} as const

/** Accounts that are read through a Millrace whose line to the server can be cut. */
class Scene {
  readonly accounts: Accounts
  readonly line: SeverableLine

  private constructor(accounts: Accounts, line: SeverableLine) {
    this.accounts = accounts
    this.line = line
  }

  /** Opens a scene on a database of its own, fills every entry, and closes it however the play ends. `before` is SQL. */
  static async play(
    name: ServerName,
    work: (scene: Scene) => Promise<void>,
    before?: string,
  ): Promise<void> {
    const database = await accountsDatabase(name)
    const { host, port } = database.address.connection
    const line = await SeverableLine.to(String(host), Number(port ?? usualPorts[name]))
    let accounts: Accounts | undefined
    try {
      if (before !== undefined) await run(database, before)
      accounts = await Accounts.open(database, {
        settleDelay: '2s',
        connection: { ...database.address.connection, host: '127.0.0.1', port: line.port },
      })
      await accounts.warm()
      await work(new Scene(accounts, line))
    } finally {
      await accounts?.close()
      await line.close()
      await database.drop()
    }
  }

  /** A deposit in a transaction. */
  async transaction(): Promise<void> {
    await this.accounts.knex.transaction(async (trx) => {
      await deposit(trx)
    })
  }

  /** Cuts the line when `work` sends a text, and expects that `work` is refused. */
  async cutOff(work: () => Promise<unknown>, text: string): Promise<Held> {
    const cutting = this.line.cutAt(text)
    const refused = expect(work()).rejects.toThrow()
    const held = await cutting
    await refused
    return held
  }

  async expectPending(balance: number): Promise<void> {
    const { accounts } = this
    for (let i = 0; i < 2; i += 1) {
      expect(await accounts.read('one')).toEqual({ rows: [{ id: 1, balance }], how: 'pending' })
      expect((await accounts.read('all')).how).toBe('pending')
    }
    await accounts.expectKept('notes')
  }
}

/** Transactions whose connection is lost: before COMMIT, on its way, or before its answer. They wait most of the time, for what settles. */
for (const name of ['postgres', 'mysql'] as const) {
  describe.skipIf(!hasDatabase(name)).concurrent(`lines that break [${name}]`, () => {
    test('G3: a COMMIT that lands when its connection has long been lost', () =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const held = await scene.cutOff(() => scene.transaction(), 'COMMIT')
        expect(accounts.events).toContain('outcome-unknown')
        await scene.expectPending(100)
        await held.deliver()
        await scene.expectPending(101)
        await accounts.untilCachedAgain()
        expect(await accounts.balance()).toBe(101)
      }))

    test('G3: a COMMIT whose answer is lost', () =>
      Scene.play(name, async (scene) => {
        const { accounts, line } = scene
        const trx = await accounts.begin()
        await deposit(trx)
        const cutting = line.cutAt('COMMIT')
        // Knex resolves this in any case, and tells by the other promise.
        const told = trx.commit()
        const refused = expect(trx.executionPromise).rejects.toThrow()
        await (await cutting).deliver()
        await Promise.all([told, refused])
        await scene.expectPending(101)
        await accounts.untilCachedAgain()
      }))

    test('G3: a COMMIT that is lost with its connection: nothing changed', () =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const held = await scene.cutOff(() => scene.transaction(), 'COMMIT')
        held.lose()
        await scene.expectPending(100)
        await accounts.untilCachedAgain()
        expect(await accounts.balance()).toBe(100)
      }))

    test('G3: a COMMIT that lands late, and was sent before the last write was answered', () =>
      Scene.play(name, async (scene) => {
        const { accounts, line } = scene
        const trx = await accounts.begin()
        const cutting = line.cutAt('COMMIT')
        const write = deposit(trx).then()
        await turn()
        const refused = expect(trx.executionPromise).rejects.toThrow()
        void trx.commit()
        const held = await cutting
        await Promise.all([write, refused])
        await scene.expectPending(100)
        await held.deliver()
        await scene.expectPending(101)
        await accounts.untilCachedAgain()
      }))

    test.each(endings[name])('G3: a transaction that ends by %s, without an answer', (sql) =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const connection: unknown = await accounts.knex.client.acquireConnection()
        await accounts.knex.raw('begin').connection(connection)
        await deposit(accounts.knex).connection(connection)
        const held = await scene.cutOff(async () => {
          await accounts.knex.raw(sql).connection(connection)
        }, sql)
        await accounts.knex.client.releaseConnection(connection)
        await accounts.expectFresh()
        await held.deliver()
        expect(await accounts.balance()).toBe(101)
        await accounts.expectFresh()
        await accounts.untilCachedAgain()
      }),
    )

    test('G3: an autocommit write that lands when its connection has long been lost', () =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const held = await scene.cutOff(async () => await deposit(accounts.knex), 'accounts')
        await scene.expectPending(100)
        await held.deliver()
        await scene.expectPending(101)
        await accounts.untilCachedAgain()
      }))

    test('G1: a write beside one whose outcome is unknown', () =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const held = await scene.cutOff(() => scene.transaction(), 'COMMIT')
        held.lose()
        await until(async () => {
          await accounts.knex('accounts').where('id', 1).update({ balance: 50 })
          return true
        })
        await scene.expectPending(50)
        await accounts.untilCachedAgain()
        expect(await accounts.balance()).toBe(50)
      }))

    test.runIf(name === 'postgres')('G3: a COMMIT whose backend is ended from outside', () =>
      Scene.play(
        name,
        async (scene) => {
          const { accounts } = scene
          const lock = await accounts.outside.transaction()
          try {
            await lock.raw('select pg_advisory_xact_lock(42)')
            const refused = expect(scene.transaction()).rejects.toThrow()
            const id = await until(() => waitingForLock(accounts.outside), {
              what: 'COMMIT to wait',
            })
            await kill(accounts.outside, id, name)
            await refused
          } finally {
            await lock.rollback()
          }
          // The pool may hand out the dead connection once more.
          await until(() => accounts.knex.raw('select 1'), { what: 'a new connection' })
          await scene.expectPending(100)
          await accounts.outside.raw('drop trigger slow_commit on accounts')
          await accounts.untilCachedAgain()
          expect(await accounts.balance()).toBe(100)
        },
        slowCommit,
      ),
    )

    test('G3, G4: a connection that is lost in the middle of a transaction', () =>
      Scene.play(name, async (scene) => {
        const { accounts, line } = scene
        const trx = await accounts.begin()
        await deposit(trx)
        line.cut()
        await expect(deposit(trx).then()).rejects.toThrow()
        await trx.commit()
        await expect(trx.executionPromise).rejects.toThrow()
        await accounts.expectFresh()
        await accounts.untilCachedAgain()
        expect(await accounts.balance()).toBe(100)
      }))

    test('G3, G4: a statement of a transaction that is lost on its way', () =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const held = await scene.cutOff(async () => {
          await accounts.knex.transaction(async (trx) => {
            await trx('notes').where('id', 1).update({ text: 'never' })
            await deposit(trx)
          })
        }, 'accounts')
        await held.deliver()
        await accounts.expectFresh()
        await accounts.untilCachedAgain()
        expect(await accounts.balance()).toBe(100)
      }))

    test('G3, G4: a backend that is ended from outside, in the middle of a transaction', () =>
      Scene.play(name, async (scene) => {
        const { accounts } = scene
        const trx = await accounts.begin()
        await deposit(trx)
        await kill(accounts.outside, await backendOf(trx, name), name)
        await expect(deposit(trx).then()).rejects.toThrow()
        await trx.rollback().catch(() => undefined)
        await accounts.expectFresh()
        await accounts.untilCachedAgain()
        expect(await accounts.balance()).toBe(100)
      }))
  })
}

/** COMMIT waits for a lock that the test holds. */
const slowCommit = `
  create function wait_for_test() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(42); return null; end $$;
  create constraint trigger slow_commit after update on accounts
    deferrable initially deferred for each row execute function wait_for_test()`

async function waitingForLock(outside: Knex): Promise<number | undefined> {
  const { rows } = await outside.raw<{ rows: { pid: number }[] }>(
    `select pid from pg_stat_activity
     where wait_event = 'advisory' and datname = current_database() and query ilike 'commit%'`,
  )
  return rows[0]?.pid
}

/** The number by which the server knows a transaction's connection. */
async function backendOf(trx: Knex, name: ServerName): Promise<number> {
  const query = trx.select({
    id: trx.raw(name === 'postgres' ? 'pg_backend_pid()' : 'connection_id()'),
  })
  return (await query.first<{ id: number }>()).id
}

async function run(database: TestDatabase, sql: string): Promise<void> {
  const knex = knexFactory(database.config)
  await knex.raw(sql)
  await knex.destroy()
}

async function kill(outside: Knex, id: number, name: ServerName): Promise<void> {
  await outside.raw(name === 'postgres' ? `select pg_terminate_backend(${id})` : `kill ${id}`)
}
