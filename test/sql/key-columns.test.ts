import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'

describeDatabases('key columns', (name) => {
  let database: TestDatabase
  let knex: Knex

  beforeEach(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
  })

  afterEach(async () => {
    await knex.destroy()
    await database.drop()
  })

  const load = async (
    statements: readonly string[],
    partition: Readonly<Record<string, readonly string[]>> = {},
  ): Promise<StatementAnalyser> => {
    for (const sql of statements) await knex.raw(sql)
    const analyser = new StatementAnalyser(database.dialect, {
      partition: new Map(Object.entries(partition)),
    })
    await analyser.load(catalogQuery(knex))
    return analyser
  }
  const keys = (analyser: StatementAnalyser, table: string): string =>
    [...analyser.catalog.keyColumns(table).values()]
      .map((key) => `${key.name}:${key.kind}`)
      .sort()
      .join(' ')

  test('columns of primary, unique and foreign keys, and declared ones', async () => {
    await knex.schema.createTable('Parents', (t) => {
      t.increments('Id')
      t.string('code', 20).unique()
      t.integer('plain')
    })
    await knex.schema.createTable('children', (t) => {
      t.integer('a').notNullable()
      t.uuid('b').notNullable()
      t.integer('parent').unsigned().references('Parents.Id').onDelete('cascade')
      t.integer('tenant')
      t.decimal('price')
      t.string('note')
      t.primary(['a', 'b'])
    })
    const analyser = await load([], { children: ['tenant', 'price', 'nothing'], gone: ['x'] })
    const uuid = name === 'postgres' ? 'uuid' : 'text'
    expect(keys(analyser, 'parents')).toBe('code:text id:integer')
    expect(keys(analyser, 'children')).toBe(`a:integer b:${uuid} parent:integer tenant:integer`)
    expect(keys(analyser, 'nothing')).toBe('')
    expect(analyser.catalog.keyColumns('parents').get('id')?.column.name).toBe('Id')
    expect(analyser.catalog.partitionProblems()).toEqual([
      { table: 'children', column: 'price', why: 'no exact comparison' },
      { table: 'children', column: 'nothing', why: 'no such column' },
      { table: 'gone', column: 'x', why: 'no such table' },
    ])
    const [cascade] = analyser.catalog.cascades.get('parents') ?? []
    expect(cascade).toMatchObject({
      child: 'children',
      onDelete: 'cascade',
      onUpdate: undefined,
      parentColumns: ['id'],
      childColumns: ['parent'],
    })
    analyser.forget()
    expect(keys(analyser, 'parents')).toBe('')
    expect(analyser.catalog.partitionProblems()).toEqual([])
  })

  test('columns of a composite foreign key stand in order', async () => {
    const analyser = await load([
      'create table p (x int not null, y int not null, z int not null, primary key (z, x, y))',
      'create table c (a int, b int, d int, foreign key (d, b, a) references p (z, x, y) on update cascade on delete set null)',
    ])
    expect(analyser.catalog.cascades.get('p')).toEqual([
      {
        parent: 'p',
        child: 'c',
        onDelete: 'set-null',
        onUpdate: 'cascade',
        parentColumns: ['z', 'x', 'y'],
        childColumns: ['d', 'b', 'a'],
      },
    ])
    expect(keys(analyser, 'c')).toBe('a:integer b:integer d:integer')
  })

  if (name === 'sqlite') {
    test('affinities decide, and what is computed is no key', async () => {
      const analyser = await load(
        [
          `create table t (i integer primary key, a varchar(9), b nchar, c clob, d point, e real, f numeric, g blob, h, j datetime,
             k int generated always as (e + 1), l boolean, m bigint)`,
          'create table u (id integer primary key desc, v text unique)',
          'create table w (id integer primary key, v text) without rowid',
          'create table twice (a int, b int, primary key (a, b))',
          'create temp table hidden (id integer primary key)',
          'create table shadowed (id integer primary key)',
          'create temp view shadowed as select 1',
          'create table kid (u integer references t, foreign key (u) references t on delete cascade)',
        ],
        { t: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'l', 'm'], hidden: ['id'] },
      )
      expect(keys(analyser, 't')).toBe('a:text b:text c:text d:integer i:integer m:integer')
      expect(keys(analyser, 'hidden')).toBe('')
      expect(keys(analyser, 'shadowed')).toBe('')
      const filling = ['t', 'u', 'w', 'twice'].map((table) =>
        [...(analyser.catalog.table(table)?.columns.values() ?? [])]
          .filter((column) => column.selfFilling)
          .map((column) => `${table}.${column.name}`)
          .join(),
      )
      expect(filling).toEqual(['t.i', '', '', ''])
      expect(analyser.catalog.cascades.get('t')).toHaveLength(2)
      expect(analyser.catalog.cascades.get('t')?.[0]?.parentColumns).toEqual(['i'])
      expect(
        analyser.catalog.partitionProblems().map(({ column, why }) => `${column} ${why}`),
      ).toContain('id no rows of its own')
      expect(analyser.catalog.table('t')).toMatchObject({ canReturn: true, hasRules: false })
    })
  }

  if (name === 'postgres') {
    test('types and collations decide, and what is computed is no key', async () => {
      await knex.raw('create extension if not exists citext')
      const columns = `i int, b bigint, s smallint, t text, v varchar(9), c char(9), x citext, n name, u uuid, d double precision, m numeric,
        j jsonb, o bool, y bytea, w timestamptz, e mood, k dom, z int[], q text collate loose, r text collate "C",
        g int generated always as (i + 1) stored, id int generated always as identity, f int generated by default as identity`
      const analyser = await load(
        [
          `create type mood as enum ('a')`,
          'create domain dom as int',
          `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
          `create table t (${columns})`,
        ],
        { t: [...'ibstvcxnudmjoywekzqrgf', 'id'] },
      )
      expect(keys(analyser, 't')).toBe(
        'b:integer c:text f:integer i:integer id:integer r:text s:integer t:text u:uuid v:text x:text',
      )
    })

    test('tables whose rows or names are not theirs alone have none', async () => {
      const analyser = await load([
        'create table plain (id int primary key)',
        'create table part (id int primary key) partition by range (id)',
        'create table part_1 partition of part for values from (0) to (9)',
        'create table heir (id int primary key) inherits (plain)',
        'create table secret (id int primary key)',
        'alter table secret enable row level security',
        'create schema other',
        'create table twice (id int primary key)',
        'create table other.twice (id int primary key)',
        'create table "Case" (id int primary key)',
        'create table "case" (id int primary key)',
        'create table cols (id int primary key, "ID" int unique, other int unique)',
        'create table ruled (id int primary key)',
        'create rule r as on delete to ruled do instead nothing',
        'create table other.alone (id int primary key)',
      ])
      const tables = ['plain', 'part', 'part_1', 'heir', 'secret', 'twice', 'case']
      expect(tables.map((table) => keys(analyser, table)).join('')).toBe('')
      expect(keys(analyser, 'cols')).toBe('other:integer')
      expect(keys(analyser, 'alone')).toBe('id:integer')
      expect(analyser.catalog.table('ruled')).toMatchObject({ canReturn: false, hasRules: true })
      expect(analyser.catalog.table('alone')).toMatchObject({ canReturn: true, hasRules: false })
    })

    test('triggers that run before each row may change it; who may not read cannot ask', async () => {
      const analyser = await load([
        'create table t (id int primary key)',
        'create table u (id int primary key)',
        'create function f() returns trigger language plpgsql as $$ begin return new; end $$',
        'create trigger a before insert or delete on t for each row execute function f()',
        'create trigger b after update on t for each row execute function f()',
        'create trigger c before update on u for each statement execute function f()',
        'create trigger d before update on u for each row execute function f()',
      ])
      const rewritten = (table: string): unknown => [
        ...(analyser.catalog.table(table)?.rewrittenBy ?? []),
      ]
      expect([rewritten('t'), rewritten('u')]).toEqual([['insert'], ['update']])
      const role = `reader_${String(process.pid)}_${String(Date.now())}`
      await knex.raw(`create role ${role}`)
      try {
        await knex.raw(`grant update (id), select (id) on t to ${role}`)
        await knex.raw(`grant select on u to ${role}`)
        await knex.transaction(async (trx) => {
          await trx.raw(`set local role ${role}`)
          await analyser.load(catalogQuery(trx))
        })
        const may = ['t', 'u'].map((table) => analyser.catalog.table(table)?.canReturn)
        expect(may).toEqual([false, true])
      } finally {
        await knex.raw(`drop owned by ${role}`)
        await knex.raw(`drop role ${role}`)
      }
    })
  }

  if (name === 'mysql') {
    test('types and collations decide, and what is computed is no key', async () => {
      const analyser = await load(
        [
          `create table t (i int, b bigint unsigned, s smallint(3) zerofill, y tinyint(1), c char(9), v varchar(9), x text, m decimal(9), d double, e enum('a'),
             w datetime, j varbinary(9), k bit, l year, g int generated always as (i + 1) stored,
             n varchar(9) collate utf8mb4_lithuanian_ci, o varchar(9) collate utf8mb4_bin, id int auto_increment primary key,
             p int default 3, q int default null)`,
        ],
        { t: [...'ibsycvxmdewjklgno'] },
      )
      expect(keys(analyser, 't')).toBe(
        'b:integer c:text i:integer id:integer o:text s:integer v:text x:text y:integer',
      )
      const columns = [...(analyser.catalog.table('t')?.columns.values() ?? [])]
      const filling = columns.filter((column) => column.selfFilling).map((column) => column.name)
      expect(filling).toEqual(['id'])
      const absent = columns.filter((column) => !column.absentIsNull).map((column) => column.name)
      expect(absent).toEqual(['g', 'id', 'p'])
    })

    test('a server that bends values is known', async () => {
      expect((await load([])).catalog.bendsValues).toBe(false)
      const lax = new StatementAnalyser('mysql')
      await knex.transaction(async (trx) => {
        await trx.raw(`set session sql_mode = 'NO_ENGINE_SUBSTITUTION'`)
        await lax.load(catalogQuery(trx))
        await trx.raw('set session sql_mode = default')
      })
      expect(lax.catalog.bendsValues).toBe(true)
    })

    test('only triggers that run before a row may change it', async () => {
      const analyser = await load([
        'create table t (id int primary key)',
        'create trigger a before insert on t for each row set new.id = new.id + 1',
        'create trigger b after update on t for each row set @x = 1',
      ])
      expect([...(analyser.catalog.table('t')?.rewrittenBy ?? [])]).toEqual(['insert'])
    })
  }
})
