import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { StatementFootprint, TransactionControl } from '../../src/contract/footprint.ts'
import { defaultRules } from '../../src/sql/lexical-rules.ts'
import { scanBody } from '../../src/sql/scan/scan-body.ts'
import { tokenize } from '../../src/sql/tokenize.ts'
import { footprints, handMadeCatalog } from './pipeline.ts'

const one = (dialect: Dialect, sql: string): StatementFootprint => {
  const [footprint, ...rest] = footprints(dialect, sql)
  if (footprint === undefined || rest.length > 0) throw new Error(`not one statement: ${sql}`)
  return footprint
}

const listed = (set: StatementFootprint['reads']): string =>
  set === 'everything' ? '*' : [...set].sort().join()
const all: readonly Dialect[] = ['sqlite', 'postgres', 'mysql']

describe('transaction control', () => {
  const cases: [readonly Dialect[], string, TransactionControl | undefined][] = [
    [all, 'BEGIN;', { op: 'begin' }],
    [all, 'begin', { op: 'begin' }],
    [['sqlite'], 'BEGIN IMMEDIATE', { op: 'begin' }],
    [['postgres'], 'begin isolation level serializable', { op: 'begin' }],
    [['mysql'], 'start transaction with consistent snapshot', { op: 'begin' }],
    [all, 'commit work;', { op: 'commit', chain: false }],
    [['postgres', 'mysql'], 'COMMIT AND CHAIN', { op: 'commit', chain: true }],
    [['postgres', 'mysql'], 'COMMIT AND NO CHAIN', { op: 'commit', chain: false }],
    [['sqlite', 'postgres'], 'end', { op: 'commit', chain: false }],
    [['postgres'], 'abort', { op: 'rollback', chain: false }],
    [all, '/* x */ rollback', { op: 'rollback', chain: false }],
    [all, 'savepoint "S1"', { op: 'savepoint', name: 's1' }],
    [all, 'rollback to s1', { op: 'rollback-to', name: 's1' }],
    [all, 'ROLLBACK TRANSACTION TO SAVEPOINT trx1;', { op: 'rollback-to', name: 'trx1' }],
    [all, 'release trx1', { op: 'release', name: 'trx1' }],
    [all, 'release savepoint trx1', { op: 'release', name: 'trx1' }],
    [['mysql'], 'set autocommit=0', { op: 'autocommit', on: false }],
    [['mysql'], 'SET @@autocommit = OFF', { op: 'autocommit', on: false }],
    [['mysql'], 'set session autocommit := 1', { op: 'autocommit', on: true }],
    [['mysql'], 'set @@session.autocommit=on', { op: 'autocommit', on: true }],
    [['mysql'], 'set names utf8, autocommit = 0', { op: 'autocommit', on: false }],
    [['mysql'], 'set autocommit = ?', { op: 'autocommit', on: false }],
    [['mysql'], 'set global autocommit = 0', undefined],
    [['mysql'], 'set @autocommit = 0', undefined],
    [['postgres', 'mysql'], 'set transaction isolation level read committed', undefined],
    [['postgres'], `commit prepared 'x'`, undefined],
    [['postgres'], `prepare transaction 'x'`, undefined],
    [['mysql'], `xa commit 'x'`, undefined],
    [['mysql'], 'begin not atomic update a set x = 1; end', undefined],
  ]
  for (const [dialects, sql, control] of cases) {
    for (const dialect of dialects) {
      test(`${dialect}: ${sql}`, () => {
        expect(one(dialect, sql).control).toEqual(control)
      })
    }
  }

  test('two-phase commit and anonymous blocks do everything', () => {
    expect(one('postgres', `prepare transaction 'x'`).writes).toBe('everything')
    expect(one('postgres', `commit prepared 'x'`).writes).toBe('everything')
    expect(one('mysql', `xa commit 'x'`).writes).toBe('everything')
    expect(one('mysql', 'begin not atomic update a set x = 1; end').writes).toBe('everything')
  })
})

