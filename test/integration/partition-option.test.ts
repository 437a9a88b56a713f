import knexFactory from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { Team } from './fixtures/team.ts'

async function withTable(database: TestDatabase, name: string): Promise<void> {
  const knex = knexFactory(database.config)
  await knex.schema.createTable(name, (table) => {
    table.integer('id').primary()
    table.integer('tenant_id')
    table.decimal('amount')
    table.dateTime('at')
  })
  await knex.destroy()
}

describeDatabases('cache.partition', (name) => {
  let database: TestDatabase
  let other: TestDatabase

  beforeEach(async () => {
    database = await createDatabase(name)
    other = await createDatabase('sqlite')
    await withTable(database, 'orders')
    await withTable(other, 'visits')
  })
  afterEach(async () => {
    await database.drop()
    await other.drop()
  })

  const open = async (partition: Readonly<Record<string, readonly string[]>>): Promise<void> => {
    const DB = await millrace({
      connections: { default: database.config, logs: other.config },
      cache: { partition },
      buffer: false,
    })
    await DB.close()
  }

  test('takes columns of tables that at least one connection has', async () => {
    await open({ Orders: ['Tenant_ID'], visits: ['tenant_id', 'id'] })
  })

  test.each([
    [{ order: ['tenant_id'] }, 'the table "order", which no connection has', 'Correct the name'],
    [
      { orders: ['tenant'] },
      '"tenant" on connection "default", which the table does not have',
      'tenant_id, amount',
    ],
    [{ visits: ['tenant'] }, '"tenant" on connection "logs"', 'tenant_id, amount'],
    [
      { orders: ['tenant_id', 'at'] },
      '"at" on connection "default", whose values cannot be told apart exactly',
      'integers',
    ],
    [
      { orders: ['amount'] },
      '"amount" on connection "default", whose values cannot be told apart exactly',
      'integers',
    ],
  ])('refuses %j', async (partition, text, remedy) => {
    await expect(open(partition as unknown as Record<string, string[]>)).rejects.toMatchObject({
      code: 'MILLRACE_PARTITION_INVALID',
      message: expect.stringContaining(text) as string,
      remedy: expect.stringContaining(remedy) as string,
    })
  })
})

test('a cluster worker must name the same columns as its primary', async () => {
  const database = await createDatabase('sqlite')
  await withTable(database, 'orders')
  const DB = await millrace({
    connection: database.config,
    buffer: false,
    cache: { partition: { Orders: ['tenant_id'] } },
  })
  const team = await Team.fork({ size: 1 })
  const { address } = database
  try {
    await expect(team.call(0, 'open', { address, seed: 1 })).rejects.toMatchObject({
      code: 'MILLRACE_PRIMARY_MISMATCH',
      message: expect.stringContaining('the same cache.partition') as string,
    })
    await team.call(0, 'open', { address, seed: 1, partition: { orders: ['TENANT_ID'] } })
    await team.call(0, 'close')
  } finally {
    await team.end()
    await DB.close()
    await database.drop()
  }
})
