import { renameSync } from 'node:fs'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { millrace } from '../../src/millrace.ts'
import { configOf, connectionTo } from '../support/database-config.ts'
import { createDatabase } from '../support/databases.ts'
import { canStartPrivateServer, startPrivateServer } from '../support/private-server.ts'
import type { PrivateServer } from '../support/private-server.ts'
import { servicesRequired } from '../support/services.ts'
import { until } from '../support/wait.ts'

interface Opened {
  readonly knex: Knex
  readonly cache: { stats(): Promise<{ hits: number; misses: number }> }
  close(): Promise<void>
}

async function open(connection: Knex.Config, events: string[]): Promise<Opened> {
  return await millrace({
    connection: { ...connection, log: { warn: () => undefined } },
    buffer: false,
    onEvent: ({ type }) => void events.push(type),
  })
}

const read = async (knex: Knex, table = 'prices'): Promise<unknown> =>
  (await (knex(table) as unknown as Cacheable).cache('1h').first('price'))?.price

interface Cacheable {
  cache(ttl: string): { first(column: string): Promise<{ price: unknown } | undefined> }
}

for (const name of ['postgres', 'mysql'] as const) {
  const cannotRun = !servicesRequired() && !canStartPrivateServer(name)
  describe.skipIf(cannotRun)(`the life of a server [${name}]`, () => {
    let server: PrivateServer
    let config: Knex.Config

    beforeAll(async () => {
      server = await startPrivateServer(name)
      const database = name === 'postgres' ? 'postgres' : 'mysql'
      config = configOf({ dialect: name, connection: connectionTo(server.url, database) })
      await outside(async (knex) => {
        for (const table of ['prices', 'others']) {
          await knex.schema.createTable(table, (columns) => {
            columns.integer('price')
          })
          await knex(table).insert({ price: 1 })
        }
        await knex.raw('create view seen as select price from prices')
      })
    }, 60_000)

    afterAll(async () => {
      await server.stop()
    })

    /** Past Millrace: what a failover or a restored copy changes, nobody announces. */
    async function outside<T>(use: (knex: Knex) => Promise<T>): Promise<T> {
      const knex = createKnex(config)
      try {
        return await use(knex)
      } finally {
        await knex.destroy()
      }
    }

    /** Reads past the cache until a connection can be had again. */
    const reconnect = (DB: Opened): Promise<unknown> =>
      until(() => DB.knex('prices').first('price'), { what: 'a new connection' })

    test('new connections to the same life leave the cache alone', async () => {
      const events: string[] = []
      const DB = await open(config, events)
      await read(DB.knex)
      const parallel = Array.from({ length: 4 }, () =>
        DB.knex.transaction((trx) => trx.raw('select 1')),
      )
      await Promise.all(parallel)
      await read(DB.knex)
      expect((await DB.cache.stats()).hits).toBe(1)
      expect(events).toEqual([])
      await DB.close()
    })

    test('G2: after a restart nothing from before is served', async () => {
      const events: string[] = []
      const DB = await open(config, events)
      expect(await read(DB.knex)).toBe(1)
      expect(await read(DB.knex, 'seen')).toBe(1)
      await until(() => outside(isOlderThanItsClock), { what: 'another second to begin' })
      await server.restart()
      await outside(async (knex) => {
        await knex('prices').update({ price: 2 })
        await knex.raw('drop view seen')
        await knex.raw('create view seen as select price from others')
      })
      expect(await read(DB.knex)).toBe(1)
      await reconnect(DB)
      expect(await read(DB.knex)).toBe(2)
      expect(events).toContain('database-changed')
      // The catalog was read again: the view reads another table now.
      expect(await read(DB.knex, 'seen')).toBe(1)
      await DB.knex('others').update({ price: 7 })
      expect(await read(DB.knex, 'seen')).toBe(7)
      // And that is all: the new life is known.
      const { hits } = await DB.cache.stats()
      expect(await read(DB.knex)).toBe(2)
      expect((await DB.cache.stats()).hits).toBe(hits + 1)
      await DB.close()
    }, 60_000)

    test.skipIf(name !== 'postgres')(
      'G2: a crashed backend takes the server through recovery, which counts as another life',
      async () => {
        const DB = await open(config, [])
        const before = await read(DB.knex)
        const { rows } = await DB.knex.raw<{ rows: { pid: number }[] }>(
          'select pg_backend_pid() as pid',
        )
        process.kill(rows[0]?.pid ?? 0, 'SIGKILL')
        await until(() => outside((knex) => knex('prices').update({ price: 99 })))
        expect(await read(DB.knex)).toBe(before)
        await reconnect(DB)
        expect(await read(DB.knex)).toBe(99)
        await DB.close()
      },
      60_000,
    )
  })
}

describe('the life of a file [sqlite]', () => {
  test('G2: after the file was replaced a new connection serves nothing from before', async () => {
    const database = await createDatabase('sqlite')
    const other = await createDatabase('sqlite')
    const fileOf = ({ config }: typeof database): string =>
      (config.connection as { filename: string }).filename
    for (const [{ config }, price] of [
      [database, 1],
      [other, 2],
    ] as const) {
      const knex = createKnex(config)
      await knex.schema.createTable('prices', (table) => {
        table.integer('price')
      })
      await knex('prices').insert({ price })
      await knex.raw('pragma journal_mode = delete')
      await knex.destroy()
    }
    const events: string[] = []
    const DB = await open({ ...database.config, pool: { min: 1, max: 1 } }, events)
    expect(await read(DB.knex)).toBe(1)
    renameSync(fileOf(other), fileOf(database))
    expect(await read(DB.knex)).toBe(1)
    await dropConnection(DB.knex)
    await DB.knex.raw('select 1')
    expect(await read(DB.knex)).toBe(2)
    expect(events).toEqual(['database-changed'])

    // The same file again: nothing happens.
    await dropConnection(DB.knex)
    await DB.knex.raw('select 1')
    const { hits } = await DB.cache.stats()
    expect(await read(DB.knex)).toBe(2)
    expect((await DB.cache.stats()).hits).toBe(hits + 1)
    await DB.close()
    await database.drop()
    await other.drop()
  })

  test('each connection to a database in memory is a life of its own', async () => {
    const events: string[] = []
    const memory = { client: 'better-sqlite3', connection: { filename: ':memory:' } }
    const DB = await open({ ...memory, useNullAsDefault: true, pool: { min: 1, max: 1 } }, events)
    await DB.knex.schema.createTable('prices', (table) => {
      table.integer('price')
    })
    await DB.knex('prices').insert({ price: 1 })
    expect(await read(DB.knex)).toBe(1)
    await dropConnection(DB.knex)
    await DB.knex.schema.createTable('prices', (table) => {
      table.integer('price')
    })
    expect(await read(DB.knex)).toBeUndefined()
    expect(events).toEqual(['database-changed'])
    await DB.close()
  })
})

/** MySQL and MariaDB tell their start to the second. */
async function isOlderThanItsClock(knex: Knex): Promise<boolean> {
  if (knex.client.config.client !== 'mysql2') return true
  const [rows = []] = await knex.raw<[{ Value: string }[]]>(`show global status like 'Uptime'`)
  return Number(rows[0]?.Value) > 1
}

/** Makes the pool open another connection for the next query. */
async function dropConnection(knex: Knex): Promise<void> {
  const client = knex.client as {
    acquireConnection(): Promise<{ __knex__disposed?: unknown }>
    releaseConnection(connection: unknown): Promise<void>
  }
  const connection = await client.acquireConnection()
  connection.__knex__disposed = 'by the test'
  await client.releaseConnection(connection)
}
