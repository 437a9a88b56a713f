import { createRequire } from 'node:module'
import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { install, type Millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

type Statement = string | { sql: string; bindings?: unknown[] }
type QueryMethod = (this: object, connection: object, statement: Statement) => Promise<unknown>
interface Client {
  _query(connection: object, statement: Statement): Promise<unknown>
  query(connection: object, statement: Statement): Promise<unknown>
}
type ClientClass = new (...args: unknown[]) => Client

const require = createRequire(import.meta.url)
const dialects = { sqlite: 'better-sqlite3', postgres: 'postgres', mysql: 'mysql2' } as const
const settings = {
  sqlite: 'pragma busy_timeout',
  postgres: "select set_config('app.tenant', '1', false)",
  mysql: 'set @tenant = 1',
} as const

/** Applications that put statements of their own before and after Knex's: they must not wait for themselves. */
describeDatabases('clients that send statements within statements', (name) => {
  let database: TestDatabase
  let knex: Knex
  let oracle: Knex
  let DB: Millrace
  const Base = require(`knex/lib/dialects/${dialects[name]}/index.js`) as ClientClass

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('counts', (table) => {
      table.integer('id').primary()
      table.integer('v').notNullable()
    })
    await oracle('counts').insert([
      { id: 1, v: 0 },
      { id: 2, v: 0 },
    ])
  })

  afterEach(async () => {
    await DB.close()
    await knex.destroy()
    await oracle.destroy()
    await database.drop()
  })

  const truth = async (id: number): Promise<unknown> =>
    await oracle('counts').where({ id }).first('v')
  const cached = async (id: number): Promise<unknown> =>
    await knex('counts').cache('1h').where({ id }).first('v')

  const writeAndRead = async (): Promise<void> => {
    for (const id of [1, 2]) await cached(id)
    await knex('counts').where({ id: 1 }).update({ v: 1 })
    await knex.transaction(async (trx) => {
      await trx('counts').where({ id: 2 }).update({ v: 2 })
      await Promise.all([trx('counts'), trx('counts').where({ id: 1 }).update({ v: 11 })])
    })
    for (const id of [1, 2, 1, 2]) expect(await cached(id)).toEqual(await truth(id))
    expect([await truth(1), await truth(2)]).toEqual([{ v: 11 }, { v: 2 }])
  }

  test.each(['_query', 'query'] as const)(
    'G1: a class whose statements bring a setting along, by %s',
    async (method) => {
      const within = new WeakSet()
      class Tenant extends Base {
        override async _query(connection: object, statement: Statement): Promise<unknown> {
          if (!within.has(connection)) {
            within.add(connection)
            try {
              await this[method](connection, { sql: settings[name], bindings: [] })
            } finally {
              within.delete(connection)
            }
          }
          return await super._query(connection, statement)
        }
      }
      knex = knexFactory({ ...database.config, client: Tenant as unknown as typeof Knex.Client })
      DB = await install(knex, { buffer: false })
      await writeAndRead()
    },
  )

  test('G1: an instance whose method calls what its prototype has at the time', async () => {
    knex = knexFactory(database.config)
    const client = knex.client as { _query: QueryMethod }
    client._query = async function query(connection, statement) {
      const { _query } = Object.getPrototypeOf(client) as { _query: QueryMethod }
      return await _query.call(this, connection, statement)
    }
    DB = await install(knex, { buffer: false })
    await writeAndRead()
  })
})
