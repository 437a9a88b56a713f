import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StatementFootprint } from '../../src/contract/footprint.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'

const listed = (tables: StatementFootprint['reads'] | undefined): string =>
  tables === undefined || tables === 'everything' ? '*' : [...tables].sort().join()

describeDatabases('what lies behind names', (name) => {
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
    for (const sql of statements) await knex.raw(sql.replaceAll('?', '\\?'))
    await analyser.load(catalogQuery(knex))
  }
  const reads = (sql: string): string => listed(analyser.footprint(sql)[0]?.reads)
  const writes = (sql: string): string => listed(analyser.footprint(sql)[0]?.writes)
  const isVolatile = (sql: string): boolean | undefined => analyser.footprint(sql)[0]?.volatile

  test('a chain of cascades and triggers is followed to its end', async () => {
    const trigger =
      name === 'postgres'
        ? [
            `create function tell() returns trigger language plpgsql as $$ begin insert into news values (1); return null; end $$`,
            `create trigger t after delete on leaf for each row execute function tell()`,
          ]
        : [
            `create trigger t after delete on leaf ${name === 'mysql' ? 'for each row' : ''} begin insert into news values (1); end`,
          ]
    await prepare(
      'create table root (id int primary key)',
      'create table branch (id int primary key, root_id int, foreign key (root_id) references root(id) on delete cascade)',
      'create table leaf (id int primary key, branch_id int, foreign key (branch_id) references branch(id) on delete cascade)',
      'create table news (n int)',
      ...trigger,
    )
    expect(writes('delete from root')).toBe('branch,leaf,news,root')
    expect(writes('update root set id = 2')).toBe('root')
    expect(writes('insert into root values (1)')).toBe('root')
  })

  test('a view that uses the clock is volatile', async () => {
    const now = name === 'sqlite' ? `date('now')` : 'now()'
    await prepare(
      'create table t (a int)',
      `create view fresh as select a, ${now} as at from t`,
      'create view plain as select a from t',
    )
    expect(isVolatile('select * from fresh')).toBe(true)
    expect(isVolatile('select * from plain')).toBe(false)
    expect(reads('select * from fresh')).toBe('fresh,t')
  })

  test('replacing a view changes what depends on it', async () => {
    await prepare(
      'create table t (a int)',
      'create view v1 as select a from t',
      'create view v2 as select a from v1',
    )
    expect(reads('select * from v2')).toBe('t,v1,v2')
    expect(writes('drop view v1')).toContain('v1')
    expect(analyser.footprint('drop view v1')[0]?.changesSchema).toBe(true)
    if (name !== 'sqlite')
      expect(writes('create or replace view v1 as select 2 as a')).toContain('v1')
  })

  if (name === 'postgres') {
    test('row-level security: policies read tables, and sessions see different rows', async () => {
      await prepare(
        'create table members (id int)',
        'create table docs (id int)',
        'alter table docs enable row level security',
        'create policy p on docs using (exists (select 1 from members where members.id = docs.id))',
      )
      expect(reads('select * from docs')).toBe('docs,members')
      expect(isVolatile('select * from docs')).toBe(true)
    })

    test('functions count by what they may do', async () => {
      await prepare(
        'create table t (a int)',
        'create sequence s',
        `create function pure(int) returns int language sql immutable as 'select $1 + 1'`,
        `create function looks() returns bigint language sql stable as 'select count(*) from t'`,
        `create function dynamic() returns void language plpgsql as $$ begin execute 'x'; end $$`,
        `create function atomic_write() returns void begin atomic insert into t values (1); end`,
        `create function step(int, int) returns int language plpgsql as $$ begin insert into t values ($2); return 1; end $$`,
        `create aggregate stepping(int) (sfunc = step, stype = int, initcond = '0')`,
        'create table u (a int default looks() check (pure(a) > 0))',
      )
      expect([
        reads('select pure(1)'),
        writes('select pure(1)'),
        isVolatile('select pure(1)'),
      ]).toEqual(['', '', false])
      expect([
        reads('select looks()'),
        writes('select looks()'),
        isVolatile('select looks()'),
      ]).toEqual(['t', '', false])
      expect(writes('select dynamic()')).toBe('*')
      expect(writes('select public.atomic_write()')).toBe('t')
      expect(writes('select stepping(a) from u')).toBe('t')
      expect(writes('select never_seen(1)')).toBe('*')
      expect(
        writes('select count(*), max(a), coalesce(sum(a), 0), substring(trim(x) from 2) from u'),
      ).toBe('')
      expect(isVolatile('select last_value from s')).toBe(true)
      expect(isVolatile('select gen_random_uuid()')).toBe(true)
    })

    test('an event trigger makes every schema change do everything', async () => {
      await prepare(
        'create table t (a int)',
        `create function on_ddl() returns event_trigger language plpgsql as $$ begin insert into t values (1); end $$`,
      )
      expect(writes('create table x (a int)')).toBe('x')
      await prepare('create event trigger e on ddl_command_end execute function on_ddl()')
      expect(writes('create table x (a int)')).toBe('*')
    })
  }

  if (name === 'mysql') {
    test('a user who cannot see triggers writes everything', async () => {
      await prepare('create table t (a int)')
      expect(writes('insert into t values (1)')).toBe('t')
      const blind = catalogQuery(knex)
      await analyser.load(async (sql) => {
        const rows = await blind(sql)
        return sql.includes('user_privileges')
          ? rows.filter((row) => row['privilege'] !== 'TRIGGER')
          : rows
      })
      expect(writes('insert into t values (1)')).toBe('*')
      expect(reads('select * from t')).toBe('t')
    })

    test('routines count by their bodies, and by whether they commit', async () => {
      await prepare(
        'create table t (a int)',
        'create procedure writes_t() insert into t values (1)',
        'create procedure ends() begin insert into t values (1); commit; end',
        'create procedure nested() call writes_t()',
        `create procedure dynamic() begin prepare s from 'x'; execute s; end`,
        'create function reads_t() returns int reads sql data return (select count(*) from t)',
        'create table quiet (a int) engine = MyISAM',
      )
      expect(writes('call writes_t()')).toBe('t')
      expect(writes('call nested')).toBe('t')
      expect(writes('call dynamic()')).toBe('*')
      expect(reads('select reads_t()')).toBe('t')
      expect(analyser.footprint('call ends()')[0]?.commitsImplicitly).toBe(true)
      expect(analyser.footprint('call writes_t()')[0]?.commitsImplicitly).toBe(false)
      expect(analyser.catalog.table('quiet')?.transactional).toBe(false)
    })
  }
})