describe('reads and writes', () => {
  const cases: [readonly Dialect[], string, reads: string, writes: string][] = [
    [all, 'select * from v', 'a,b,v', ''],
    [all, 'insert into a (x) select y from b', 'b', 'a'],
    [all, 'delete from users where id = 1', '', 'posts,users'],
    [all, 'update users set name = ? where id = ?', '', 'users'],
    [all, 'update users set name = ?, id = ?', '', 'posts,users'],
    [all, 'update unheard_of set x = 1', '', 'unheard_of'],
    [all, 'select * from unheard_of', 'unheard_of', ''],
    [all, 'insert into v (x) values (1)', '', 'a,b,v'],
    [all, 'select "x".* from a as x where x.users = 1', 'a', ''],
    [['sqlite', 'mysql'], 'replace into users (id) values (1)', '', 'posts,users'],
    [['sqlite'], 'insert or replace into users (id) values (1)', '', 'posts,users'],
    [['sqlite'], 'insert or ignore into users (id) values (1)', '', 'users'],
    [['sqlite'], 'drop table users', 'users', 'posts,users'],
    [['sqlite'], 'select 1 in tags, 2 in main.posts', 'posts,tags', ''],
    [
      ['sqlite'],
      'alter table _knex_temp_alter123 rename to a',
      '_knex_temp_alter123,a',
      '_knex_temp_alter123,a',
    ],
    [['sqlite'], 'INSERT INTO _knex_temp_alter1 SELECT * FROM a', 'a', '_knex_temp_alter1'],
    [['postgres'], 'truncate users cascade', '', 'posts,users'],
    [['postgres'], 'truncate a, b', '', 'a,b'],
    [['postgres'], 'copy a (x) from stdin', 'a,stdin', 'a'],
    [['postgres'], 'copy (select * from a) to stdout', 'a', ''],
    [['postgres'], 'select * into c from a', 'a', 'c'],
    [['postgres'], 'explain update a set x = 1', '', ''],
    [['postgres'], 'explain (analyze) update a set x = 1', '', 'a'],
    [['postgres'], 'update only a set x = b.y from b', 'b', 'a'],
    [['postgres'], 'delete from a using b, c where a.id = b.id', 'a,b,c', 'a'],
    [
      ['postgres'],
      'with gone as (delete from a returning *) insert into b select * from gone',
      '',
      'a,b',
    ],
    [['postgres'], 'update pg_catalog.pg_class set relname = 1', '', '*'],
    [['postgres'], 'select * from pg_temp.a', 'a', ''],
    [['postgres'], 'alter table a rename to z', 'a', 'a,z'],
    [['postgres'], 'create table z as select * from a', 'a,z', 'a,z'],
    [['postgres'], 'execute plan', '*', '*'],
    [['postgres'], 'fetch 5 from c', '*', '*'],
    [['postgres'], 'do language plpython3u $$ x $$', '*', '*'],
    [['postgres'], 'select U&"d\\0061t" from a', '*', '*'],
    [['mysql'], 'insert ignore a set x = 1', '', 'a'],
    [['mysql'], 'insert into a (x) values (1) on duplicate key update x = 2', '', 'a'],
    [['mysql'], 'update a x join b y on x.id = y.id set x.v = 1', '', 'a,b'],
    [['mysql'], 'delete x from a x join b y on x.id = y.id', 'a,b', 'a'],
    [['mysql'], 'delete x.* from a as x, b', 'a,b', 'a'],
    [['mysql'], 'delete z from a x join b y', 'a,b', 'a,b,z'],
    [['mysql'], 'load data infile "f" into table a', '', 'a'],
    [['mysql'], 'handler a open', 'a', ''],
    [['mysql'], 'rename table a to z, b to y', '', 'a,b,y,z'],
    [['mysql'], 'set statement max_statement_time = 1 for update a set x = 1', '*', '*'],
    [['mysql'], 'call unheard_of()', '*', '*'],
    [['mysql'], 'insert into other.log values (1)', '', '*'],
    [['mysql'], 'insert into shop.a values (1)', '', 'a'],
    [['mysql'], 'select * from a -- , b\n, c', 'a,c', ''],
    [['mysql'], 'select 1 --1 from a', 'a', ''],
    [['mysql'], `select 'a\\' from b' from c`, 'c', ''],
    [all, 'frobnicate the table', '*', '*'],
  ]
  for (const [dialects, sql, reads, writes] of cases) {
    for (const dialect of dialects) {
      test(`${dialect}: ${sql}`, () => {
        const { tokens, odd } = tokenize(sql, defaultRules(dialect))
        const footprint = one(dialect, sql)
        expect(tokens.length).toBeGreaterThan(0)
        const found = odd ? ['*', '*'] : [listed(footprint.reads), listed(footprint.writes)]
        expect(found).toEqual([reads, writes])
      })
    }
  }
})

