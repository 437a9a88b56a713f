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

/**
 * Empties the tables of the matrix and fills them: every write shape changes something in this data.
 * All in one transaction, because it is done before each of many writes.
 */
export async function seedMatrix(knex: Knex): Promise<void> {
  const dialect = dialectOf(knex)
  const statements = [...emptying(knex, dialect), ...filling(knex), ...ownFilling[dialect](knex)]
  const texts = statements.map((statement) => statement.toQuery())
  if (dialect === 'postgres') {
    // In one message, which is a transaction of its own.
    await knex.raw(texts.join(';\n'))
    return
  }
  await knex.transaction(async (trx) => {
    for (const text of texts) await trx.raw(text)
  })
}

type Statement = Knex.QueryBuilder | Knex.Raw

function dialectOf(knex: Knex): Dialect {
  const client = knex.client as { readonly dialect: string }
  if (client.dialect === 'postgresql') return 'postgres'
  return client.dialect === 'mysql' ? 'mysql' : 'sqlite'
}

function emptying(knex: Knex, dialect: Dialect): Statement[] {
  const tables = [...emptyFirst, ...ownEmptyFirst[dialect], 'audit_log', 'stats']
  return tables.map((table) => knex(table).del())
}

const ownEmptyFirst: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['cell_notes', 'cells', 'one_tag'],
  postgres: ['events', 'animals', 'inbox', 'tickets'],
  mysql: [],
}

function filling(knex: Knex): Statement[] {
  const people = [1, 2, 3, 4].map((i) => ({
    id: i,
    name: `u${i}`,
    email: `u${i}@x`,
    age: 20 + i,
    org_id: i % 2,
  }))
  const posts = [1, 2, 3, 4, 5].map((i) => ({
    id: i,
    user_id: (i % 3) + 1,
    title: `t${i}`,
    status: i % 2 === 1 ? 'published' : 'draft',
    views: i * 10,
  }))
  return [
    knex('users').insert([...people, { id: 9, name: 'lone', email: 'l', age: null, org_id: null }]),
    knex('profiles').insert([1, 2, 9].map((i) => ({ user_id: i, bio: `b${i}` }))),
    knex('posts').insert(posts),
    knex('comments').insert(
      [1, 2, 3].map((i) => ({ id: i, post_id: i, user_id: i, body: `c${i}` })),
    ),
    knex('tags').insert(['tag1', 'tag2', 'a1', 'leaf'].map((name, i) => ({ id: i + 1, name }))),
    knex('post_tags').insert([1, 2].map((i) => ({ post_id: i, tag_id: i }))),
    knex('categories').insert({ id: 1, parent_id: null, name: 'root' }),
    knex('categories').insert({ id: 2, parent_id: 1, name: 'child' }),
    knex('orders').insert([1, 2].map((i) => ({ id: i, user_id: i, total: 5 + i }))),
    knex('order_items').insert([1, 2].map((i) => ({ id: i, order_id: i, qty: i }))),
    // What triggers wrote meanwhile.
    knex('audit_log').del(),
    knex('audit_log').insert({ id: 1, what: 'seed' }),
    knex('stats').insert({ k: 's0', v: 1 }),
    knex('kv').insert({ k: 'a', v: 0 }),
    knex('memberships').insert({ user_id: 1, group_id: 1 }),
  ]
}

const ownFilling: Readonly<Record<Dialect, (knex: Knex) => Statement[]>> = {
  sqlite: (knex) => [
    knex('cells').insert([1, 2].map((i) => ({ id: i, k: `c${i}`, v: i }))),
    knex('one_tag').insert({ name: 'a1' }),
    knex('cell_notes').insert([1, 2].map((i) => ({ cell_id: i, note: `n${i}` }))),
  ],
  postgres: (knex) => [
    knex('events').insert([1, 2, 150].map((i) => ({ id: i, v: i }))),
    knex('animals').insert({ id: 1, name: 'cat' }),
    knex('dogs').insert({ id: 2, name: 'rex', breed: 'pug' }),
    knex('tickets').insert({ id: 1, n: 0, title: 'first' }),
    ...[...counted, 'inbox', 'tickets'].map((table) =>
      knex.raw(`select setval(pg_get_serial_sequence('${table}', 'id'), 1000)`),
    ),
    knex.raw('refresh materialized view mv_post_counts'),
  ],
  mysql: () => [],
}
