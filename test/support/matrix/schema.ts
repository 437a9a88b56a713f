import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

export { seedMatrix } from './seed.ts'
export { shapesFor, type ReadShape, type WriteShape } from './shapes.ts'

const commonTables = [
  'users',
  'profiles',
  'posts',
  'comments',
  'tags',
  'post_tags',
  'categories',
  'orders',
  'order_items',
  'audit_log',
  'stats',
  'kv',
  'memberships',
] as const

const ownTables: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['cells', 'cell_notes', 'one_tag'],
  postgres: ['events', 'events_low', 'events_high', 'animals', 'dogs', 'inbox', 'tickets'],
  mysql: [],
}

const ownViews: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['v_tag_names'],
  postgres: ['v_tag_names', 'mv_post_counts'],
  mysql: ['v_tag_names'],
}

/** Base tables of the matrix. */
export function matrixTables(dialect: Dialect): readonly string[] {
  return [...commonTables, ...ownTables[dialect]]
}

/** Everything in the matrix that can be selected from: tables and views. */
export function matrixRelations(dialect: Dialect): readonly string[] {
  return [...matrixTables(dialect), 'v_active_posts', 'v_nested', ...ownViews[dialect]]
}

/** Creates the schema of the matrix in an empty database: foreign keys, triggers, views, functions, partitions. */
export async function createMatrixSchema(knex: Knex, dialect: Dialect): Promise<void> {
  await createTables(knex)
  await knex.raw(
    `create view v_active_posts as select p.id, p.title, u.name as author
     from posts p join users u on u.id = p.user_id where p.status = 'published'`,
  )
  await knex.raw(
    `create view v_nested as select a.id, a.author,
       (select count(*) from comments c where c.post_id = a.id) as n from v_active_posts a`,
  )
  await knex.raw('create view v_tag_names as select id, name from tags')
  for (const statement of ownStatements[dialect]) await knex.raw(statement)
}

async function createTables(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (t) => {
    t.increments('id')
    t.string('name')
    t.string('email').unique()
    t.integer('age')
    t.integer('org_id')
  })
  await knex.schema.createTable('profiles', (t) => {
    t.integer('user_id').unsigned().references('users.id').onUpdate('CASCADE').onDelete('CASCADE')
    t.string('bio')
  })
  await knex.schema.createTable('posts', (t) => {
    t.increments('id')
    t.integer('user_id').unsigned().references('users.id').onDelete('CASCADE')
    t.string('title')
    t.string('status').defaultTo('draft')
    t.integer('views').defaultTo(0)
    t.integer('comment_count').defaultTo(0)
  })
  await knex.schema.createTable('comments', (t) => {
    t.increments('id')
    t.integer('post_id').unsigned().references('posts.id').onDelete('CASCADE')
    t.integer('user_id').unsigned().references('users.id').onDelete('SET NULL')
    t.string('body')
  })
  await knex.schema.createTable('tags', (t) => {
    t.increments('id')
    t.string('name').unique()
  })
  await knex.schema.createTable('post_tags', (t) => {
    t.integer('post_id').unsigned().references('posts.id').onDelete('CASCADE')
    t.integer('tag_id').unsigned().references('tags.id').onDelete('RESTRICT')
    t.primary(['post_id', 'tag_id'])
  })
  await knex.schema.createTable('categories', (t) => {
    t.increments('id')
    t.integer('parent_id').unsigned().references('categories.id').onDelete('CASCADE')
    t.string('name')
  })
  await knex.schema.createTable('orders', (t) => {
    t.increments('id')
    t.integer('user_id').unsigned()
    t.integer('total')
  })
  await knex.schema.createTable('order_items', (t) => {
    t.increments('id')
    t.integer('order_id').unsigned().references('orders.id').onDelete('CASCADE')
    t.integer('qty')
  })
  await knex.schema.createTable('audit_log', (t) => {
    t.increments('id')
    t.string('what')
  })
  for (const name of ['stats', 'kv']) {
    await knex.schema.createTable(name, (t) => {
      t.string('k', 50).primary()
      t.integer('v')
    })
  }
  await knex.schema.createTable('memberships', (t) => {
    t.integer('user_id')
    t.integer('group_id')
  })
}