describe('the other properties', () => {
  type Property =
    'volatile' | 'altersSession' | 'commitsImplicitly' | 'changesSchema' | 'locks' | 'selects'
  const cases: [Property, readonly Dialect[], string[], string[]][] = [
    [
      'volatile',
      ['sqlite'],
      [
        'select random()',
        `select date('now')`,
        'select datetime()',
        'select date(?)',
        'select current_timestamp',
        'select * from sqlite_master',
        'pragma table_info(a)',
        'select last_insert_rowid()',
        `select strftime('%s')`,
        'explain select 1',
      ],
      [
        `select date('2020-01-01')`,
        `select strftime('%Y', x) from a`,
        'select a.random from a',
        'select lower(x) from a',
      ],
    ],
    [
      'volatile',
      ['postgres'],
      [
        'select now()',
        'select current_date',
        'select user',
        'select nextval(?)',
        `select 'today'::date`,
        'select pg_backend_pid()',
        'select * from pg_stat_activity',
        'select * from information_schema.tables',
        'select age(x) from a',
        'show search_path',
        'select pg_sleep(1)',
        `select current_setting('x')`,
        'select * from a tablesample system (1)',
      ],
      [
        'select age(x, y) from a',
        'select pg_typeof(x) from a',
        `select date_trunc('day', x) from a`,
        'select x as user from a',
        'select a.user from a',
      ],
    ],
    [
      'volatile',
      ['mysql'],
      [
        'select now()',
        'select @x',
        'select @@version',
        'select last_insert_id()',
        'select found_rows()',
        'select database()',
        'select sleep(1)',
        'select rand()',
        'show tables',
        'select get_lock(?, 1)',
        'select next value for s',
        'select * from other.t',
      ],
      [
        'select lower(x) from a',
        'select date_add(x, interval 1 day) from a',
        'select * from shop.a',
      ],
    ],
    [
      'altersSession',
      ['sqlite'],
      [
        'attach x as y',
        'pragma case_sensitive_like = 1',
        'pragma read_uncommitted(1)',
        'create temp table x (a)',
      ],
      [
        'pragma foreign_keys = on',
        'PRAGMA foreign_keys',
        'pragma main.journal_mode = wal',
        'pragma wal_checkpoint(full)',
        'pragma table_info(a)',
        'create table x (a)',
      ],
    ],
    [
      'altersSession',
      ['postgres'],
      [
        'set search_path to x',
        'reset all',
        'set role x',
        'discard all',
        'create temporary table x (a int)',
        'select * into temp x from a',
        `select set_config('a', 'b', false)`,
        'set time zone utc',
      ],
      [
        'set local search_path to x',
        'set transaction isolation level serializable',
        'set statement_timeout = 5',
        'set session statement_timeout to 5',
        'set constraints all deferred',
      ],
    ],
    [
      'altersSession',
      ['mysql'],
      [
        'set names utf8',
        'use x',
        'set sql_mode = ?',
        'set @@session.time_zone = ?',
        'create temporary table x (a int)',
        'set session transaction isolation level read uncommitted',
      ],
      [
        'set autocommit = 0',
        'set @x = 1',
        'set foreign_key_checks = 0',
        'set transaction isolation level serializable',
        'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
        'set global x = 1'.replace('global x', '@x'),
      ],
    ],
    [
      'commitsImplicitly',
      ['mysql'],
      [
        'create table z (a int)',
        'alter table a add x int',
        'truncate a',
        'rename table a to b',
        'lock tables a write',
        'start transaction',
        'begin',
        'set autocommit = 1',
        'grant all on *.* to x',
        'set password = ?',
        'analyze table a',
        'create index i on a (x)',
        'call unheard_of()',
      ],
      [
        'create temporary table z (a int)',
        'drop temporary table z',
        'insert into a values (1)',
        'commit',
        'set autocommit = 0',
        'load data infile "f" into table a',
        'analyze update a set x = 1',
      ],
    ],
    [
      'commitsImplicitly',
      ['sqlite', 'postgres'],
      [],
      ['create table z (a int)', 'begin', 'truncate a'],
    ],
    [
      'changesSchema',
      all,
      [
        'create table z (a int)',
        'drop view v',
        'alter table a add x int',
        'create index i on a (x)',
        'create sequence z',
        'frobnicate',
      ],
      ['insert into a values (1)', 'select 1', 'analyze', 'begin'],
    ],
    [
      'locks',
      ['postgres', 'mysql'],
      [
        'select * from a for update',
        'select * from a for share',
        'select * from a for update of b skip locked',
      ],
      ['select * from a', 'update a set x = 1'],
    ],
    [
      'selects',
      all,
      [
        'select 1',
        '(select 1) union (select 2)',
        'with x as (select 1) select * from x',
        'values (1)',
      ],
      [
        'insert into a values (1)',
        'with x as (select 1) insert into a select * from x',
        'begin',
        'set x = 1',
        'explain select 1',
      ],
    ],
    ['selects', ['mysql'], [], ['select * from a into outfile "x"', 'select 1 into @x']],
  ]
  for (const [property, dialects, yes, no] of cases) {
    for (const dialect of dialects) {
      for (const sql of yes)
        test(`${dialect}: ${property}: ${sql}`, () =>
          expect(one(dialect, sql)[property]).toBe(true))
      for (const sql of no)
        test(`${dialect}: not ${property}: ${sql}`, () =>
          expect(one(dialect, sql)[property]).toBe(false))
    }
  }
})

