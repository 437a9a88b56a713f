import type { Knex } from 'knex'
import type { ReadShape } from './shapes.ts'

/** What Knex takes at run time, although its types do not say so. */
const loose = (value: unknown): never => value as never

/** One query level: tables, aliases, conditions, joins, aggregates. */
export const plainReads: readonly ReadShape[] = [
  { name: 'select *', query: (k) => k('posts'), tables: ['posts'] },
  { name: 'select columns', query: (k) => k('posts').select('id', 'title'), tables: ['posts'] },
  { name: 'alias as', query: (k) => k('posts as p').select('p.id'), tables: ['posts'] },
  { name: 'alias AS in capitals', query: (k) => k('posts AS p').select('p.id'), tables: ['posts'] },
  { name: 'alias as object', query: (k) => k({ p: 'posts' }).select('p.id'), tables: ['posts'] },
  { name: 'from()', query: (k) => k.from('posts').select('*'), tables: ['posts'] },
  { name: 'select().from()', query: (k) => k.select('*').from('posts'), tables: ['posts'] },
  { name: 'table()', query: (k) => k.queryBuilder().table('posts'), tables: ['posts'] },
  {
    name: 'ref as table',
    query: (k) =>
      k<Record<string, unknown>>(loose(k.ref('posts').as('p'))).select('*') as Knex.QueryBuilder,
    tables: ['posts'],
  },
  {
    name: 'first',
    query: (k) => k('posts').where({ id: 1 }).first() as Knex.QueryBuilder,
    tables: ['posts'],
  },
  { name: 'pluck', query: (k) => k('posts').pluck('id') as Knex.QueryBuilder, tables: ['posts'] },
  { name: 'count', query: (k) => k('posts').count('* as n'), tables: ['posts'] },
  {
    name: 'countDistinct',
    query: (k) => k('posts').countDistinct('user_id as n'),
    tables: ['posts'],
  },
  {
    name: 'sum, avg, min, max',
    query: (k) =>
      k('posts').sum('views as s').avg('views as a').min('views as mi').max('views as ma'),
    tables: ['posts'],
  },
  { name: 'distinct', query: (k) => k('posts').distinct('user_id'), tables: ['posts'] },
  {
    name: 'where object',
    query: (k) => k('posts').where({ id: 1, status: 'x' }),
    tables: ['posts'],
  },
  {
    name: 'where operator, or',
    query: (k) => k('posts').where('views', '>', 3).orWhere('id', 2),
    tables: ['posts'],
  },
  {
    name: 'where wrapped',
    query: (k) => k('posts').where((b) => void b.where('id', 1).orWhere('id', 2)),
    tables: ['posts'],
  },
  {
    name: 'whereNot, not null, between',
    query: (k) =>
      k('posts').whereNot('id', 3).whereNotNull('title').whereBetween('views', [0, 100]),
    tables: ['posts'],
  },
  { name: 'whereIn list', query: (k) => k('posts').whereIn('id', [1, 2]), tables: ['posts'] },
  {
    name: 'whereIn tuple',
    query: (k) =>
      k('posts').whereIn(
        ['id', 'user_id'],
        [
          [1, 2],
          [2, 3],
        ],
      ),
    tables: ['posts'],
  },
  { name: 'whereIn empty', query: (k) => k('posts').whereIn('id', []), tables: ['posts'] },
  {
    name: 'whereLike',
    only: ['sqlite', 'postgres'],
    query: (k) => k('posts').whereLike('title', 't%'),
    tables: ['posts'],
  },
  { name: 'whereILike', query: (k) => k('posts').whereILike('title', 'T%'), tables: ['posts'] },
  {
    name: 'order, limit, offset',
    query: (k) => k('posts').select('id').orderBy('id', 'desc').limit(3).offset(1),
    tables: ['posts'],
  },
  {
    name: 'group, having',
    query: (k) =>
      k('posts').select('user_id').count('* as n').groupBy('user_id').havingRaw('count(*) > 1'),
    tables: ['posts'],
  },
  {
    name: 'inner join',
    query: (k) => k('posts').join('users', 'users.id', 'posts.user_id').select('posts.*'),
    tables: ['posts', 'users'],
  },
  {
    name: 'left join with aliases',
    query: (k) =>
      k('posts as p').leftJoin('users as u', 'u.id', 'p.user_id').select('p.id', 'u.name'),
    tables: ['posts', 'users'],
  },
  {
    name: 'right join',
    query: (k) => k('posts').rightJoin('users', 'users.id', 'posts.user_id').select('users.id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'join object alias',
    query: (k) => k('posts').join({ u: 'users' }, 'u.id', 'posts.user_id').select('u.name'),
    tables: ['posts', 'users'],
  },
  {
    name: 'join using',
    query: (k) =>
      k('posts')
        .join('post_tags', (on) => void on.on('post_tags.post_id', 'posts.id'))
        .joinRaw('join comments using (post_id)')
        .select('posts.id'),
    tables: ['posts', 'post_tags', 'comments'],
  },
  {
    name: 'join callback',
    query: (k) =>
      k('posts')
        .join(
          'users',
          (on) => void on.on('users.id', 'posts.user_id').andOn('users.age', '>', k.raw('?', [3])),
        )
        .select('users.id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'join onVal',
    query: (k) =>
      k('posts')
        .leftJoin('users', (on) => void on.on('users.id', 'posts.user_id').onVal('users.age', 21))
        .select('users.id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'cross join',
    query: (k) => k('tags').crossJoin(loose('users')).select('tags.id'),
    tables: ['tags', 'users'],
  },
  {
    name: 'joinRaw',
    query: (k) =>
      k('posts').joinRaw('inner join users on users.id = posts.user_id').select('posts.id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'joinRaw cross',
    query: (k) => k('posts').joinRaw('cross join tags').select('posts.id'),
    tables: ['posts', 'tags'],
  },
  {
    name: 'join raw table',
    query: (k) =>
      k('posts')
        .join(loose(k.raw('users as u')), 'u.id', 'posts.user_id')
        .select('u.id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'self join',
    query: (k) =>
      k('categories as a').join('categories as b', 'a.parent_id', 'b.id').select('a.name'),
    tables: ['categories'],
  },
  {
    name: 'join of three',
    query: (k) =>
      k('posts')
        .join('post_tags', 'post_tags.post_id', 'posts.id')
        .join('tags', 'tags.id', 'post_tags.tag_id')
        .select('tags.name'),
    tables: ['posts', 'post_tags', 'tags'],
  },
  { name: 'fromRaw', query: (k) => k.select('*').fromRaw('posts'), tables: ['posts'] },
  {
    name: 'fromRaw list',
    query: (k) => k.select('p.id').fromRaw('posts p, users u where u.id = p.user_id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'from raw ??',
    query: (k) => k.select('p.id').from(k.raw('?? as ??', ['posts', 'p'])),
    tables: ['posts'],
  },
  { name: 'view', query: (k) => k('v_active_posts').select('*'), tables: ['v_active_posts'] },
  {
    name: 'nested view join',
    query: (k) => k('v_nested').join('tags', 'tags.id', 'v_nested.id').select('v_nested.id'),
    tables: ['v_nested', 'tags'],
  },
  {
    name: 'window rank',
    query: (k) => k('posts').select('id').rowNumber('rn', 'id', 'user_id'),
    tables: ['posts'],
  },
  {
    name: 'window raw',
    query: (k) =>
      k('posts').select(k.raw('sum(views) over (partition by user_id order by id) as s')),
    tables: ['posts'],
  },
  {
    name: 'literals and comments that look like SQL',
    query: (k) => k('posts').select(k.raw(`'from users' as x /* from tags */`)),
    tables: ['posts'],
  },
  {
    name: 'literal with a doubled quote',
    query: (k) => k('posts').whereRaw(`title <> 'x'' join users on 1=1'`),
    tables: ['posts'],
  },
  {
    name: 'value that looks like SQL',
    query: (k) => k('posts').where('title', 'select * from users'),
    tables: ['posts'],
  },
  {
    name: 'impossible where',
    query: (k) =>
      k('posts').join('users', 'users.id', 'posts.user_id').whereRaw('1 = 0').select('posts.id'),
    tables: ['posts', 'users'],
  },
  {
    name: 'modify',
    query: (k) =>
      k('posts').modify(
        (b) => void b.join('users', 'users.id', 'posts.user_id').select('posts.id'),
      ),
    tables: ['posts', 'users'],
  },
  {
    name: 'clone',
    query: (k) => k('posts').join('users', 'users.id', 'posts.user_id').clone().select('posts.id'),
    tables: ['posts', 'users'],
  },
  { name: 'no table', query: (k) => k.select(k.raw('1 as one')), tables: [] },
  {
    name: 'table without key',
    query: (k) => k('memberships').where('user_id', 1),
    tables: ['memberships'],
  },
  {
    name: 'key-value table',
    query: (k) => k('kv').where('k', 'a').first() as Knex.QueryBuilder,
    tables: ['kv'],
  },
  { name: 'trigger target', query: (k) => k('audit_log').count('* as n'), tables: ['audit_log'] },
  { name: 'counter table', query: (k) => k('stats').select('*'), tables: ['stats'] },
  { name: 'cascade child', query: (k) => k('profiles').select('*'), tables: ['profiles'] },
  {
    name: 'cascade grandchild join',
    query: (k) =>
      k('orders')
        .leftJoin('order_items as i', 'i.order_id', 'orders.id')
        .select('orders.id', 'i.qty'),
    tables: ['orders', 'order_items'],
  },
]
