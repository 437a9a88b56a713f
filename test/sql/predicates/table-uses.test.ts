import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { usesOf } from './shop.fixture.ts'

const dialects = ['sqlite', 'postgres', 'mysql'] as const

/** Texts that mean the same everywhere, with the uses that must be found. */
const everywhere: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'one table': {
    'select * from posts': '',
    'select * from posts where id = ?': 'posts[id=?0]',
    'select * from posts where ? = id': 'posts[id=?0]',
    'select * from posts where posts.id = 7': 'posts[id=7]',
    'select p.* from posts p where p.id = -7': 'posts[id=-7]',
    'select p.* from posts as p where id in (?, 2, ?)': 'posts[id=(?0|2|?1)]',
    "select * from posts where slug = 'it''s'": "posts[slug=it's]",
    'select * from posts where user_id is null': 'posts[user_id=null]',
    'select * from posts where title = ?': '',
    'select * from posts where title = ? and id = ?': 'posts[id=?1]',
    'select * from posts where id = ? and slug = ?': 'posts[id=?0 & slug=?1]',
    'select * from posts where id = ? or slug = ?': 'posts[id=?0 | slug=?1]',
    'select * from posts where id = ? or id = ? or id = 3': 'posts[id=(?0|?1|3)]',
    'select * from posts where id = ? or title = ?': '',
    'select * from posts where user_id = ? and (id = ? or title = ?)': 'posts[user_id=?0]',
    'select * from posts where user_id = ? and (id = ? or slug = ?)':
      'posts[(id=?1 | slug=?2) & user_id=?0]',
    'select * from posts where (id, user_id) = (?, ?)': 'posts[id=?0 & user_id=?1]',
    'select * from posts where (id, user_id) in ((?, ?), (?, ?))':
      'posts[id=(?0|?2) & user_id=(?1|?3)]',
    'select * from posts where 1 = 0': 'posts[none]',
    'select * from posts where 1 = 1': '',
    'select * from posts where 1 = ?': '',
    'select * from posts where ? = ? and id = ?': 'posts[id=?2]',
    'select * from posts where not id = ? and user_id = ?': 'posts[user_id=?1]',
    'select * from posts where not (id = ? and user_id = ?)': '',
    'select * from posts where id <> ?': '',
    'select * from posts where id != ?': '',
    'select * from posts where id > ? and id <= ?': '',
    'select * from posts where id is not null and user_id = ?': 'posts[user_id=?0]',
    'select * from posts where id between ? and ? and user_id = ?': 'posts[user_id=?2]',
    'select * from posts where id not between ? and ? or user_id = ?': '',
    'select * from posts where id = ? + 1 and user_id = ?': 'posts[user_id=?1]',
    'select * from posts where id + 1 = ?': '',
    'select * from posts where abs(id) = ?': '',
    'select * from posts where id = abs(?)': '',
    'select * from posts where slug like ?': '',
    'select * from posts where case when id = ? then 1 else 0 end = 1 and user_id = ?':
      'posts[user_id=?1]',
    'select * from posts where case when id = 1 and user_id = 2 then 1 end = 1': '',
    'select * from posts where id in (?, ?) = true': '',
    'select * from posts where slug = 5': '',
    'select * from posts where slug = ? and slug = 5': 'posts[slug=?0]',
    'select * from posts where slug in (?, 5)': '',
    "select * from posts where id = '5'": 'posts[id=5]',
    'select * from posts where id = 1.5': 'posts[id=1.5]',
    'select * from posts where other.id = ?': '',
    'select * from posts where shop.posts.id = ?': '',
    'select * from posts p where posts.id = ?': '',
    'select * from posts where ghost = ?': '',
    'select count(*) from posts where user_id = ? group by status having count(*) > ? order by status limit ?':
      'posts[user_id=?0]',
    'select user_id from posts group by user_id having user_id = ?': '',
    'select distinct user_id from posts where user_id = ? order by user_id desc limit 3 offset ?':
      'posts[user_id=?0]',
    'select id, row_number() over (partition by user_id order by id) as n from posts where user_id = ?':
      'posts[user_id=?0]',
    'select * from (select * from posts where user_id = ?) t where t.id = ?': 'posts[user_id=?0]',
    'select * from posts where id = ? and id = ? and id = ? and id = ? and id = ?':
      'posts[id=?0 & id=?1 & id=?2 & id=?3]',
  },

  'joins that restrict both sides': {
    'select * from posts join users on users.id = posts.user_id where posts.id = ?': 'posts[id=?0]',
    'select * from posts p join users u on u.id = p.user_id where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from posts p join users u on u.id = p.user_id and u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from posts p, users u where u.id = p.user_id and u.id in (?, ?)':
      'posts[user_id=(?0|?1)] users[id=(?0|?1)]',
    'select * from posts p inner join users u on u.id = ? where p.id = ?':
      'posts[id=?1] users[id=?0]',
    'select * from posts p cross join users u where u.id = ?': 'users[id=?0]',
    'select * from posts p join users u on u.id = p.user_id or u.id = ?': '',
    'select * from posts p join users u on u.id = p.user_id where u.id = ? or p.id = ?': '',
    'select * from posts p join users u on u.id = p.user_id where slug = ? and email = ?':
      'posts[slug=?0] users[email=?1]',
    'select * from posts p join users u on u.id = p.user_id where id = ?': '',
    'select * from comments a join comments b on a.id = b.parent_id where a.id = ?':
      'comments[id=?0] comments[parent_id=?0]',
    'select * from comments a join comments b on a.id = b.parent_id where b.user_id = ?': '',
    'select * from posts join posts on posts.id = posts.user_id where posts.id = ?': '',
    'select * from users a join users b on a.email = b.email where b.email = ?': 'users[email=?0]',
    // Text and integers are compared by rules of their own.
    'select * from posts p join users u on u.email = p.id where u.email = ?': 'users[email=?0]',
    'select * from orgs o join users u on u.org_id = o.id join posts p on p.user_id = u.id join comments c on c.post_id = p.id where o.id = ? and u.id = ?':
      'orgs[id=?0] posts[user_id=?1] users[id=?1 & org_id=?0]',
    'select * from users u join posts p on p.user_id = u.id join comments c on c.user_id = p.user_id where u.id = ?':
      'comments[user_id=?0] posts[user_id=?0] users[id=?0]',
    'select * from users u join posts p on u.id = p.user_id join comments c on c.user_id = p.user_id where c.user_id = 9':
      'comments[user_id=9] posts[user_id=9] users[id=9]',
    'select * from posts p join post_tags using (post_id)': '',
    'select * from posts p join (select * from users where id = ?) u on u.id = p.user_id where p.id = ?':
      'posts[id=?1] users[id=?0]',
    'select * from posts p join (select 1 as id) u on u.id = p.user_id where slug = ?': '',
    'select * from posts p join (select 1 as id) u on u.id = p.user_id where p.slug = ?':
      'posts[slug=?0]',
  },

  'LEFT JOIN': {
    'select * from posts p left join users u on u.id = p.user_id where p.id = ?': 'posts[id=?0]',
    // The right side is pinned through the left.
    'select * from posts p left join users u on u.id = p.user_id where p.user_id = ?':
      'posts[user_id=?0] users[id=?0]',
    // ON says nothing of the left side.
    'select * from posts p left join users u on u.id = p.user_id and p.id = ?': '',
    'select * from posts p left join users u on u.id = ?': 'users[id=?0]',
    'select * from posts p left join users u on u.id = p.user_id and u.id = ?': 'users[id=?0]',
    // An equation in ON pins no left side.
    'select * from posts p left join users u on u.id = p.user_id where u.id = ?': 'users[id=?0]',
    // In WHERE it does: rows of NULLs are dropped.
    'select * from posts p left join users u on true where u.id = p.user_id and u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    // Who has none: not a question of users that are NULL somewhere.
    'select * from posts p left join users u on u.id = p.user_id where u.org_id is null': '',
    'select * from posts p left join users u on u.id = p.user_id where u.org_id is null and p.id = ?':
      'posts[id=?0]',
    'select * from posts p left join users u on u.id = p.user_id where p.user_id is null':
      'posts[user_id=null]',
    'select * from posts p left join users u on u.org_id is null': 'users[org_id=null]',
    'select * from posts p left join users u on u.id = p.user_id left join orgs o on o.id = u.org_id where p.user_id = ? and u.org_id = ?':
      'orgs[id=?1] posts[user_id=?0] users[id=?0 & org_id=?1]',
    'select * from posts p left join users u on u.org_id = ? left join orgs o on o.id = u.org_id':
      'orgs[id=?0] users[org_id=?0]',
    // An ON of an inner join above an outer one: as good as WHERE.
    'select * from posts p left join users u on u.id = p.user_id join orgs o on o.id = u.org_id and u.org_id = ?':
      'orgs[id=?0] users[org_id=?0]',
    'select * from posts p left join users u on u.id = p.user_id join orgs o on u.org_id is null':
      '',
    'select * from posts p left join users u on u.id = p.user_id join orgs o on p.user_id = ?':
      'posts[user_id=?0] users[id=?0]',
    // Inside the nullable side an inner join restricts what is inside.
    'select * from posts p left join (users u join orgs o on o.id = u.org_id and u.org_id = ?) on u.id = p.user_id':
      'orgs[id=?0] users[org_id=?0]',
    'select * from posts p left join (users u join orgs o on u.org_id is null and o.id = ?) on u.id = p.user_id':
      'orgs[id=?0] users[org_id=null]',
    'select * from posts p left join (users u join orgs o on o.id = u.org_id) on u.id = p.user_id where u.org_id is null':
      '',
    'select * from posts p left join (users u left join orgs o on o.id = u.org_id) on u.id = ? and o.code is null':
      'users[id=?0]',
    'select * from posts p left join (users u left join orgs o on o.id = u.org_id) on u.org_id = ?':
      'orgs[id=?0] users[org_id=?0]',
    'select * from posts p left join (users u join orgs o on o.id = u.org_id) on p.id = ?': '',
    'select * from (posts p left join users u on u.id = p.user_id) left join orgs o on o.id = p.id where p.id = ?':
      'orgs[id=?0] posts[id=?0]',
    'select * from users u left join posts p on p.user_id = u.id and p.slug = ? where u.id = ? or u.email = ?':
      'posts[slug=?0] users[email=?2 | id=?1]',
  },

  'RIGHT JOIN': {
    'select * from posts p right join users u on u.id = p.user_id where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from posts p right join users u on p.user_id = ?': 'posts[user_id=?0]',
    'select * from posts p right outer join users u on u.id = ?': '',
    'select * from posts p right join users u on u.id = p.user_id where p.slug is null': '',
    'select * from posts p right join users u on p.slug is null': 'posts[slug=null]',
    'select * from (posts p join tags t on t.id = p.id and p.slug is null) right join users u on u.id = p.user_id':
      'posts[slug=null]',
  },

  subqueries: {
    'select * from posts where user_id in (select id from users where org_id = ?)':
      'users[org_id=?0]',
    'select * from posts where id = ? and user_id not in (select id from users where org_id = ?)':
      'posts[id=?0] users[org_id=?1]',
    'select * from users u where exists (select 1 from posts p where p.user_id = u.id and p.slug = ?)':
      'posts[slug=?0]',
    // What a query inside says of a column outside does not restrict it.
    'select * from users u where exists (select 1 from posts p where u.id = ?)': '',
    'select * from users u where not exists (select 1 from posts p where p.id = ? and u.id = ?)':
      'posts[id=?0]',
    // What is known outside is known inside.
    'select * from users u where u.id = ? and exists (select 1 from posts p where p.user_id = u.id)':
      'posts[user_id=?0] users[id=?0]',
    'select u.*, (select count(*) from posts p where p.user_id = u.id) as n from users u where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select u.*, (select count(*) from posts p where p.user_id = u.id) as n from users u where u.id = ? or u.email = ?':
      'users[email=?1 | id=?0]',
    'select (select (select max(c.id) from comments c where c.user_id = u.id) from posts p where p.user_id = u.id) from users u where u.id = ?':
      'comments[user_id=?0] posts[user_id=?0] users[id=?0]',
    // The inner u is another.
    'select * from users u where u.id = ? and exists (select 1 from posts u where u.user_id = ?)':
      'posts[user_id=?1] users[id=?0]',
    'select * from users u where u.id = ? and exists (select 1 from posts p, comments u where p.user_id = u.id)':
      'users[id=?0]',
    // Without a qualifier it may be a column outside.
    'select * from users u where exists (select 1 from tags where email = ?)': '',
    'select * from posts where id = (select max(id) from posts where user_id = ?)': '',
    'select * from posts where id = ? and 3 > (select count(*) from posts where user_id = ?)':
      'posts[id=?0] posts[user_id=?1]',
    'select id from posts order by (select max(c.id) from comments c where c.post_id = ?)':
      'comments[post_id=?0]',
    'select count(*) as n from posts where id = ? group by (select org_id from users where users.id = ?) having max(id) > (select min(id) from tags where id = ?)':
      'posts[id=?0] tags[id=?2] users[id=?1]',
    'select t.* from (select p.id from posts p where p.user_id = ? union all select c.post_id from comments c where c.user_id = ?) t':
      'comments[user_id=?1] posts[user_id=?0]',
    'select case when exists (select 1 from users where id = ?) then 1 else 0 end as x':
      'users[id=?0]',
    'select coalesce((select max(id) from users where id = ?), (select 1)) as x': 'users[id=?0]',
    'select * from posts p join users u on u.id = p.user_id and u.id in (select c.user_id from comments c where c.post_id = p.id) where p.id = ?':
      'comments[post_id=?0] posts[id=?0]',
    // In a derived table the sources beside it cannot be seen.
    'select * from users u join (select * from posts p where p.user_id = u.id) x on true where u.id = ?':
      'users[id=?0]',
  },

  'set operations': {
    'select id from posts where id = ? union select id from users where id = ?':
      'posts[id=?0] users[id=?1]',
    'select id from posts where id = ? union all select id from posts where user_id = ? except select id from tags where id = ? order by 1 limit ?':
      'posts[id=?0] posts[user_id=?1] tags[id=?2]',
    'select id from posts where id = ? union select id from posts': '',
    'select id from posts where id = ? intersect select id from users': 'posts[id=?0]',
  },

  'common tables': {
    'with p as (select * from posts where user_id = ?) select * from p where p.id = ?':
      'posts[user_id=?0]',
    'with p as (select * from posts where user_id = ?), q as (select * from p join users on users.id = ?) select * from q':
      'posts[user_id=?0] users[id=?1]',
    'with p (a, b) as (select id, user_id from posts where id = ?) select * from p, posts where posts.user_id = ?':
      'posts[id=?0] posts[user_id=?1]',
    'with users as (select * from posts where id = ?) select * from users where id = ?':
      'posts[id=?0]',
    'select * from tags where id in (with p as (select id from posts where id = ?) select id from p)':
      'posts[id=?0]',
    'with recursive t as (select id from comments where id = ? union all select c.id from comments c join t on t.id = c.parent_id where c.user_id = ?) select * from t join users on users.id = ?':
      'users[id=?2]',
    'with recursive t as (select id from posts where id = ?), tags as (select 1) select * from tags, users where users.id = ?':
      'users[id=?1]',
    'with recursive t as (select id from tags), tags as (select 1) select * from users where users.id = ?':
      '',
    'with p as (select * from posts where id = ?) insert into users select * from p': '',
    'with p as (delete from posts where id = ? returning *) select * from users where id = ?': '',
  },

  'columns that belong to nobody in particular': {
    'select * from posts p, v_tags where slug = ?': '',
    'select * from posts p, v_tags where p.slug = ?': 'posts[slug=?0]',
    'select * from posts as p (id, user_id) where p.id = ?': '',
    'with x as (select 1 as slug) select * from posts p, x where slug = ?': '',
    'select * from ghosts g join posts p on p.id = g.id where p.id = ?': 'posts[id=?0]',
    'select * from ghosts g join posts p on p.id = g.id where g.id = ?': '',
  },

  'texts that are not understood': {
    'select * from posts where id = ? for update': '',
    'select * from posts where id = ?; select 1': '',
    'update posts set id = 1 where id = ?': '',
    'select * into x from posts where id = ?': '',
    'select * from posts where id = ? and': '',
    'select * from posts where id = ? select': '',
    'select * from posts where id = ?)': '',
    'select * from (posts where id = ?': '',
    'select * from posts left join users where posts.id = ? on 1 = 1 on 2 = 2': '',
    'select * from posts p join users u join orgs o on o.id = u.org_id on u.id = p.user_id where p.id = ?':
      '',
    'select * from (posts p join users u on u.id = p.user_id) x where p.id = ?': '',
    'select from where': '',
    '': '',
  },
}

