import { expect, test } from 'vitest'
import { identityOf } from '../../src/assembly/shared-state.ts'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { OpenedConnection } from '../../src/knex/open-connection.ts'

/** Only what the identity is made from. */
function opened(dialect: Dialect, identity: string, database: string): OpenedConnection {
  const client = { connectionSettings: { database } }
  return { name: 'default', dialect, identity, client } as unknown as OpenedConnection
}

const none = new Map<string, readonly string[]>()

test('two databases of one MySQL server are two, though statements may reach from one into the other', () => {
  const of = (database: string): string =>
    identityOf([opened('mysql', 'mysql:uid', database)], none)
  expect(of('shop')).toBe(of('shop'))
  expect(of('shop')).not.toBe(of('blog'))
})

test('a PostgreSQL database is the same by any name: a pooler may have one of its own', () => {
  const of = (database: string): string =>
    identityOf([opened('postgres', 'postgres:7/16384', database)], none)
  expect(of('shop')).toBe(of('shop_by_pooler'))
})

test('other partition columns make it another one', () => {
  const of = (partition: ReadonlyMap<string, readonly string[]>): string =>
    identityOf([opened('sqlite', 'sqlite:1:2', '')], partition)
  expect(of(none)).not.toBe(of(new Map([['orders', ['tenant']]])))
})
