import type { WriteShape } from './shapes.ts'

/** Schema changes, by builder and raw. */
export const schemaWrites: readonly WriteShape[] = [
  {
    name: 'add a column',
    write: (k) => k.schema.alterTable('users', (t) => void t.string('nick').defaultTo('n')),
    restore: async (k) => await k.raw('alter table users drop column nick'),
  },
  {
    name: 'rename a column',
    write: (k) => k.schema.alterTable('kv', (t) => void t.renameColumn('v', 'val')),
    restore: (k) => k.schema.alterTable('kv', (t) => void t.renameColumn('val', 'v')),
  },
  {
    name: 'drop a column',
    write: async (k) => {
      await k.schema.alterTable('memberships', (t) => void t.string('nick').defaultTo('n'))
      await k.schema.alterTable('memberships', (t) => void t.dropColumn('nick'))
      await k('memberships').insert({ user_id: 8, group_id: 8 })
    },
  },
  {
    name: 'create, fill and drop a table',
    mayChangeNothing: true,
    write: async (k) => {
      await k.schema.createTable('tmpx', (t) => void t.integer('a'))
      await k('tmpx').insert({ a: 1 })
      await k.schema.dropTable('tmpx')
    },
  },
  {
    name: 'rename a table and back',
    write: async (k) => {
      await k.schema.renameTable('memberships', 'mem2')
      await k('mem2').insert({ user_id: 1, group_id: 2 })
      await k.schema.renameTable('mem2', 'memberships')
    },
  },
  {
    name: 'swap two tables',
    write: async (k) => {
      await k.schema.renameTable('kv', 'kv_old')
      await k.schema.renameTable('stats', 'kv')
      await k.schema.renameTable('kv_old', 'stats')
    },
    restore: async (k) => {
      await k.schema.renameTable('kv', 'kv_old')
      await k.schema.renameTable('stats', 'kv')
      await k.schema.renameTable('kv_old', 'stats')
    },
  },
  {
    name: 'replace a view',
    only: ['postgres', 'mysql'],
    write: async (k) =>
      await k.raw(
        `create or replace view v_active_posts as select p.id, p.title, u.name as author
         from posts p join users u on u.id = p.user_id where p.status = 'draft'`,
      ),
    restore: async (k) =>
      await k.raw(
        `create or replace view v_active_posts as select p.id, p.title, u.name as author
         from posts p join users u on u.id = p.user_id where p.status = 'published'`,
      ),
  },
  {
    name: 'drop and create a view',
    write: async (k) => {
      await k.raw('drop view v_tag_names')
      await k.raw(`create view v_tag_names as select id, name from tags where name <> 'leaf'`)
    },
    restore: async (k) => {
      await k.raw('drop view v_tag_names')
      await k.raw('create view v_tag_names as select id, name from tags')
      if (k.client.dialect !== 'sqlite3') return
      await k.raw(
        `create trigger v_tag_names_ii instead of insert on v_tag_names begin
           insert into tags(name) values (new.name);
           insert into audit_log(what) values ('tag by view');
         end`,
      )
    },
  },
  {
    name: 'replace a function',
    only: ['postgres'],
    mayChangeNothing: true,
    write: async (k) =>
      await k.raw(
        'create or replace function count_posts() returns bigint language sql stable as $$ select count(*) from tags $$',
      ),
    restore: async (k) =>
      await k.raw(
        'create or replace function count_posts() returns bigint language sql stable as $$ select count(*) from posts $$',
      ),
  },
  {
    name: 'table from a query',
    mayChangeNothing: true,
    write: async (k) => {
      await k.raw('create table ctas as select * from users')
      await k.raw('drop table ctas')
    },
  },
  {
    name: 'select into',
    only: ['postgres'],
    mayChangeNothing: true,
    write: async (k) => {
      await k.raw('select * into ctas from users')
      await k.raw('drop table ctas')
    },
  },
  {
    name: 'alter a column',
    write: (k) =>
      k.schema.alterTable('order_items', (t) => void t.bigInteger('qty').notNullable().alter()),
    restore: (k) =>
      k.schema.alterTable('order_items', (t) => void t.integer('qty').nullable().alter()),
    mayChangeNothing: true,
  },
  {
    name: 'schema change in a transaction',
    write: (k) =>
      k.transaction((t) =>
        t.schema.alterTable('categories', (x) => void x.integer('zz').defaultTo(4)),
      ),
    restore: (k) => k.schema.alterTable('categories', (t) => void t.dropColumn('zz')),
  },
  {
    name: 'schema change in a transaction that rolls back',
    mayChangeNothing: true,
    write: async (k) => {
      const attempt = k.transaction(async (t) => {
        await t('kv').insert({ k: 'pre-ddl', v: 1 })
        await t.schema.createTable('tmpy', (x) => void x.integer('a'))
        throw new Error('undo')
      })
      await attempt.catch(() => undefined)
    },
    restore: (k) => k.schema.dropTableIfExists('tmpy'),
  },
  {
    name: 'migration',
    write: (k) =>
      k.migrate.latest({
        migrationSource: {
          getMigrations: () => Promise.resolve(['m1']),
          getMigrationName: (name: string) => name,
          getMigration: () =>
            Promise.resolve({
              up: async (t) => {
                await t('users').where('id', 3).update({ age: 72 })
              },
              down: () => Promise.resolve(),
            }),
        },
      }),
    restore: async (k) => {
      await k.schema.dropTableIfExists('knex_migrations')
      await k.schema.dropTableIfExists('knex_migrations_lock')
    },
  },
]
