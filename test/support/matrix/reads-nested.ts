import type { Knex } from 'knex'
import type { ReadShape } from './shapes.ts'

const loose = (value: unknown): never => value as never

/** A callback that Knex calls with the builder as `this`. */
const inner = (build: (builder: Knex.QueryBuilder) => unknown): never =>
  loose(function (this: Knex.QueryBuilder) {
    build(this)
  })

/** `havingExists` is missing in Knex's types. */
const havingExists = (builder: unknown, callback: unknown): Knex.QueryBuilder =>
  (builder as { havingExists(callback: unknown): Knex.QueryBuilder }).havingExists(callback)

const postsUsers = ['posts', 'users']
const postsComments = ['posts', 'comments']

/** Subqueries in every clause, common table expressions, set operations, raw statements. */
export const nestedReads: readonly ReadShape[] = [
  {
    name: 'whereIn subquery',
    query: (k) => k('posts').whereIn('user_id', k('users').select('id').where('age', '>', 21)),
    tables: postsUsers,
  },
  {
    name: 'whereIn callback',
    query: (k) =>
      k('posts').whereIn(
        'user_id',
        inner((b) => b.select('id').from('users')),
      ),
    tables: postsUsers,
  },
  {
    name: 'whereNotIn subquery, nested',
    query: (k) =>
      k('posts').whereNotIn(
        'id',
        k('comments').select('post_id').whereIn('user_id', k('users').select('id')),
      ),
    tables: ['posts', 'comments', 'users'],
  },
  {
    name: 'whereIn tuple subquery',
    query: (k) =>
      k('posts').whereIn(['id', 'user_id'], loose(k('comments').select('post_id', 'user_id'))),
    tables: postsComments,
  },
  {
    name: 'whereExists builder',
    query: (k) =>
      k('users').whereExists(k('posts').select(k.raw('1')).whereRaw('posts.user_id = users.id')),
    tables: postsUsers,
  },
  {
    name: 'whereExists callback',
    query: (k) =>
      k('users').whereExists(
        inner((b) => b.select('*').from('posts').whereRaw('posts.user_id=users.id')),
      ),
    tables: postsUsers,
  },
  {
    name: 'whereNotExists',
    query: (k) =>
      k('users').whereNotExists(k.select('*').from('posts').whereRaw('posts.user_id=users.id')),
    tables: postsUsers,
  },
  {
    name: 'where = subquery',
    query: (k) => k('posts').where('user_id', '=', loose(k('users').max('id'))),
    tables: postsUsers,
  },
  {
    name: 'where (subquery) > value',
    query: (k) =>
      k('posts').where(
        loose(k.raw('(?)', [k('comments').count('*').where('post_id', k.ref('posts.id'))])),
        '>',
        0,
      ),
    tables: postsComments,
  },
  {
    name: 'where callback value',
    query: (k) =>
      k('posts').where(
        'user_id',
        '=',
        inner((b) => b.max('id').from('users')),
      ),
    tables: postsUsers,
  },
  {
    name: 'whereBetween subqueries',
    query: (k) =>
      k('posts').whereBetween(
        'id',
        loose([k('comments').min('post_id'), k('comments').max('post_id')]),
      ),
    tables: postsComments,
  },
  {
    name: 'join onIn subquery',
    query: (k) =>
      k('posts')
        .join(
          'users',
          (on) =>
            void on
              .on('users.id', 'posts.user_id')
              .onIn('users.id', loose(k('comments').select('user_id'))),
        )
        .select('users.id'),
    tables: ['posts', 'users', 'comments'],
  },
  {
    name: 'join onExists',
    query: (k) =>
      k('posts')
        .join(
          'users',
          (on) =>
            void on
              .on('users.id', 'posts.user_id')
              .onExists(inner((b) => b.select(k.raw('1')).from('profiles'))),
        )
        .select('users.id'),
    tables: ['posts', 'users', 'profiles'],
  },
  {
    name: 'join subquery',
    query: (k) =>
      k('posts')
        .join(
          k('comments').select('post_id').count('* as n').groupBy('post_id').as('c'),
          'c.post_id',
          'posts.id',
        )
        .select('c.n'),
    tables: postsComments,
  },
  {
    name: 'join subquery callback',
    query: (k) =>
      k('posts')
        .join(
          inner((b) => b.select('post_id').from('comments').as('c')),
          'c.post_id',
          'posts.id',
        )
        .select('posts.id'),
    tables: postsComments,
  },
  {
    name: 'from subquery',
    query: (k) => k.select('t.id').from(k('posts').where('status', 'published').as('t')),
    tables: ['posts'],
  },
  {
    name: 'from subquery callback',
    query: (k) => k.select('t.id').from(inner((b) => b.select('id').from('posts').as('t'))),
    tables: ['posts'],
  },
  {
    name: 'from raw subquery',
    query: (k) => k.select('t.id').from(loose(k.raw('(select id from posts) as t'))),
    tables: ['posts'],
  },
  {
    name: 'select subquery',
    query: (k) =>
      k('posts').select(
        'id',
        k('comments').count('*').whereRaw('comments.post_id = posts.id').as('n'),
      ),
    tables: postsComments,
  },
  {
    name: 'select subquery callback',
    query: (k) =>
      k('posts').select(
        'id',
        inner((b) => b.count('*').from('comments').as('n')),
      ),
    tables: postsComments,
  },
  {
    name: 'select subquery, object alias',
    query: (k) => k('posts').select(loose({ n: k('comments').count('*') })),
    tables: postsComments,
  },
  {
    name: 'select raw subquery',
    query: (k) =>
      k('posts').select(
        k.raw('(select count(*) from comments where comments.post_id = posts.id) as n'),
      ),
    tables: postsComments,
  },
  {
    name: 'select raw with a builder bound',
    query: (k) => k('posts').select(k.raw('(?) as n', [k('comments').count('*')])),
    tables: postsComments,
  },
  {
    name: 'raw in raw',
    query: (k) =>
      k('posts').select(k.raw('coalesce(?, 0) as n', [k.raw('(select max(id) from comments)')])),
    tables: postsComments,
  },
  {
    name: 'case with subqueries',
    query: (k) =>
      k('posts').select(
        k.raw(
          'case when id in (select post_id from comments) then 1 else (select min(id) from tags) end as z',
        ),
      ),
    tables: ['posts', 'comments', 'tags'],
  },
  {
    name: 'having subquery',
    query: (k) =>
      k('posts')
        .select('user_id')
        .count('* as n')
        .groupBy('user_id')
        .having('user_id', '=', loose(k('users').max('id'))),
    tables: postsUsers,
  },
  {
    name: 'havingRaw subquery',
    query: (k) =>
      k('posts')
        .select('user_id')
        .groupBy('user_id')
        .havingRaw('count(*) > (select count(*) from tags)'),
    tables: ['posts', 'tags'],
  },
  {
    name: 'havingExists',
    query: (k) =>
      havingExists(
        k('posts').select('user_id').groupBy('user_id'),
        inner((b) => b.select('*').from('tags')),
      ),
    tables: ['posts', 'tags'],
  },
  {
    name: 'orderBy subquery',
    query: (k) =>
      k('posts')
        .select('id')
        .orderBy(loose(k('comments').count('*').whereRaw('comments.post_id=posts.id')), 'desc'),
    tables: postsComments,
  },
  {
    name: 'orderByRaw subquery',
    query: (k) =>
      k('posts')
        .select('id')
        .orderByRaw('(select count(*) from comments where comments.post_id=posts.id)'),
    tables: postsComments,
  },
  {
    name: 'groupByRaw subquery',
    query: (k) =>
      k('posts')
        .count('* as n')
        .groupByRaw('(select age from users where users.id = posts.user_id)'),
    tables: postsUsers,
  },
  {
    name: 'whereRaw subquery',
    query: (k) => k('posts').whereRaw('user_id in (select id from users where age > ?)', [20]),
    tables: postsUsers,
  },
  {
    name: 'where raw value',
    query: (k) => k('posts').where('user_id', k.raw('(select max(id) from users)')),
    tables: postsUsers,
  },
  {
    name: 'cte',
    query: (k) =>
      k
        .with('p', k('posts').where('views', '>', 5))
        .select('*')
        .from('p'),
    tables: ['posts'],
  },
  {
    name: 'cte callback',
    query: (k) =>
      k
        .with('p', (b) => void b.select('*').from('posts'))
        .select('*')
        .from('p'),
    tables: ['posts'],
  },
  {
    name: 'cte raw',
    query: (k) => k.with('p', k.raw('select * from posts')).select('*').from('p'),
    tables: ['posts'],
  },
  {
    name: 'cte that shadows a table',
    query: (k) => k.with('users', k('posts').select('id')).select('*').from('users'),
    tables: ['posts'],
  },
  {
    name: 'cte chain',
    query: (k) =>
      k
        .with('a', k('posts').select('user_id'))
        .with('b', k('a').join('users', 'users.id', 'a.user_id').select('users.id'))
        .select('*')
        .from('b'),
    tables: postsUsers,
  },
  {
    name: 'cte recursive',
    query: (k) =>
      k
        .withRecursive('tree', (b) => {
          void b
            .select('id', 'parent_id')
            .from('categories')
            .whereNull('parent_id')
            .unionAll(
              inner((u) =>
                u
                  .select('c.id', 'c.parent_id')
                  .from('categories as c')
                  .join('tree', 'tree.id', 'c.parent_id'),
              ),
            )
        })
        .select('*')
        .from('tree'),
    tables: ['categories'],
  },
  {
    name: 'cte with columns',
    query: (k) =>
      k
        .with('p', loose(['x']), loose(k('posts').select('id')))
        .select('x')
        .from('p'),
    tables: ['posts'],
  },
  {
    name: 'cte in a subquery',
    query: (k) =>
      k('users').whereIn(
        'id',
        loose(k.with('p', k('posts').select('user_id')).select('user_id').from('p')),
      ),
    tables: postsUsers,
  },
  {
    name: 'union',
    query: (k) =>
      k('posts')
        .select('id')
        .union(loose(k('comments').select('id'))),
    tables: postsComments,
  },
  {
    name: 'unionAll of three',
    query: (k) =>
      k('posts')
        .select('id')
        .unionAll(loose([k('comments').select('id'), k('tags').select('id')])),
    tables: ['posts', 'comments', 'tags'],
  },
  {
    name: 'union callback',
    query: (k) =>
      k('posts')
        .select('id')
        .union(inner((b) => b.select('id').from('users'))),
    tables: postsUsers,
  },
  {
    name: 'union raw',
    query: (k) =>
      k('posts')
        .select('id')
        .union(loose(k.raw('select id from users'))),
    tables: postsUsers,
  },
  {
    name: 'intersect, except',
    query: (k) =>
      k('posts')
        .select('id')
        .intersect(loose(k('comments').select('id')))
        .except(loose(k('tags').select('id'))),
    tables: ['posts', 'comments', 'tags'],
  },
  {
    name: 'union at the root',
    query: (k) => k.queryBuilder().union([k('posts').select('id'), k('users').select('id')]),
    tables: postsUsers,
  },
  {
    name: 'select without from around a subquery',
    query: (k) => k.select(k.raw('(select max(id) from posts) as m')),
    tables: ['posts'],
  },
  {
    name: 'raw select',
    query: (k) =>
      k.raw(
        'select p.id from posts p left join users u on u.id = p.user_id where p.id in (select post_id from comments)',
      ),
    tables: ['posts', 'users', 'comments'],
  },
  {
    name: 'raw with cte',
    query: (k) =>
      k.raw(
        'with a as (select * from posts) select a.id from a join users on users.id = a.user_id',
      ),
    tables: postsUsers,
  },
  {
    name: 'raw ?? identifiers',
    query: (k) => k.raw('select ?? from ??', ['id', 'posts']),
    tables: ['posts'],
  },
  {
    name: 'raw comma join',
    query: (k) => k.raw('select 1 as one from posts, users, tags limit 1'),
    tables: ['posts', 'users', 'tags'],
  },
  {
    name: 'raw comma after on',
    query: (k) =>
      k.raw(
        'select count(*) as n from posts p join users u on u.id = p.user_id and p.id in (1, 2), tags t',
      ),
    tables: ['posts', 'users', 'tags'],
  },
  {
    name: 'raw join in parentheses',
    query: (k) =>
      k.raw(
        'select p.id from (posts p join users u on u.id=p.user_id) left join tags on tags.id=p.id',
      ),
    tables: ['posts', 'users', 'tags'],
  },
  {
    name: 'raw functions with from inside',
    query: (k) => k.raw(`select substr(title, 1, 2) as s from posts where trim(title) <> ''`),
    tables: ['posts'],
  },
  {
    name: 'raw exists in select list',
    query: (k) =>
      k.raw(
        'select exists (select 1 from comments where post_id = 1) as e, (select count(*) from kv) as n',
      ),
    tables: ['comments', 'kv'],
  },
  {
    name: 'raw with a comment first',
    query: (k) => k.raw('/* hint */ select id from posts -- from users'),
    tables: ['posts'],
  },
]
