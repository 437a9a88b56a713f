import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { closeEffects, type ClosedEffects } from '../../src/sql/closure.ts'
import { scanTables } from '../../src/sql/scan/scan-tables.ts'
import { tokenize } from '../../src/sql/tokenize.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'

describeDatabases('where reads and changes come from', (name) => {
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser

  beforeEach(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    analyser = new StatementAnalyser(database.dialect)
  })

  afterEach(async () => {
    await knex.destroy()
    await database.drop()
  })

  const prepare = async (...statements: string[]): Promise<void> => {
    for (const sql of statements) await knex.raw(sql)
    await analyser.load(catalogQuery(knex))
  }
  const closed = (sql: string): ClosedEffects => {
    const { catalog } = analyser
    return closeEffects(scanTables(tokenize(sql, catalog.rules).tokens, catalog), catalog)
  }
  const behind = (sql: string): string => [...closed(sql).readsBehind].sort().join()
  const origins = (sql: string): string =>
    [...closed(sql).origins]
      .map(([table, origin]) =>
        origin.how === 'cascade'
          ? `${table}:${origin.by} of ${origin.key.parent}`
          : `${table}:${origin.how}`,
      )
      .sort()
      .join(' ')
  const trigger = (on: string, act: string): string[] =>
    name === 'postgres'
      ? [
          `create function act() returns trigger language plpgsql as $$ begin ${act}; return null; end $$`,
          `create trigger t after ${on} for each row execute function act()`,
        ]
      : [`create trigger t after ${on} ${name === 'mysql' ? 'for each row' : ''} begin ${act}; end`]

  test('tables behind views are told from those that the text names', async () => {
    await prepare(
      'create table a (id int primary key)',
      'create table b (id int primary key)',
      'create view v as select a.id from a join b on a.id = b.id',
      'create view w as select id from v',
    )
    expect(behind('select * from a join b on a.id = b.id')).toBe('')
    expect(behind('select * from w')).toBe('a,b,v')
    expect(behind('select * from a join v on a.id = v.id')).toBe('a,b')
    expect(behind('select * from v join a on a.id = v.id')).toBe('a,b')
    expect(behind('insert into a select id from v')).toBe('a,b')
  })

  const family = [
    'create table p (id int primary key, code int unique)',
    'create table c (id int primary key, p int, foreign key (p) references p (id) on delete cascade on update set null)',
    'create table g (id int primary key, c int, foreign key (c) references c (id) on delete cascade)',
    'create table d (id int primary key, p int, q int, foreign key (p) references p (id) on delete set null, foreign key (q) references p (id) on delete cascade)',
    'create table s (id int primary key, s int, foreign key (s) references s (id) on delete cascade)',
  ]

  test('children of a changed table by one key are told from everything farther', async () => {
    await prepare(...family)
    expect(origins('delete from p')).toBe('c:delete of p d:other g:other p:direct')
    expect(origins('update p set id = 1')).toBe('c:update of p p:direct')
    expect(origins('update p set code = 1')).toBe('p:direct')
    expect(origins('insert into p (id) values (1)')).toBe('p:direct')
    expect(origins('delete from c')).toBe('c:direct g:delete of c')
    expect(origins('delete from s')).toBe('s:other')
  })

  test('a second way to a table, of whatever kind, leaves nothing direct', async () => {
    await prepare(...family, ...trigger('update on c', 'update p set code = 3 where id = 1'))
    expect(origins('update c set p = 1')).toBe('c:direct p:other')
    // Setting NULL in the child may fire the child's trigger.
    expect(origins('update p set id = 1')).toBe('c:update of p p:other')
    expect(origins('delete from p')).toBe('c:delete of p d:other g:other p:direct')
  })

  test('what a view changes is never direct', async () => {
    await prepare('create table a (id int primary key)', 'create view v as select id from a')
    expect(origins('delete from v')).toBe('a:other v:direct')
  })

  if (name === 'postgres') {
    test('nor are partitions and heirs', async () => {
      await prepare(
        'create table part (id int) partition by range (id)',
        'create table part_1 partition of part for values from (0) to (9)',
        'create table base (id int)',
        'create table heir () inherits (base)',
        'create table docs (id int)',
        'create table members (id int)',
        'alter table docs enable row level security',
        'create policy p on docs using (exists (select 1 from members where members.id = docs.id))',
      )
      expect(origins('update part set id = 1')).toBe('part:other part_1:other')
      expect(origins('delete from heir')).toBe('base:other heir:direct')
      expect(behind('select * from base')).toBe('heir')
      expect(behind('select * from part')).toBe('part_1')
      expect(behind('select * from docs')).toBe('members')
    })
  }
})
