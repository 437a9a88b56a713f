import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import type { CatalogQuery } from '../../src/sql/catalog-query.ts'
import { readIdentity } from '../../src/sql/identity.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'
import { createMatrixSchema, matrixTables } from '../support/matrix/schema.ts'

describeDatabases('the catalog', (name) => {
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser
  let query: CatalogQuery

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    query = catalogQuery(knex)
    await createMatrixSchema(knex, database.dialect)
    await knex.schema.createTable('Shapes', (t) => {
      t.string('code', 20).notNullable()
      t.uuid('ref')
      t.bigInteger('region')
      t.decimal('price')
      t.timestamp('at')
      t.text('note')
      t.primary(['region', 'code'])
      t.unique(['ref', 'code'])
    })
    await knex.raw('create table computed (a int, b int generated always as (a + 1) stored)')
    analyser = new StatementAnalyser(database.dialect)
    await analyser.load(query)
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  test('has every table, by any spelling', () => {
    const { catalog } = analyser
    expect(catalog.tableNames).toEqual(
      expect.arrayContaining([...matrixTables(database.dialect), 'Shapes']),
    )
    expect(catalog.table('posts')?.name).toBe('posts')
    expect(catalog.table('POSTS')?.name).toBe('posts')
    expect(catalog.table('shapes')?.name).toBe('Shapes')
    expect(catalog.table('v_active_posts')).toBeUndefined()
    expect(catalog.table('nothing')).toBeUndefined()
    expect(catalog.incomplete).toBe(false)
  })

  test('knows columns and keys', () => {
    const shapes = analyser.catalog.table('Shapes')
    expect(shapes?.primaryKey).toEqual(['region', 'code'])
    expect(shapes?.uniqueKeys).toEqual([['ref', 'code']])
    expect(shapes?.transactional).toBe(true)
    const families = [...(shapes?.columns.values() ?? [])].map((column) => [
      column.name,
      column.family,
    ])
    expect(families).toEqual([
      ['code', 'text'],
      ['ref', name === 'sqlite' ? 'text' : name === 'mysql' ? 'text' : 'text'],
      ['region', 'integer'],
      ['price', 'other'],
      ['at', 'other'],
      ['note', 'text'],
    ])
    const posts = analyser.catalog.table('posts')
    expect(posts?.primaryKey).toEqual(['id'])
    expect(posts?.references).toEqual(['users'])
    expect(posts?.columns.get('id')).toMatchObject({
      family: 'integer',
      hasDefault: true,
      generated: false,
      nullable: false,
    })
    expect(posts?.columns.get('status')).toMatchObject({
      family: 'text',
      hasDefault: true,
      nullable: true,
    })
    expect(analyser.catalog.table('computed')?.columns.get('b')).toMatchObject({
      generated: true,
      hasDefault: false,
    })
    expect(analyser.catalog.table('users')?.uniqueKeys).toEqual([['email']])
    expect(analyser.catalog.table('memberships')?.primaryKey).toEqual([])
    expect(analyser.catalog.table('comments')?.hasTriggers).toBe(true)
    expect(analyser.catalog.table('users')?.hasTriggers).toBe(false)
  })

  test('an update reaches children only by the columns that they point to', () => {
    const writes = (sql: string): unknown => analyser.footprint(sql)[0]?.writes
    expect(writes('update users set age = 3')).toEqual(new Set(['users']))
    expect(writes('update users set id = 3, age = 3')).toEqual(new Set(['users', 'profiles']))
  })

  test('until it is loaded, and when it is forgotten, every table counts for everything', async () => {
    const fresh = new StatementAnalyser(database.dialect)
    const everything = { reads: 'everything' }
    expect(fresh.footprint('select * from posts')[0]).toMatchObject(everything)
    await fresh.load(query)
    expect(fresh.footprint('select * from posts')[0]?.reads).toEqual(new Set(['posts']))
    fresh.forget()
    expect(fresh.footprint('select * from posts')[0]).toMatchObject(everything)
    expect(fresh.footprint('update posts set id = 1')[0]).toMatchObject({ writes: 'everything' })
  })

  test('a load that fails leaves the old catalog, and an overtaken one does not win', async () => {
    const fresh = new StatementAnalyser(database.dialect)
    await fresh.load(query)
    const before = fresh.catalog
    await expect(fresh.load(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
    expect(fresh.catalog).toBe(before)
    let release: (() => void) | undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const slow = fresh.load(async (sql) => {
      await gate
      return query(sql)
    })
    await fresh.load(query)
    const newer = fresh.catalog
    release?.()
    await slow
    expect(fresh.catalog).toBe(newer)
  })

  test('identity is the same by any connection, and another for another database', async () => {
    const other = await createDatabase(name)
    const second = knexFactory(database.config)
    const third = knexFactory(other.config)
    try {
      const here = await readIdentity(database.dialect, query)
      expect(await readIdentity(database.dialect, catalogQuery(second))).toBe(here)
      const there = await readIdentity(database.dialect, catalogQuery(third))
      // On MySQL it is the server, because names may cross databases.
      expect(there === here).toBe(name === 'mysql')
    } finally {
      await second.destroy()
      await third.destroy()
      await other.drop()
    }
  })
})

describe('sqlite in memory', () => {
  test('every database has an identity of its own', async () => {
    const open = (): Knex =>
      knexFactory({
        client: 'better-sqlite3',
        connection: { filename: ':memory:' },
        useNullAsDefault: true,
      })
    const [a, b] = [open(), open()]
    expect(await readIdentity('sqlite', catalogQuery(a))).not.toBe(
      await readIdentity('sqlite', catalogQuery(b)),
    )
    await a.destroy()
    await b.destroy()
  })

  test('full-text tables are read and written with their content; user functions are volatile unless declared otherwise', async () => {
    const knex = knexFactory({
      client: 'better-sqlite3',
      connection: { filename: ':memory:' },
      useNullAsDefault: true,
      pool: {
        min: 1,
        max: 1,
        afterCreate: (
          connection: { function(name: string, options: object, run: () => number): void },
          done: () => void,
        ) => {
          connection.function('ticking', {}, () => Date.now())
          connection.function('fixed', { deterministic: true }, () => 1)
          done()
        },
      },
    })
    await knex.raw('create table notes (id integer primary key, body text)')
    await knex.raw(
      `create virtual table notes_index using fts5(body, content='notes', content_rowid='id')`,
    )
    const analyser = new StatementAnalyser('sqlite')
    await analyser.load(catalogQuery(knex))
    expect(analyser.footprint(`select * from notes_index('x')`)[0]?.reads).toContain('notes')
    expect(analyser.footprint('select ticking()')[0]?.volatile).toBe(true)
    expect(analyser.footprint('select fixed()')[0]?.volatile).toBe(false)
    await knex.destroy()
  })
})
