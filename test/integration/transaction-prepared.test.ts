import type { Knex } from 'knex'
import { afterEach, describe, expect, test } from 'vitest'
import { configOf, connectionTo } from '../support/database-config.ts'
import { hasDatabase } from '../support/databases.ts'
import { canStartPrivateServer, startPrivateServer } from '../support/private-server.ts'
import { servicesRequired } from '../support/services.ts'
import { Accounts, accountsDatabase, createAccounts } from './fixtures/accounts.ts'

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** The two phases, by words. */
interface Words {
  readonly begin: string
  readonly prepare: readonly string[]
  readonly end: (word: string) => string
}

const words = {
  postgres: {
    begin: 'begin',
    prepare: [`prepare transaction 'x'`],
    end: (word) => `${word} prepared 'x'`,
  },
  mysql: {
    begin: `xa start 'x'`,
    prepare: [`xa end 'x'`, `xa prepare 'x'`],
    end: (word) => `xa ${word} 'x'`,
  },
} satisfies Readonly<Record<string, Words>>

async function open(name: 'postgres' | 'mysql'): Promise<Accounts> {
  if (name === 'mysql') {
    const database = await accountsDatabase('mysql')
    undo.push(() => database.drop())
    return await Accounts.open(database)
  }
  const server = await startPrivateServer('postgres', {
    args: ['-c', 'max_prepared_transactions=4'],
  })
  undo.push(() => server.stop())
  const config = configOf({
    dialect: 'postgres',
    connection: connectionTo(server.url, 'postgres'),
  })
  await createAccounts(config)
  return await Accounts.open({ config })
}

for (const name of ['postgres', 'mysql'] as const) {
  const runs =
    name === 'mysql' ? hasDatabase('mysql') : servicesRequired() || canStartPrivateServer(name)
  describe.skipIf(!runs)(`transactions in two phases [${name}]`, () => {
    test.each(['commit', 'rollback'])('G1: %s by another connection', async (word) => {
      const accounts = await open(name)
      undo.push(() => accounts.close())
      const { knex } = accounts
      const { begin, prepare, end } = words[name]
      await accounts.warm()
      const first = await connect(knex)
      await knex.raw(begin).connection(first)
      await knex('accounts').where('id', 1).update({ balance: 7 }).connection(first)
      for (const sql of prepare) await knex.raw(sql).connection(first)
      await accounts.expectFresh()
      // MariaDB hands a prepared transaction over when its connection has gone.
      await hangUp(knex, first)
      await accounts.expectFresh()
      await knex.raw(end(word))
      expect(await accounts.balance()).toBe(word === 'commit' ? 7 : 100)
      await accounts.expectFresh()
      await accounts.untilCachedAgain()
    })
  })
}

/** What is used of a pooled connection to make the pool close it. */
interface Connection {
  __knex__disposed?: string
}

async function connect(knex: Knex): Promise<Connection> {
  return (await knex.client.acquireConnection()) as Connection
}

async function hangUp(knex: Knex, connection: Connection): Promise<void> {
  connection.__knex__disposed = 'by the test'
  await knex.client.releaseConnection(connection)
  // The next one who asks finds it, and has it closed.
  await knex.raw('select 1')
}
