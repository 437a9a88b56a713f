import { randomBytes } from 'node:crypto'
import knexFactory, { type Knex } from 'knex'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, hasDatabase, type TestDatabase } from '../support/databases.ts'

/** A role of this run alone: it may write everything and read what it is granted. */
const role = `millrace_writer_${randomBytes(6).toString('hex')}`

describe.skipIf(!hasDatabase('postgres'))('writes that are asked for their rows [postgres]', () => {
  let database: TestDatabase
  let admin: Knex
  let DB: Millrace

  beforeAll(async () => {
    database = await createDatabase('postgres')
    admin = knexFactory(database.config)
    await admin.raw(`create role ${role} login`)
    await admin.raw(
      'create table pieces (id int primary key, name text unique, owner int unique, v int)',
    )
    await admin.raw(`grant select, insert, update, delete on pieces to ${role}`)
    await admin('pieces').insert([1, 2, 3, 4].map((id) => ({ id, name: `n${id}`, owner: id })))
    const connection = { ...(database.config.connection as object), user: role }
    DB = await millrace({ connection: { ...database.config, connection }, buffer: false })
  })

  afterAll(async () => {
    await DB.close()
    await admin.raw(`drop owned by ${role}`)
    await admin.raw(`drop role ${role}`)
    await admin.destroy()
    await database.drop()
  })

  test('a session that may not read is not asked', async () => {
    const writer = `${role}_only`
    await admin.raw(`create role ${writer}`)
    await admin.raw(`grant update (v), select (id) on pieces to ${writer}`)
    await admin.raw(`grant ${writer} to ${role}`)
    try {
      await DB.transaction(async (trx) => {
        await trx.raw(`set local role ${writer}`)
        await trx.raw('update pieces set v = 1 where id = 1')
      })
      expect(await admin('pieces').where({ id: 1 }).pluck('v')).toEqual([1])
    } finally {
      await admin.raw(`drop owned by ${writer}`)
      await admin.raw(`drop role ${writer}`)
    }
  })

  test("G1: an application's parser for text does not reach the rows", async () => {
    const read = (): Promise<unknown[]> => DB.table('pieces').cache(Infinity).where({ name: 'n2' })
    const parse = pg.types.getTypeParser(pg.types.builtins.TEXT)
    pg.types.setTypeParser(pg.types.builtins.TEXT, (text) => (text === 'n2' ? 'another' : text))
    try {
      expect(await read()).toHaveLength(1)
      await DB.table('pieces').where({ id: 2 }).del()
      expect(await read()).toHaveLength(0)
    } finally {
      pg.types.setTypeParser(pg.types.builtins.TEXT, parse)
    }
  })

  test('Corner 17: when the right to read is revoked, the write is sent again without the clause', async () => {
    const update = (k: Knex, v: number): Promise<unknown> =>
      k.raw('update pieces set v = ? where owner = 3', [v])
    const values = (): Promise<unknown[]> => admin('pieces').where({ owner: 3 }).pluck('v')
    await admin.raw(`revoke select on pieces from ${role}`)
    await admin.raw(`grant select (owner) on pieces to ${role}`)
    await update(DB.knex, 1)
    expect(await values()).toEqual([1])
    // Inside of a transaction PostgreSQL takes no second try: the next one goes without.
    const inTransaction = (v: number): Promise<unknown> =>
      DB.transaction((trx) => trx.raw('update pieces set v = ? where owner in (3)', [v]))
    await inTransaction(2).catch(() => undefined)
    await inTransaction(3)
    expect(await values()).toEqual([3])
  })
})
