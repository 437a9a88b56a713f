import type { Knex } from 'knex'
import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { exactTokens } from '../../../src/sql/predicates/exact-tokens.ts'
import { tableUses } from '../../../src/sql/predicates/table-uses.ts'
import { compiled } from '../../support/matrix/analyse.ts'
import { knexOf, shopCatalog, shownUses } from './shop.fixture.ts'

/** What Knex takes at run time, although its types do not say so. */
const loose = (value: unknown): never => value as never

interface Shape {
  readonly query: (k: Knex) => Knex.QueryBuilder | Knex.Raw
  readonly uses: string
  readonly only?: readonly Dialect[]
}

const shapes: Readonly<Record<string, Shape>> = {
  'where object': {
    query: (k) => k('posts').where({ id: 7, status: 'x' }),
    uses: 'posts[id=?0]',
  },
  'where with a table before': {
    query: (k) => k('posts').where('posts.id', 7).first() as Knex.QueryBuilder,
    uses: 'posts[id=?0]',
  },
  'where null': { query: (k) => k('posts').where({ user_id: null }), uses: 'posts[user_id=null]' },
  'whereNull, orWhere': {
    query: (k) => k('posts').whereNull('user_id').orWhere('slug', 'x'),
    uses: 'posts[slug=?0 | user_id=null]',
  },
  whereIn: { query: (k) => k('posts').whereIn('id', [1, 2, 3]), uses: 'posts[id=(?0|?1|?2)]' },
  'whereIn of nothing': { query: (k) => k('posts').whereIn('id', []), uses: '' },
  'whereIn of nothing, and a key': {
    query: (k) => k('posts').whereIn('slug', []).where('id', 1),
    uses: 'posts[id=?1]',
  },
  'whereIn of rows': {
    query: (k) =>
      k('posts').whereIn(
        ['id', 'user_id'],
        [
          [1, 2],
          [3, 4],
        ],
      ),
    uses: 'posts[id=(?0|?2) & user_id=(?1|?3)]',
  },
  whereNotIn: { query: (k) => k('posts').whereNotIn('id', [1, 2]), uses: '' },
  whereNot: {
    query: (k) => k('posts').whereNot({ id: 1 }).where('slug', 'x'),
    uses: 'posts[slug=?1]',
  },
  whereBetween: {
    query: (k) => k('posts').whereBetween('id', [1, 2]).where('user_id', 3),
    uses: 'posts[user_id=?2]',
  },
  'flat and/or': {
    query: (k) =>
      k('posts').where('id', 1).andWhere('slug', 'a').orWhere('user_id', 2).andWhere('title', 'b'),
    uses: 'posts[(id=?0 & slug=?1) | user_id=?2]',
  },
  'grouped or': {
    query: (k) =>
      k('posts')
        .where('user_id', 1)
        .where((b) => void b.where('id', 2).orWhere('title', 'x')),
    uses: 'posts[user_id=?0]',
  },
  whereRaw: {
    query: (k) =>
      k('posts').whereRaw('user_id = ? and title <> ?', [1, 'x']).orderBy('id').limit(3),
    uses: 'posts[user_id=?0]',
  },
  'whereRaw with names': {
    query: (k) => k('posts').whereRaw(':col: = :id', { col: 'posts.user_id', id: 1 }),
    uses: 'posts[user_id=?0]',
  },
  'where like': { query: (k) => k('posts').whereILike('slug', 'x%'), uses: '' },
  'count, group, having': {
    query: (k) =>
      k('posts')
        .select('status')
        .count('* as n')
        .where('user_id', 1)
        .groupBy('status')
        .having('n', '>', 2),
    uses: 'posts[user_id=?0]',
  },
  'distinct, pluck': {
    query: (k) =>
      k('posts').distinct('title').where('user_id', 1).pluck('title') as Knex.QueryBuilder,
    uses: 'posts[user_id=?0]',
  },
  paging: {
    query: (k) =>
      k('posts')
        .where('user_id', 1)
        .orderBy([{ column: 'id', order: 'desc' }])
        .limit(10)
        .offset(20),
    uses: 'posts[user_id=?0]',
  },
  'join pinned in where': {
    query: (k) =>
      k('posts').join('users', 'users.id', 'posts.user_id').where('users.id', 1).select('posts.*'),
    uses: 'posts[user_id=?0] users[id=?0]',
  },
  'join with aliases': {
    query: (k) => k('posts as p').join('users as u', 'u.id', '=', 'p.user_id').where('p.id', 1),
    uses: 'posts[id=?0]',
  },
  'join with values in on': {
    query: (k) =>
      k('posts as p').join(
        'users as u',
        (on) => void on.on('u.id', 'p.user_id').andOnVal('u.org_id', 3).onIn('p.id', [1, 2]),
      ),
    uses: 'posts[id=(?1|?2)] users[org_id=?0]',
  },
  'left join': {
    query: (k) => k('users as u').leftJoin('posts as p', 'p.user_id', 'u.id').where('u.id', 1),
    uses: 'posts[user_id=?0] users[id=?0]',
  },
  'left join, who has none': {
    query: (k) =>
      k('users as u')
        .leftJoin('posts as p', 'p.user_id', 'u.id')
        .whereNull('p.id')
        .where('u.org_id', 1),
    uses: 'users[org_id=?0]',
  },
  'left join with a value in on': {
    query: (k) =>
      k('users as u').leftJoin(
        'posts as p',
        (on) => void on.on('p.user_id', 'u.id').onVal('p.slug', 'x'),
      ),
    uses: 'posts[slug=?0]',
  },
  'right join': {
    query: (k) => k('posts as p').rightJoin('users as u', 'u.id', 'p.user_id').where('u.id', 1),
    uses: 'posts[user_id=?0] users[id=?0]',
  },
  'full join': {
    query: (k) => k('posts as p').fullOuterJoin('users as u', 'u.id', 'p.user_id').where('u.id', 1),
    uses: 'users[id=?0]',
    only: ['sqlite', 'postgres'],
  },
  'cross join': {
    query: (k) => k('tags').crossJoin(loose('users')).where({ 'tags.id': 1, 'users.id': 2 }),
    uses: 'tags[id=?0] users[id=?1]',
  },
  using: {
    query: (k) =>
      k('comments as c')
        .join('post_tags as t', (on) => void on.using('post_id'))
        .where('t.post_id', 1),
    uses: 'comments[post_id=?0] post_tags[post_id=?0]',
  },
  'using, left': {
    query: (k) =>
      k('comments as c')
        .leftJoin('post_tags as t', (on) => void on.using('post_id'))
        .where('t.post_id', 1),
    uses: 'post_tags[post_id=?0]',
  },
  'through three tables': {
    query: (k) =>
      k('posts')
        .join('post_tags', 'post_tags.post_id', 'posts.id')
        .join('tags', 'tags.id', 'post_tags.tag_id')
        .where('posts.id', 1),
    uses: 'post_tags[post_id=?0] posts[id=?0]',
  },
  'through three tables, all of them pinned': {
    query: (k) =>
      k('posts')
        .join('post_tags', 'post_tags.post_id', 'posts.id')
        .join('tags', 'tags.id', 'post_tags.tag_id')
        .where('posts.id', 1)
        .where('tags.name', 'x'),
    uses: 'post_tags[post_id=?0] posts[id=?0] tags[name=?1]',
  },
  'self join': {
    query: (k) => k('comments as a').join('comments as b', 'a.parent_id', 'b.id').where('b.id', 1),
    uses: 'comments[id=?0] comments[parent_id=?0]',
  },
  'in a subquery': {
    query: (k) =>
      k('posts')
        .whereIn('user_id', k('users').select('id').where('org_id', 1))
        .where('posts.id', 2),
    uses: 'posts[id=?1] users[org_id=?0]',
  },
  whereExists: {
    query: (k) =>
      k('users')
        .where('users.id', 1)
        .whereExists(
          k('posts').select(k.raw('1')).whereRaw('posts.user_id = users.id').where('slug', 'x'),
        ),
    uses: 'posts[slug=?1 & user_id=?0] users[id=?0]',
  },
  'count beside': {
    query: (k) =>
      k('users')
        .select('users.*', k('posts').count('*').where('posts.user_id', k.ref('users.id')).as('n'))
        .whereIn('users.id', [1, 2]),
    uses: 'posts[user_id=(?0|?1)] users[id=(?0|?1)]',
  },
  'from a subquery': {
    query: (k) => k.select('t.id').from(k('posts').where('user_id', 1).as('t')).where('t.id', 2),
    uses: 'posts[user_id=?0]',
  },
  'join a subquery': {
    query: (k) =>
      k('users')
        .join(
          k('posts')
            .select('user_id')
            .count('* as n')
            .groupBy('user_id')
            .where('user_id', 1)
            .as('c'),
          'c.user_id',
          'users.id',
        )
        .where('users.id', 1),
    uses: 'posts[user_id=?0] users[id=?1]',
  },
  'common table': {
    query: (k) =>
      k.with('mine', k('posts').where('user_id', 1)).select('*').from('mine').where('id', 2),
    uses: 'posts[user_id=?0]',
  },
  'recursive common table': {
    query: (k) =>
      k
        .withRecursive('tree', (b) => {
          void b
            .from('comments')
            .where('id', 1)
            .unionAll(function (this: Knex.QueryBuilder) {
              void this.from('comments as c').join('tree', 'tree.id', 'c.parent_id').select('c.*')
            } as never)
        })
        .from('tree')
        .join('users', 'users.id', 'tree.user_id')
        .where('users.id', 2),
    uses: 'users[id=?1]',
  },
  union: {
    query: (k) =>
      k('posts')
        .select('id')
        .where('user_id', 1)
        .union(loose([k('comments').select('id').where('user_id', 2)])),
    uses: 'comments[user_id=?1] posts[user_id=?0]',
  },
  'union in parentheses': {
    query: (k) =>
      k
        .queryBuilder()
        .union(
          [
            k('posts').select('id').where('user_id', 1),
            k('comments').select('id').where('user_id', 2),
          ],
          true,
        ),
    uses: 'comments[user_id=?1] posts[user_id=?0]',
    only: ['postgres', 'mysql'],
  },
  'union as a table': {
    query: (k) =>
      k
        .from(
          k('posts')
            .select('id')
            .where('user_id', 1)
            .unionAll(loose(k('tags').select('id').where('id', 2)))
            .as('u'),
        )
        .count('*'),
    uses: 'posts[user_id=?0] tags[id=?1]',
  },
  'with a schema': {
    query: (k) => k.withSchema('public').from('posts').where('id', 1),
    uses: 'posts[id=?0]',
    only: ['postgres'],
  },
  'with a schema, columns too': {
    query: (k) => k('shop.posts').where('shop.posts.id', 1),
    uses: '',
    only: ['mysql'],
  },
  'distinct on': {
    query: (k) => k('posts').distinctOn('user_id').where('user_id', 1).orderBy('user_id'),
    uses: 'posts[user_id=?0]',
    only: ['postgres'],
  },
  lateral: {
    query: (k) =>
      k('users')
        .joinRaw(
          'left join lateral (select * from posts where posts.user_id = users.id limit 1) as p on true',
        )
        .where('users.id', 1),
    uses: 'posts[user_id=?0] users[id=?0]',
    only: ['postgres'],
  },
  only: {
    query: (k) => k('posts', { only: true }).where('id', 1),
    uses: 'posts[id=?0]',
    only: ['postgres'],
  },
  uuid: {
    query: (k) => k('sessions').where('token', '7b0d4f5c-3c1e-4d0a-9d0e-3f6a4f1c2b3a'),
    uses: 'sessions[token=?0]',
  },
  'window function': {
    query: (k) => k('posts').where('user_id', 1).select('id').rowNumber('rn', 'id', 'user_id'),
    uses: 'posts[user_id=?0]',
  },
  'for update': {
    query: (k) => k('posts').where('id', 1).forUpdate(),
    uses: '',
    only: ['postgres', 'mysql'],
  },
  'order by raw, with a subquery': {
    query: (k) =>
      k('posts')
        .where('user_id', 1)
        .orderByRaw('(select count(*) from comments where comments.post_id = ?)', [2]),
    uses: 'comments[post_id=?1] posts[user_id=?0]',
  },
  'a view': {
    query: (k) => k('v_tags').join('posts', 'posts.id', 'v_tags.id').where('posts.id', 1),
    uses: 'posts[id=?0]',
  },
  raw: {
    query: (k) => k.raw('select * from posts where id = ? and user_id in (?, ?)', [1, 2, 3]),
    uses: 'posts[id=?0 & user_id=(?1|?2)]',
  },
}

for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
  describe(`what Knex compiles [${dialect}]`, () => {
    const knex = knexOf(dialect)
    const catalog = shopCatalog(dialect)
    for (const [name, { query, uses, only }] of Object.entries(shapes)) {
      if (only !== undefined && !only.includes(dialect)) continue
      test(name, () => {
        const sql = compiled(query(knex))
        const tokens = exactTokens(sql, catalog.rules)
        expect(tokens === undefined ? '' : shownUses(tableUses(tokens, catalog)), sql).toBe(uses)
      })
    }
  })
}