const ownStatements: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [
    `create trigger comments_ai after insert on comments begin
       update posts set comment_count = comment_count + 1 where id = new.post_id;
       insert into audit_log(what) values (case when new.user_id is null then 'guest' else 'comment' end);
     end`,
    `create trigger orders_ad after delete on orders begin
       insert into stats(k, v) values ('deleted_orders', 1) on conflict(k) do update set v = v + 1;
     end`,
    `create trigger v_tag_names_ii instead of insert on v_tag_names begin
       insert into tags(name) values (new.name);
       insert into audit_log(what) values ('tag by view');
     end`,
    `create table cells (id integer primary key, k text unique on conflict replace, v integer)`,
    `create table one_tag (name text primary key)`,
    `create table cell_notes (cell_id integer references cells(id) on delete cascade, note text)`,
  ],
  postgres: [
    `create function f_comments_ai() returns trigger language plpgsql as $$ begin
       update posts set comment_count = comment_count + 1 where id = new.post_id;
       insert into audit_log(what) values ('comment');
       return null;
     end $$`,
    `create trigger comments_ai after insert on comments for each row execute function f_comments_ai()`,
    `create function f_orders_ad() returns trigger language plpgsql as $$ begin
       insert into stats(k, v) values ('deleted_orders', 1) on conflict(k) do update set v = stats.v + 1;
       return null;
     end $$`,
    `create trigger orders_ad after delete on orders for each row execute function f_orders_ad()`,
    `create function count_posts() returns bigint language sql stable as $$ select count(*) from posts $$`,
    `create function count_all() returns bigint language plpgsql stable as $$ begin
       return count_posts() + (select count(*) from comments);
     end $$`,
    `create function bump_kv(key text) returns void language plpgsql as $$ begin
       execute 'insert into kv(k, v) values ($1, 1) on conflict(k) do update set v = kv.v + 1' using key;
     end $$`,
    `create function note_visit(what text) returns int language sql volatile as $$
       insert into audit_log(what) values (what) returning id $$`,
    `create procedure age_users() language plpgsql as $$ begin update users set age = age + 1; end $$`,
    `create function next_ticket() returns int language plpgsql as $$ declare n int; begin
       insert into stats(k, v) values ('ticket', 1) on conflict(k) do update set v = stats.v + 1
         returning v into n;
       return n;
     end $$`,
    `create table tickets (id serial primary key, n int default next_ticket(), title text)`,
    `create table events (id int, v int) partition by range (id)`,
    `create table events_low partition of events for values from (0) to (100)`,
    `create table events_high partition of events for values from (100) to (1000)`,
    `create table animals (id int, name text)`,
    `create table dogs (breed text) inherits (animals)`,
    `create table inbox (id serial primary key, body text)`,
    `create rule inbox_log as on insert to inbox do also insert into audit_log(what) values ('inbox')`,
    `create materialized view mv_post_counts as select user_id, count(*) as n from posts group by user_id`,
  ],
  mysql: [
    `create trigger comments_ai after insert on comments for each row begin
       update posts set comment_count = comment_count + 1 where id = new.post_id;
       insert into audit_log(what) values ('comment');
     end`,
    `create trigger orders_ad after delete on orders for each row
       insert into stats(k, v) values ('deleted_orders', 1) on duplicate key update v = v + 1`,
    `create function count_posts() returns int reads sql data return (select count(*) from posts)`,
    `create function note_visit(what varchar(50)) returns int modifies sql data begin
       insert into audit_log(what) values (what);
       return 1;
     end`,
    `create procedure age_users() update users set age = age + 1`,
  ],
}
