import type { ReadShape } from './shapes.ts'

const postsUsers = ['posts', 'users']

const sqliteReads: readonly ReadShape[] = [
  {
    name: 'withSchema',
    query: (k) => k.withSchema('main').from('posts').select('id'),
    tables: ['posts'],
  },
  { name: 'schema in the name', query: (k) => k('main.posts').select('id'), tables: ['posts'] },
  {
    name: 'withSchema join',
    query: (k) =>
      k
        .withSchema('main')
        .from('posts')
        .join('users', 'users.id', 'posts.user_id')
        .select('posts.id'),
    tables: postsUsers,
  },
  {
    name: 'jsonExtract',
    query: (k) => k('posts').jsonExtract('views', '$', 'a'),
    tables: ['posts'],
  },
  {
    name: 'x in table',
    query: (k) => k.raw(`select id from posts where 'a1' in one_tag`),
    tables: ['posts', 'one_tag'],
  },
  {
    name: 'x not in main.table',
    query: (k) => k.raw('select id from posts where title not in main.one_tag'),
    tables: ['posts', 'one_tag'],
  },
  {
    name: 'names in three quotes',
    query: (k) => k.raw('select [p].id from "posts" p, `users` u, [tags] t'),
    tables: ['posts', 'users', 'tags'],
  },
  {
    name: 'name in single quotes',
    query: (k) => k.raw(`select id from 'posts'`),
    tables: ['posts'],
  },
  {
    name: 'table-valued function',
    query: (k) => k.raw(`select j.value from posts, json_each('[1,2]') j`),
    tables: ['posts'],
  },
  {
    name: 'values',
    query: (k) => k.raw('values (1, (select max(id) from tags))'),
    tables: ['tags'],
  },
  {
    name: 'strftime over a column',
    query: (k) => k.raw(`select strftime('%Y', title) as y from posts`),
    tables: ['posts'],
  },
  {
    name: 'replaced cells',
    query: (k) => k('cells').join('cell_notes', 'cells.id', 'cell_notes.cell_id').select('note'),
    tables: ['cells', 'cell_notes'],
  },
  {
    name: "date('now')",
    query: (k) => k.raw(`select id, date('now') as d from posts`),
    tables: ['posts'],
    bypass: 'volatile',
  },
  {
    name: 'random()',
    query: (k) => k('posts').orderByRaw('random()'),
    tables: ['posts'],
    bypass: 'volatile',
  },
]

const postgresReads: readonly ReadShape[] = [
  {
    name: 'lateral',
    query: (k) =>
      k('posts')
        .joinRaw(
          'cross join lateral (select count(*) as n from comments c where c.post_id = posts.id) x',
        )
        .select('posts.id', 'x.n'),
    tables: ['posts', 'comments'],
  },
  {
    name: 'distinct on',
    query: (k) => k('posts').distinctOn('user_id').select('user_id').orderBy('user_id'),
    tables: ['posts'],
  },
  {
    name: 'from only',
    query: (k) => k('animals', { only: true }).select('id'),
    tables: ['animals'],
  },
  {
    name: 'cast, array, any',
    query: (k) =>
      k('posts')
        .select(k.raw('id::text, array(select name from tags) as t'))
        .whereRaw('id = any(?)', [[1, 2]]),
    tables: ['posts', 'tags'],
  },
  {
    name: 'extract from, is distinct from',
    query: (k) =>
      k.raw(
        `select extract(year from timestamp '2020-01-01') as y, p.id from posts p where p.title is distinct from 'users'`,
      ),
    tables: ['posts'],
  },
  {
    name: 'dollar string',
    query: (k) => k.raw('select $x$ select * from users $x$ as s from posts'),
    tables: ['posts'],
  },
  { name: 'table command', query: (k) => k.raw('table posts'), tables: ['posts'] },
  {
    name: 'table in a subquery',
    query: (k) => k.raw('select id from posts where exists (table tags)'),
    tables: ['posts', 'tags'],
  },
  {
    name: 'filter, within group',
    query: (k) =>
      k('posts').select(
        k.raw(
          'count(*) filter (where views > 3) as c, percentile_cont(0.5) within group (order by views) as p',
        ),
      ),
    tables: ['posts'],
  },
  {
    name: 'materialized cte',
    query: (k) => k.withMaterialized('p', k('posts')).select('*').from('p'),
    tables: ['posts'],
  },
  {
    name: 'grouping sets',
    query: (k) =>
      k('posts').select('user_id').count('* as n').groupByRaw('grouping sets ((user_id),())'),
    tables: ['posts'],
  },
  { name: 'function that reads', query: (k) => k.raw('select count_posts() as n'), tables: [] },
  {
    name: 'function that calls a function',
    query: (k) => k.select(k.raw('count_all() as n')),
    tables: [],
  },
  {
    name: 'function in from',
    query: (k) => k.raw('select * from count_posts() as n, tags'),
    tables: ['tags'],
  },
  {
    name: 'join removal',
    query: (k) => k.raw('select p.id from posts p left join users u on u.id = p.user_id'),
    tables: postsUsers,
  },
  { name: 'schema in the name', query: (k) => k('public.posts').select('id'), tables: ['posts'] },
  {
    name: 'withSchema',
    query: (k) => k.withSchema('public').from('posts').select('id'),
    tables: ['posts'],
  },
  {
    name: 'whole row',
    query: (k) => k.raw('select p from posts p join users on users = users where p.id = 1'),
    tables: postsUsers,
  },
  { name: 'partitioned table', query: (k) => k('events').select('*'), tables: ['events'] },
  { name: 'one partition', query: (k) => k('events_low').select('*'), tables: ['events_low'] },
  {
    name: 'inheritance parent',
    query: (k) => k('animals').select('id', 'name'),
    tables: ['animals'],
  },
  { name: 'inheritance child', query: (k) => k('dogs').select('*'), tables: ['dogs'] },
  {
    name: 'materialized view',
    query: (k) => k('mv_post_counts').select('*'),
    tables: ['mv_post_counts'],
  },
  { name: 'rule source', query: (k) => k('inbox').count('* as n'), tables: ['inbox'] },
  {
    name: 'full outer join',
    query: (k) => k('posts').fullOuterJoin('users', 'users.id', 'posts.user_id').select('posts.id'),
    tables: postsUsers,
  },
  {
    name: 'rows from',
    query: (k) =>
      k.raw(
        'select * from rows from (generate_series(1, 2), generate_series(1, 3)) as t(a, b), tags',
      ),
    tables: ['tags'],
  },
  {
    name: 'tablesample',
    query: (k) => k.select('*').fromRaw('posts tablesample bernoulli(50)'),
    tables: ['posts'],
    bypass: 'volatile',
  },
  {
    name: 'now()',
    query: (k) => k.raw('select id, now() from posts'),
    tables: ['posts'],
    bypass: 'volatile',
  },
  {
    name: 'for update',
    query: (k) => k('posts').where('id', 1).forUpdate(),
    tables: ['posts'],
    bypass: 'locks',
  },
]

