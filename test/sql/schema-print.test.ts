import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSchemaPrint } from '../../src/sql/schema-print.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import type { DatabaseName } from '../support/databases.ts'
import { catalogQuery } from '../support/matrix/analyse.ts'

const setUp = [
  `create table users (id int primary key, name varchar(20))`,
  `create table posts (id int primary key, user_id int, title varchar(20))`,
  `insert into users values (1, 'a'), (2, 'b')`,
]

type Statements = Readonly<Partial<Record<DatabaseName, string>>>

function everywhere(sql: string): Statements {
  return { sqlite: sql, postgres: sql, mysql: sql }
}

/** Each builds on those before it. */
const changes: readonly (readonly [string, Statements])[] = [
  ['a table', everywhere('create table tags (id int primary key, n int)')],
  ['a column', everywhere('alter table tags add column label varchar(20)')],
  ['another name of a column', everywhere('alter table tags rename column label to text')],
  ['another name of a table', everywhere('alter table tags rename to labels')],
  [
    'a type',
    {
      postgres: 'alter table labels alter column n type bigint',
      mysql: 'alter table labels modify n bigint',
    },
  ],
  [
    'a longer text, which rewrites nothing',
    {
      postgres: 'alter table labels alter column text type varchar(40)',
      mysql: 'alter table labels modify text varchar(40)',
    },
  ],
  [
    'a collation',
    {
      postgres: 'alter table labels alter column text type varchar(40) collate "C"',
      mysql: 'alter table labels modify text varchar(40) collate utf8mb4_bin',
    },
  ],
  [
    'a default',
    {
      postgres: `alter table labels alter column text set default 'x'`,
      mysql: `alter table labels alter column text set default 'x'`,
    },
  ],
  ['a unique key', everywhere('create unique index by_text on labels (text)')],
  [
    'a unique key less',
    { ...everywhere('drop index by_text'), mysql: 'drop index by_text on labels' },
  ],
  [
    'a foreign key that cascades',
    {
      postgres:
        'alter table posts add constraint author foreign key (user_id) references users (id) on delete cascade',
      mysql:
        'alter table posts add constraint author foreign key (user_id) references users (id) on delete cascade',
    },
  ],
  [
    'another action of a foreign key',
    {
      postgres:
        'alter table posts drop constraint author, add constraint author foreign key (user_id) references users (id) on delete set null',
      mysql:
        'alter table posts drop foreign key author, add constraint author2 foreign key (user_id) references users (id) on delete set null',
    },
  ],
  ['a view', everywhere('create view v as select id from users')],
  [
    'another query of a view',
    {
      postgres: 'create or replace view v as select id from posts',
      mysql: 'create or replace view v as select id from posts',
    },
  ],
  [
    'a function',
    {
      postgres: `create function f() returns trigger language plpgsql as $$ begin insert into labels (id) values (new.id); return new; end $$`,
      mysql: 'create function f(x int) returns int deterministic return x',
    },
  ],
  [
    'a trigger',
    {
      sqlite:
        'create trigger t after insert on users begin insert into labels (id) values (new.id); end',
      postgres: 'create trigger t after insert on users for each row execute function f()',
      mysql:
        'create trigger t after insert on users for each row insert into labels (id) values (new.id)',
    },
  ],
  [
    'another body of a function',
    {
      postgres: `create or replace function f() returns trigger language plpgsql as $$ begin delete from posts; return new; end $$`,
    },
  ],
  ['a trigger switched off', { postgres: 'alter table users disable trigger t' }],
  ['a trigger less', { ...everywhere('drop trigger t'), postgres: 'drop trigger t on users' }],
  ['a rule', { postgres: 'create rule r as on insert to labels do also delete from posts' }],
  ['row-level security', { postgres: 'alter table users enable row level security' }],
  ['a policy', { postgres: 'create policy p on users using (id > 1)' }],
  ['an heir', { postgres: 'create table heirs () inherits (posts)' }],
  ['an heir less', { postgres: 'alter table heirs no inherit posts' }],
  ['a domain with a check', { postgres: 'create domain d as int check (value > 0)' }],
  ['another schema', { postgres: 'create schema aside' }],
  ['another engine', { mysql: 'alter table labels engine = MyISAM' }],
  ['a table less', everywhere('drop table labels')],
]

/** What leaves the schema as it is. */
const others: readonly (readonly [string, Statements])[] = [
  ['rows', everywhere(`insert into users values (3, 'c')`)],
  ['statistics', { postgres: 'analyze', mysql: 'analyze table users' }],
  ['cleaning up', { postgres: 'vacuum freeze users' }],
  ['a rewrite', { postgres: 'vacuum full users', mysql: 'optimize table users' }],
  ['emptying', { postgres: 'truncate posts', mysql: 'truncate posts' }],
  ['a temporary table', everywhere('create temporary table passing (id int primary key)')],
  ['a sequence', { postgres: 'create sequence counting' }],
]

describeDatabases('the print of a schema', (name) => {
  let database: TestDatabase
  let outside: Knex
  let reader: Knex
  const print = (): Promise<string> => readSchemaPrint(name, catalogQuery(reader))

  beforeAll(async () => {
    database = await createDatabase(name)
    outside = knexFactory({ ...database.config, pool: { ...database.config.pool, min: 1, max: 1 } })
    reader = knexFactory(database.config)
    for (const sql of setUp) await outside.raw(sql)
  })
  afterAll(async () => {
    await outside.destroy()
    await reader.destroy()
    await database.drop()
  })

  test('stays as it is while the schema does', async () => {
    const first = await print()
    expect(first).not.toBe('')
    for (const [what, { [name]: sql }] of others) {
      if (sql !== undefined) await outside.raw(sql)
      expect(await print(), what).toBe(first)
    }
  })

  test('is another one after each change of it', async () => {
    let before = await print()
    for (const [what, { [name]: sql }] of changes) {
      if (sql === undefined) continue
      await outside.raw(sql)
      const now = await print()
      expect(now, what).not.toBe(before)
      before = now
    }
  })
})