/** What only one database says, or what each of them takes differently. */
const apart: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  sqlite: {
    'select * from posts p join users u on u.email = p.slug where u.email = ?':
      'posts[slug=?0] users[email=?0]',
    'select * from `posts` where `posts`.`id` = ?': 'posts[id=?0]',
    'select * from [posts] where "id" = ?': 'posts[id=?0]',
    'select * from posts where "ghost" = ?': '',
    'select * from main.posts where id = ?': 'posts[id=?0]',
    'select * from temp.posts where id = ?': '',
    "select * from 'posts' where id = ?": '',
    'select * from posts where id in ()': 'posts[none]',
    'select * from posts where (id, user_id) in ( values (?, ?), (?, ?))':
      'posts[id=(?0|?2) & user_id=(?1|?3)]',
    'select * from posts where id == ?': '',
    'select * from posts where id is ?': '',
    'select * from posts where slug = ? collate nocase and id = ?': 'posts[id=?1]',
    'select * from posts where false': '',
    'select * from posts where id = ?1': '',
    'select * from posts where id = :id': '',
    'select * from posts where id = $id': '',
    'select * from posts where id = 0x10': '',
    "select * from posts where slug = x'61'": '',
    'select * from posts where id in tags': '',
    'select (select 1 where 2 in tags) from posts where id = ?': '',
    'select * from posts where id = ? and offset = 5': 'posts[id=?0]',
    // Not the end of a condition: a column by that name.
    'select * from posts where id = ? and title = offset or user_id = ?':
      'posts[id=?0 | user_id=?1]',
    'select * from posts where id between 1 or 2 and 3 and user_id = ?': '',
    "select * from posts where id -> 'a' = ? and user_id = ?": 'posts[user_id=?1]',
    "select j.value from posts, json_each('[1]') j where posts.id = ?": 'posts[id=?0]',
    "select j.value from posts, json_each('[1]') j where slug = ?": '',
    'select * from posts indexed by x where id = ?': '',
    'select * from posts not indexed where id = ?': '',
    'select * from posts p left join users u where u.id = p.user_id and p.user_id = ?':
      'posts[user_id=?0] users[id=?0]',
    // The comma is a join like the others.
    'select * from posts p, users u right join orgs o on o.id = u.org_id where p.slug is null': '',
    'select * from posts p, users u join orgs o on p.id = ?': 'posts[id=?0]',
    'select * from posts p, users u on p.user_id = u.id where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from posts p full join users u on u.id = p.user_id and u.id = ?': '',
    'select * from posts p full join users u on u.id = p.user_id where u.id = ?': 'users[id=?0]',
    'select * from posts p full join users u on u.id = p.user_id where u.email is null': '',
    'select * from (posts p full join users u on u.id = p.user_id) join orgs o on o.id = p.id and p.id = ?':
      'orgs[id=?0] posts[id=?0]',
    // Every WITH may be recursive.
    'with posts as (select * from posts where id = ?) select * from posts': '',
    'with x as (select * from tags where id = ?), tags as (select 1) select * from x': '',
  },
  postgres: {
    'select * from posts p join users u on u.email = p.slug where u.email = ?':
      'posts[slug=?0] users[email=?0]',
    'select * from "posts" where "posts"."id" = ?': 'posts[id=?0]',
    'select * from public.posts where id = ?': 'posts[id=?0]',
    'select * from only posts where id = ?': 'posts[id=?0]',
    'select * from only (posts) where id = ?': 'posts[id=?0]',
    'select * from posts * where id = ?': 'posts[id=?0]',
    'select * from "Posts" "X", posts "x" where "X".id = ?': '',
    'select * from Posts P where p.id = ?': 'posts[id=?0]',
    'select * from "posts" "p" where p.id = ?': 'posts[id=?0]',
    // To the server these are two names.
    'select * from users "U" where exists (select 1 from posts u where "U".id = ?)': '',
    'with "Posts" as (select 1) select * from posts a, public.posts b where b.id = ?': '',
    // A function's name is its alias.
    'select * from users foo where foo.id = ? and exists (select 1 from posts p, foo(1) where p.user_id = foo.id)':
      'users[id=?0]',
    // What a condition cannot see here is found further out.
    'select * from users x where x.id = ? and exists (select 1 from (posts p join tags t on p.user_id = x.id) join users x on true where x.id = ?)':
      'users[id=?0] users[id=?1]',
    'select * from posts where id = $2 and user_id = $1': 'posts[id=?1 & user_id=?0]',
    'select * from posts where id = ?::int and user_id = ?': 'posts[user_id=?1]',
    'select * from posts where id::text = ?': '',
    'select * from posts where id = cast(? as int)': '',
    "select * from posts where slug = E'a' and id = 1": 'posts[id=1]',
    "select * from posts where slug = U&'a' and id = 1": 'posts[id=1]',
    "select * from posts where slug = N'a' and id = 1": 'posts[id=1]',
    "select * from posts where slug = $$a'b$$": "posts[slug=a'b]",
    "select * from posts where slug = 'a'\n'b' and id = 1": 'posts[id=1]',
    "select * from posts where slug = 'a?b' and id = $1": 'posts[id=?0 & slug=a?b]',
    'select * from posts where false': 'posts[none]',
    'select * from posts where id = any(?)': '',
    'select * from posts where id operator(pg_catalog.=) ?': '',
    "select * from posts where title @> '{}' and id = ?": 'posts[id=?0]',
    "select * from posts where title \\? 'a' and id = ?": 'posts[id=?0]',
    'select * from posts where array[id = 1 and id = 2] = array[true] and user_id = ?':
      'posts[user_id=?0]',
    'select * from posts where id is not distinct from ? and user_id = ?': 'posts[user_id=?1]',
    'select * from users where user = ?': '',
    'select distinct on (user_id) * from posts where user_id = ? order by user_id':
      'posts[user_id=?0]',
    'select count(*) filter (where id = ?) from posts where user_id = ?': 'posts[user_id=?1]',
    'select extract(year from title) from posts where user_id = ?': 'posts[user_id=?0]',
    'select * from users u, lateral (select * from posts p where p.user_id = u.id limit 3) x where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from users u left join lateral (select * from posts p where p.user_id = u.id) x on true where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    // A source that comes later cannot be meant.
    'select * from orgs o, lateral (select * from posts p where p.user_id = u.id) x, users u where u.id = ?':
      'users[id=?0]',
    'select * from users u, unnest(array(select p.id from posts p where p.user_id = u.id)) x where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from users u, generate_series(1, ?) with ordinality as s (n, i) where u.id = ?':
      'users[id=?1]',
    'select * from users u, generate_series(1, 2) as s (n int) where email = ?': '',
    'select * from count_posts(), users where users.id = ?': 'users[id=?0]',
    'select * from json_table(?) x, users where users.id = ?': '',
    'select * from rows from (generate_series(1, 2)) as t(a), users where users.id = ?': '',
    'select * from posts tablesample bernoulli(50) where id = ?': '',
    'table posts': '',
    'select * from users where id = ? and exists (table posts)': 'users[id=?0]',
    'select * from users u where id = ? and exists (table users)': '',
    'select * from posts p full join users u on u.id = p.user_id and u.id = ?': '',
    'select * from posts p, users u right join orgs o on o.id = u.org_id where p.slug is null':
      'posts[slug=null]',
    'select * from posts p join users u where u.id = p.user_id': '',
    'select * from posts p join users u left join orgs o on o.id = u.org_id on u.id = p.user_id where p.id = ?':
      '',
    'with posts as (select * from posts where id = ?) select * from posts': 'posts[id=?0]',
    'with x as (select * from tags where id = ?), tags as (select 1) select * from x':
      'tags[id=?0]',
    'with x as materialized (select * from tags where id = ?) select * from x': 'tags[id=?0]',
    'select * from posts where id = ? order by id fetch first 3 rows with ties': 'posts[id=?0]',
    'select user_id, count(*) from posts where user_id = ? group by grouping sets ((user_id), ())':
      'posts[user_id=?0]',
    "select * from posts where id = ? and title is not null window w as (order by 'x')":
      'posts[id=?0]',
    'select posts from posts where posts.id = ?': 'posts[id=?0]',
    'select from posts where id = ?': 'posts[id=?0]',
  },
  mysql: {
    // Each column may have a collation of its own.
    'select * from posts p join users u on u.email = p.slug where u.email = ?': 'users[email=?0]',
    'select * from `posts` where `posts`.`id` = ?': 'posts[id=?0]',
    'select * from posts where slug = "a"': 'posts[slug=a]',
    'select * from `shop`.`posts` where id = ?': 'posts[id=?0]',
    'select * from other.posts where id = ?': '',
    'select * from posts p where P.id = ?': '',
    'select * from posts p where p.ID = ? and P.id = 1': '',
    'SELECT * FROM posts p WHERE p.ID = ? and p.User_Id = 1': 'posts[id=?0 & user_id=1]',
    'select * from users U where exists (select 1 from posts u where U.id = ?)': '',
    'select * from posts where id <=> ?': '',
    'select * from posts where id = ? || user_id = ?': '',
    'select * from posts where id = ? and (slug = ? || user_id = ?)': 'posts[id=?0]',
    'select * from posts where id = ? && user_id = ?': '',
    'select * from posts where id = ? xor user_id = ?': '',
    'select * from posts where id = ? and user_id = ? xor 1': '',
    'select * from posts where (id = ? xor 1) and user_id = ?': 'posts[user_id=?1]',
    'select * from posts where @a := id = ? and user_id = ?': '',
    'select * from posts where ! id = ? and user_id = ?': 'posts[user_id=?1]',
    'select * from posts where binary slug = ? and user_id = ?': 'posts[user_id=?1]',
    "select * from posts where slug = _latin1'a' and id = 1": 'posts[id=1]',
    "select * from posts where slug = 'a' 'b' and id = 1": 'posts[id=1]',
    "select * from posts where slug = 'a\\'b' and id = 1": 'posts[id=1]',
    "select * from posts where slug = x'61' and id = 1": 'posts[id=1]',
    'select * from posts where slug = 0x61 and id = 1': 'posts[id=1]',
    'select * from posts where id = 1e1': '',
    // `id is null` may find the row inserted last.
    'select * from posts where id is null': '',
    'select * from posts where false': 'posts[none]',
    // The driver writes values wherever a question mark stands.
    "select * from posts where id = ? and title = 'what?'": '',
    'select * from posts where id = ? -- why?': '',
    'select * from posts where id = ? /* why? */': '',
    'select * from posts where id = ? and `why?` = 1': '',
    'select * from posts where id = ?1': '',
    'select * from posts where id = ??': '',
    'select * from posts where id=?and user_id=1': '',
    "select * from posts where slug = ?'a'": '',
    'select * from posts where id=? and user_id in (?,?)': 'posts[id=?0 & user_id=(?1|?2)]',
    'select /*! straight_join */ * from posts where id = ?': '',
    'select /* fine */ * from posts where id = ? # also fine': 'posts[id=?0]',
    'select straight_join p.id from posts p straight_join users u on u.id = p.user_id where u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from posts p join users u where u.id = p.user_id and u.id = ?':
      'posts[user_id=?0] users[id=?0]',
    'select * from posts p cross join tags t left join users u on u.id = p.user_id where p.user_id = ?':
      'posts[user_id=?0] users[id=?0]',
    // Which of the two is joined to the right one is decided later.
    'select * from posts p join users u right join orgs o on o.id = u.org_id where p.id = ?': '',
    'select * from posts p full join users u on u.id = p.user_id where p.id = ?': '',
    'select * from posts p left join (users u, orgs o) on u.id = p.user_id and o.id = ?':
      'orgs[id=?0]',
    'select * from posts force index (primary) where id = ?': '',
    'select * from posts partition (p0) where id = ?': '',
    'select if(id = 1, 2, 3), replace(title, 1, 2), left(title, 2) from posts where left(title, 1) = 1 and id = ?':
      'posts[id=?0]',
    'select id from posts where id = ? limit ?, ?': 'posts[id=?0]',
    'select user_id, count(*) from posts where user_id = ? group by user_id with rollup':
      'posts[user_id=?0]',
    'select * from json_table(title, "$") j, users where users.id = ?': '',
    'with posts as (select * from posts where id = ?) select * from posts': 'posts[id=?0]',
    'select id from posts where id = ? procedure analyse()': '',
    "select * from posts where id = ? into outfile 'x'": '',
    'select id from posts where id = ? lock in share mode': '',
  },
}

for (const dialect of dialects) {
  describe(`rows that a text depends on [${dialect}]`, () => {
    for (const [what, cases] of Object.entries(everywhere)) {
      test(what, () => {
        const found: Record<string, string> = {}
        for (const sql of Object.keys(cases)) found[sql] = usesOf(dialect, sql)
        expect(found).toEqual(cases)
      })
    }

    test('by rules of its own', () => {
      const found: Record<string, string> = {}
      for (const sql of Object.keys(apart[dialect])) found[sql] = usesOf(dialect, sql)
      expect(found).toEqual(apart[dialect])
    })
  })
}