const mysqlReads: readonly ReadShape[] = [
  {
    name: 'index hint',
    query: (k) => k.select('p.id').fromRaw('posts as p force index (primary)'),
    tables: ['posts'],
  },
  {
    name: 'index hint for join, then comma',
    query: (k) =>
      k.raw('select p.id from posts p use index for order by (primary), tags t order by p.id'),
    tables: ['posts', 'tags'],
  },
  {
    name: 'straight_join',
    query: (k) =>
      k.raw('select straight_join p.id from posts p straight_join users u on u.id=p.user_id'),
    tables: postsUsers,
  },
  {
    name: 'string in double quotes',
    query: (k) => k.raw('select "from users" as x from posts # from tags\n limit 1'),
    tables: ['posts'],
  },
  {
    name: 'backslash in a string',
    query: (k) => k.raw(`select 'it\\'s from users' as x from posts`),
    tables: ['posts'],
  },
  {
    name: 'if() and interval',
    query: (k) =>
      k.raw(
        `select if(p.views>3,1,0) as z, date_add('2020-01-01', interval 1 day) as d from \`posts\` p`,
      ),
    tables: ['posts'],
  },
  {
    name: 'rlike, regexp',
    query: (k) => k.raw(`select id from posts where title rlike '^t' and title not regexp 'zz'`),
    tables: ['posts'],
  },
  {
    name: 'versioned comment',
    query: (k) => k.raw('select /*!50000 straight_join */ id from posts'),
    tables: ['posts'],
  },
  {
    name: 'table in a versioned comment',
    query: (k) => k.raw('select p.id from posts p /*!50000 , users u */'),
    tables: postsUsers,
  },
  { name: 'minus minus', query: (k) => k.raw('select 5--1 as six from posts'), tables: ['posts'] },
  { name: 'from dual', query: (k) => k.raw('select 1 as one from dual'), tables: [] },
  {
    name: 'jsonExtract',
    query: (k) => k('posts').jsonExtract('views', '$', 'a'),
    tables: ['posts'],
  },
  { name: 'function that reads', query: (k) => k.raw('select count_posts() as n'), tables: [] },
  {
    name: 'now()',
    query: (k) => k.raw('select id, now() as t from posts'),
    tables: ['posts'],
    bypass: 'volatile',
  },
  {
    name: 'user variable',
    query: (k) => k.raw('select id, @a as a from posts'),
    tables: ['posts'],
    bypass: 'volatile',
  },
  {
    name: 'for share',
    query: (k) => k.raw('select id from posts lock in share mode'),
    tables: ['posts'],
    bypass: 'locks',
  },
]

/** What only one database can say. */
export const dialectReads: readonly ReadShape[] = [
  ...sqliteReads.map((shape): ReadShape => ({ ...shape, only: ['sqlite'] })),
  ...postgresReads.map((shape): ReadShape => ({ ...shape, only: ['postgres'] })),
  ...mysqlReads.map((shape): ReadShape => ({ ...shape, only: ['mysql'] })),
]