describe('several statements in one text', () => {
  test('are taken one by one, empty ones left out', () => {
    expect(
      footprints('postgres', ';; begin; update a set x = 1;; commit ;-- end').map(
        (each) => each.verb,
      ),
    ).toEqual(['begin', 'update', 'commit'])
    expect(footprints('postgres', '-- nothing')).toEqual([])
  })

  test('bodies stay with their statement', () => {
    const sqlite = `create trigger t after insert on a begin update b set x = case when 1 then 2 else 3 end; delete from c; end; select 1`
    expect(footprints('sqlite', sqlite).map((each) => each.verb)).toEqual(['create', 'select'])
    const mysql = `create procedure p() begin if x then set y = 1; end if; while z do set y = 2; end while; end; update a set x = 1`
    expect(footprints('mysql', mysql).map((each) => each.verb)).toEqual(['create', 'update'])
    const postgres = `create function f() returns int begin atomic select 1; select 2; end; select 3`
    expect(footprints('postgres', postgres).map((each) => each.verb)).toEqual(['create', 'select'])
  })
})

test('PostgreSQL cuts long names after 63 bytes, between characters', () => {
  const long = 'n'.repeat(70)
  const wide = `${'ü'.repeat(31)}€x`
  const reads = (dialect: Dialect, table: string) =>
    listed(one(dialect, `select * from ${table}`).reads)
  expect(reads('postgres', long)).toBe('n'.repeat(63))
  expect(reads('postgres', `"${long}"`)).toBe('n'.repeat(63))
  expect(reads('postgres', `"${wide}"`)).toBe('ü'.repeat(31))
  expect(reads('mysql', long)).toBe(long)
})

describe('bodies of routines', () => {
  const cases: [Dialect, string, writes: string][] = [
    ['mysql', 'begin while @i do update a set x = 1; end while; end', 'a'],
    ['mysql', 'begin while @i do delete from a; insert into b values (1); end while; end', 'a,b'],
    ['mysql', 'begin if x then delete q from a q; end if; end', 'a'],
    ['mysql', 'begin if x then delete low_priority from a; end if; end', 'a'],
    ['postgres', 'begin if x then delete from a; end if; end', 'a'],
    ['postgres', 'begin insert into a values (1) on conflict do update set x = 1; end', 'a'],
    ['postgres', 'begin -- c\r update a set x = 1;\n end', 'a'],
  ]
  for (const [dialect, body, writes] of cases) {
    test(`${dialect}: ${body}`, () => {
      const { changes, writesEverything } = scanBody(body, handMadeCatalog(dialect))
      expect(writesEverything).toBe(false)
      expect(listed(new Set(changes.map(({ table }) => table)))).toBe(writes)
    })
  }
})
