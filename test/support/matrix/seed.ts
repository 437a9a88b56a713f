import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

const emptyFirst = [
  'post_tags',
  'tags',
  'comments',
  'posts',
  'profiles',
  'order_items',
  'orders',
  'users',
  'categories',
  'audit_log',
  'stats',
  'kv',
  'memberships',
]

/** Tables with a counter that must not collide with the seeded ids. */
const counted = [
  'users',
  'posts',
  'comments',
  'tags',
  'categories',
  'orders',
  'order_items',
  'audit_log',
]

/** Empties the tables of the matrix and fills them: every write shape changes something in this data. */
export async function seedMatrix(knex: Knex): Promise<void> {
  const dialect = dialectOf(knex)
  await emptyTables(knex, dialect)
  await fillTables(knex)
  if (dialect === 'sqlite') {
    await knex('cells').insert([1, 2].map((i) => ({ id: i, k: `c${i}`, v: i })))
    await knex('one_tag').insert({ name: 'a1' })
    await knex('cell_notes').insert([1, 2].map((i) => ({ cell_id: i, note: `n${i}` })))
  }
  if (dialect === 'postgres') await fillPostgres(knex)
}

function dialectOf(knex: Knex): Dialect {
  const client = knex.client as { readonly dialect: string }
  if (client.dialect === 'postgresql') return 'postgres'
  return client.dialect === 'mysql' ? 'mysql' : 'sqlite'
}

async function emptyTables(knex: Knex, dialect: Dialect): Promise<void> {
  for (const table of emptyFirst) await knex(table).del()
  if (dialect === 'sqlite')
    for (const table of ['cell_notes', 'cells', 'one_tag']) await knex(table).del()
  if (dialect === 'postgres') {
    for (const table of ['events', 'animals', 'inbox', 'tickets']) await knex(table).del()
  }
  await knex('audit_log').del()
  await knex('stats').del()
}

async function fillTables(knex: Knex): Promise<void> {
  const people = [1, 2, 3, 4].map((i) => ({
    id: i,
    name: `u${i}`,
    email: `u${i}@x`,
    age: 20 + i,
    org_id: i % 2,
  }))
  await knex('users').insert([
    ...people,
    { id: 9, name: 'lone', email: 'l', age: null, org_id: null },
  ])
  await knex('profiles').insert([1, 2, 9].map((i) => ({ user_id: i, bio: `b${i}` })))
  await knex('posts').insert(
    [1, 2, 3, 4, 5].map((i) => ({
      id: i,
      user_id: (i % 3) + 1,
      title: `t${i}`,
      status: i % 2 === 1 ? 'published' : 'draft',
      views: i * 10,
    })),
  )
  await knex('comments').insert(
    [1, 2, 3].map((i) => ({ id: i, post_id: i, user_id: i, body: `c${i}` })),
  )
  await knex('tags').insert(['tag1', 'tag2', 'a1', 'leaf'].map((name, i) => ({ id: i + 1, name })))
  await knex('post_tags').insert([1, 2].map((i) => ({ post_id: i, tag_id: i })))
  await knex('categories').insert({ id: 1, parent_id: null, name: 'root' })
  await knex('categories').insert({ id: 2, parent_id: 1, name: 'child' })
  await knex('orders').insert([1, 2].map((i) => ({ id: i, user_id: i, total: 5 + i })))
  await knex('order_items').insert([1, 2].map((i) => ({ id: i, order_id: i, qty: i })))
  await knex('audit_log').del()
  await knex('audit_log').insert({ id: 1, what: 'seed' })
  await knex('stats').insert({ k: 's0', v: 1 })
  await knex('kv').insert({ k: 'a', v: 0 })
  await knex('memberships').insert({ user_id: 1, group_id: 1 })
}

async function fillPostgres(knex: Knex): Promise<void> {
  await knex('events').insert([1, 2, 150].map((i) => ({ id: i, v: i })))
  await knex('animals').insert({ id: 1, name: 'cat' })
  await knex('dogs').insert({ id: 2, name: 'rex', breed: 'pug' })
  await knex('tickets').insert({ id: 1, n: 0, title: 'first' })
  for (const table of [...counted, 'inbox', 'tickets']) {
    await knex.raw(`select setval(pg_get_serial_sequence('${table}', 'id'), 1000)`)
  }
  await knex.raw('refresh materialized view mv_post_counts')
}
