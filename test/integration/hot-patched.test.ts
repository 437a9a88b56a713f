import knexFactory from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { install, type Millrace } from '../../src/index.ts'
import { createDatabase, type TestDatabase } from '../support/databases.ts'

type Query = Knex.QueryBuilder

/** What a plugin reaches of a builder. */
interface Builder {
  readonly _single: { readonly table?: unknown }
  where(column: string, value: number): Builder
  clone(): Builder
}
type Method = (this: Builder, ...args: unknown[]) => unknown

/** Whose rows the current request may see; a plugin takes it from an AsyncLocalStorage. */
let tenant = 1
const limited = new WeakSet<Builder>()

function limit(query: Builder): Builder {
  if (query._single.table !== 'posts' || limited.has(query)) return query
  limited.add(query)
  return query.where('tenant', tenant)
}

/** The prototype in a builder's chain that has a method. */
function holderOf(query: object, method: string): Record<string, Method> {
  let holder = query
  while (!Object.hasOwn(holder, method)) holder = Object.getPrototypeOf(holder) as object
  return holder as Record<string, Method>
}

/**
 * Plugins add conditions where Knex has no hook for it: soft deletes, tenants. Compiled each time, all of these work. A fingerprint has to see
 * what they do, or to leave such instances alone: else one tenant reads what another asked.
 */
describe('instances that a plugin has patched', () => {
  let database: TestDatabase
  let knex: Knex
  let DB: Millrace | undefined
  const undo: (() => void)[] = []

  beforeEach(async () => {
    database = await createDatabase('sqlite')
    knex = knexFactory(database.config)
    await knex.schema.createTable('posts', (table) => {
      table.integer('id').primary()
      table.integer('tenant')
    })
    tenant = 0
    for (const id of [1, 2, 3, 4]) await knex('posts').insert({ id, tenant: 1 + (id % 2) })
  })

  afterEach(async () => {
    for (const restore of undo.splice(0)) restore()
    await DB?.close()
    DB = undefined
    await knex.destroy()
    await database.drop()
  })

  const patch = (
    holder: Record<string, Method>,
    name: string,
    make: (below: Method) => Method,
  ): void => {
    const below = holder[name] as Method
    const isOwn = Object.hasOwn(holder, name)
    holder[name] = make(below)
    undo.push(() => {
      if (isOwn) holder[name] = below
      else Reflect.deleteProperty(holder, name)
    })
  }

  const expectOwnRows = async (): Promise<void> => {
    const read = (): Query =>
      (knex('posts') as Query & { cache(ttl: number): Query }).cache(60).orderBy('id').pluck('id')
    for (let i = 0; i < 3; i++) {
      tenant = 1
      expect(await read()).toEqual([2, 4])
      tenant = 2
      expect(await read()).toEqual([1, 3])
    }
  }

  test("on Knex's own event for it", async () => {
    DB = await install(knex, { buffer: false })
    const hear = (query: Builder): unknown => limit(query)
    knex.on('start', hear)
    await expectOwnRows()
  })

  // A fingerprint that was taken before the plugin's `then` ran would be that of another query.
  test('in then() of its builders', async () => {
    patch(
      holderOf(knex.queryBuilder(), 'then'),
      'then',
      (below) =>
        function (...args) {
          return below.apply(limit(this), args)
        },
    )
    DB = await install(knex, { buffer: false })
    await expectOwnRows()
  })

  test('in toSQL() of its builders', async () => {
    patch(
      holderOf(knex.queryBuilder(), 'toSQL'),
      'toSQL',
      (below) =>
        function (...args) {
          return below.apply(limit(this.clone()), args)
        },
    )
    DB = await install(knex, { buffer: false })
    await expectOwnRows()
  })

  test.each(['before', 'after'])('in runner() of its client, %s it was opened', async (when) => {
    const add = (): void => {
      patch(
        knex.client as Record<string, Method>,
        'runner',
        (below) =>
          function (builder) {
            return below.call(this, limit(builder as Builder))
          },
      )
    }
    if (when === 'before') add()
    DB = await install(knex, { buffer: false })
    if (when === 'after') add()
    await expectOwnRows()
  })
})
