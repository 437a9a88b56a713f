import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

/** Columns that are declared to set rows apart. */
export const partition: ReadonlyMap<string, readonly string[]> = new Map([
  ['users', ['tenant']],
  ['codes', ['kind']],
  ['stamped', ['email', 'tenant']],
  ['echoing', ['tenant']],
])

/** The tables of the schema, children before parents. */
export const rowTables: readonly string[] = [
  'comments',
  'posts',
  'mentions',
  'notes',
  'users',
  'kids',
  'pairs',
  'nodes',
  'codes',
  'stamped',
  'echoing',
  'news',
]

/** Keys of every kind, foreign keys of every action and depth, triggers that change rows before and after. */
export async function createRowSchema(knex: Knex, dialect: Dialect): Promise<void> {
  await knex.schema.createTable('users', (t) => {
    t.increments('id')
    t.string('email', 60).notNullable().unique()
    t.integer('tenant').notNullable()
    t.uuid('ref').unique()
    t.string('name')
  })
  await knex.schema.createTable('posts', (t) => {
    t.increments('Id')
    t.integer('user_id').unsigned().references('users.id').onDelete('cascade').onUpdate('cascade')
    t.string('slug', 30).unique()
    t.string('body')
  })
  await knex.schema.createTable('comments', (t) => {
    t.increments('id')
    t.integer('post_id').unsigned().references('posts.Id').onDelete('cascade').onUpdate('cascade')
  })
  await knex.schema.createTable('mentions', (t) => {
    t.increments('id')
    t.string('email', 60).references('users.email').onDelete('set null').onUpdate('set null')
  })
  // Two ways from users to notes.
  await knex.schema.createTable('notes', (t) => {
    t.increments('id')
    t.integer('writer').unsigned().references('users.id').onDelete('cascade').onUpdate('cascade')
    t.integer('reader').unsigned().references('users.id').onDelete('set null')
  })
  await knex.schema.createTable('pairs', (t) => {
    t.integer('a').notNullable()
    t.integer('b').notNullable()
    t.integer('v').unique()
    t.primary(['a', 'b'])
  })
  await knex.schema.createTable('kids', (t) => {
    t.bigIncrements('id')
    t.integer('x')
    t.integer('y')
    t.foreign(['x', 'y'])
      .references(['a', 'b'])
      .inTable('pairs')
      .onDelete('set null')
      .onUpdate('cascade')
  })
  await knex.schema.createTable('nodes', (t) => {
    t.increments('id')
    t.integer('parent').unsigned().references('nodes.id').onDelete('cascade')
  })
  await knex.schema.createTable('codes', (t) => {
    t.string('code', 20).primary()
    t.integer('kind').defaultTo(7)
    t.integer('uses').notNullable().defaultTo(0)
  })
  for (const table of ['stamped', 'echoing'])
    await knex.schema.createTable(table, (t) => {
      t.increments('id')
      t.string('email', 60)
      t.integer('tenant')
    })
  await knex.schema.createTable('news', (t) => {
    t.increments('id')
    t.integer('about').unique()
  })
  for (const sql of triggers[dialect]) await knex.raw(sql)
}

/** Rows of `stamped` are changed on their way in; those of `echoing` afterwards, or another table's are. */
const triggers: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: [
    `create trigger stamp after insert on stamped begin insert into news (about) values (new.id + 1000); end`,
    `create trigger echo after update on echoing begin update echoing set tenant = 9 where id = new.id and tenant <> 9; end`,
  ],
  postgres: [
    `create function stamp() returns trigger language plpgsql as $$ begin
       new.email := coalesce(new.email, 'none') || 'x'; new.tenant := new.tenant + 1; return new; end $$`,
    `create trigger stamp before insert or update on stamped for each row execute function stamp()`,
    `create function echo() returns trigger language plpgsql as $$ begin
       update echoing set tenant = 9 where id = new.id and tenant <> 9; return null; end $$`,
    `create trigger echo after update on echoing for each row execute function echo()`,
  ],
  mysql: [
    `create trigger stamp_i before insert on stamped for each row set new.email = concat(coalesce(new.email, 'none'), 'x'), new.tenant = new.tenant + 1`,
    `create trigger stamp_u before update on stamped for each row set new.email = concat(coalesce(new.email, 'none'), 'x'), new.tenant = new.tenant + 1`,
    `create trigger echo after update on echoing for each row insert into news (about) values (new.id + 1000)`,
  ],
}

const uuid = (n: number): string => `00000000-0000-4000-8000-00000000000${String(n)}`

/** The uuid of a user of {@link seedRows}, or another one. */
export { uuid as seededUuid }

/** Fills the schema. */
export async function seedRows(knex: Knex): Promise<void> {
  const ids = [1, 2, 3, 4, 5, 6]
  await knex('users').insert(
    ids.map((id) => ({
      id,
      email: `u${String(id)}@x`,
      tenant: id % 3,
      ref: id > 4 ? null : uuid(id),
      name: 'n',
    })),
  )
  await knex('posts').insert(
    ids.map((Id) => ({ Id, user_id: Id > 5 ? null : Id + 1, slug: `s${String(Id)}`, body: 'b' })),
  )
  await knex('comments').insert(ids.map((id) => ({ id, post_id: (id % 6) + 1 })))
  await knex('mentions').insert(
    ids.map((id) => ({ id, email: id > 5 ? null : `u${String(id)}@x` })),
  )
  await knex('notes').insert(ids.map((id) => ({ id, writer: id, reader: id < 4 ? id + 3 : null })))
  await knex('pairs').insert(ids.map((a) => ({ a, b: a % 2, v: a > 4 ? null : a })))
  await knex('kids').insert(ids.map((id) => ({ id, x: id > 5 ? null : id, y: id % 2 })))
  await knex('nodes').insert(ids.map((id) => ({ id, parent: id > 1 ? id - 1 : null })))
  await knex('codes').insert(ids.map((id) => ({ code: `c${String(id)}`, kind: id % 3, uses: 0 })))
  for (const table of ['stamped', 'echoing'])
    await knex(table).insert(ids.map((id) => ({ id, email: `u${String(id)}@x`, tenant: id % 3 })))
  if (knex.client.driverName !== 'pg') return
  for (const [table, column] of [
    ['users', 'id'],
    ['posts', 'Id'],
    ['comments', 'id'],
    ['mentions', 'id'],
    ['notes', 'id'],
    ['kids', 'id'],
    ['nodes', 'id'],
    ['stamped', 'id'],
    ['echoing', 'id'],
  ])
    await knex.raw(
      `select setval(pg_get_serial_sequence('${String(table)}', '${String(column)}'), 100)`,
    )
}
