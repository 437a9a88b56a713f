import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { WriteShape } from './shapes.ts'

const sql = (
  name: string,
  text: string,
  only?: readonly Dialect[],
  bindings: readonly Knex.RawBinding[] = [],
): WriteShape => ({
  name,
  ...(only === undefined ? {} : { only }),
  write: async (k) => await k.raw(text, bindings),
})

/** Writes as SQL text. */
export const rawWrites: readonly WriteShape[] = [
  sql('raw insert', 'insert into stats(k, v) values (?, ?)', undefined, ['raw', 1]),
  sql('raw update with ??', 'update ?? set ?? = ? where id = ?', undefined, [
    'posts',
    'title',
    'raw',
    2,
  ]),
  sql('raw delete after a comment', '/* c */ delete from memberships'),
  sql('raw delete before a comment', 'delete from memberships -- all of them'),
  sql('raw update in capitals', 'UPDATE users SET age = 33 WHERE id = 3'),
  sql('raw replace', `replace into kv(k, v) values ('a', 100)`, ['sqlite', 'mysql']),
  sql(
    'raw insert or replace of a parent',
    'insert or replace into orders(id, user_id, total) values (2, 9, 9)',
    ['sqlite'],
  ),
  sql('raw update or replace', `update or replace tags set name = 'a1' where name = 'leaf'`, [
    'sqlite',
  ]),
  sql('raw replace of a parent', 'replace into orders(id, user_id, total) values (2, 9, 9)', [
    'mysql',
  ]),
  sql('raw insert in brackets', `insert into [stats]([k], "v") values ('brackets', 1)`, ['sqlite']),
  sql(
    'raw writing ctes',
    `with d as (delete from memberships returning *), i as (insert into kv(k, v) values ('cte', 1) returning *)
     select count(*) from d`,
    ['postgres'],
  ),
  sql(
    'raw insert after a cte',
    `with s as (select 'w1' as a, 5 as b) insert into stats(k, v) select a, b from s`,
    ['sqlite', 'postgres'],
  ),
  sql(
    'raw insert with a cte inside',
    `insert into stats(k, v) with s as (select 'w2' as a, 5 as b) select a, b from s`,
    ['mysql'],
  ),
  sql('raw two statements', `update users set age = age + 1; update tags set name = name || 'm'`, [
    'postgres',
  ]),
  sql('raw do block', 'do $$ begin update users set age = age + 1; end $$', ['postgres']),
  sql('raw function with execute', `select bump_kv('fn')`, ['postgres']),
  {
    name: 'builder that calls a writing function',
    only: ['postgres'],
    write: async (k) => await k.select(k.raw(`bump_kv('fn2')`)),
  },
  sql('raw function that writes', `select note_visit('x')`, ['postgres', 'mysql']),
  sql('raw function that writes, in from', `select * from note_visit('x')`, ['postgres']),
  sql('raw call', 'call age_users()', ['postgres', 'mysql']),
  {
    name: 'raw prepare, execute',
    only: ['postgres'],
    write: (k) =>
      k.transaction(async (t) => {
        await t.raw('prepare pp as update users set age = 5')
        await t.raw('execute pp')
        await t.raw('deallocate pp')
      }),
  },
  {
    name: 'raw prepare, execute of text',
    only: ['mysql'],
    write: (k) =>
      k.transaction(async (t) => {
        await t.raw(`prepare pp from 'update users set age = 5'`)
        await t.raw('execute pp')
        await t.raw('deallocate prepare pp')
      }),
  },
  sql(
    'raw merge',
    `merge into kv using (select 'mg' as k, 3 as v) s on s.k = kv.k
     when matched then update set v = s.v when not matched then insert (k, v) values (s.k, s.v)`,
    ['postgres'],
  ),
  sql(
    'raw merge that deletes',
    `merge into orders o using users u on u.id = o.user_id when matched then delete`,
    ['postgres'],
  ),
  sql('raw truncate cascade', 'truncate posts cascade', ['postgres']),
  sql('raw truncate of two', 'truncate table only stats, memberships', ['postgres']),
  {
    name: 'raw refresh',
    only: ['postgres'],
    write: async (k) => {
      await k('posts').insert({ user_id: 4, title: 'counted' })
      await k.raw('refresh materialized view mv_post_counts')
    },
  },
  sql('raw delete only', 'delete from only animals', ['postgres']),
  sql('raw update with row list', `update users set (name, age) = ('rl', 8) where id = 4`, [
    'sqlite',
    'postgres',
  ]),
  sql('raw explain analyze', 'explain analyze update users set age = 77', ['postgres']),
  sql('raw analyze', 'analyze update users set age = 77', ['mysql']),
  sql('raw insert set', `insert into stats set k = 'is', v = 1 on duplicate key update v = 2`, [
    'mysql',
  ]),
  sql('raw insert without into', `insert stats values ('wi', 1)`, ['mysql']),
  sql('raw replace without into', `replace kv values ('a', 55)`, ['mysql']),
  sql(
    'raw update of two tables',
    'update users u, posts p set u.age = 44, p.views = 45 where u.id = p.user_id',
    ['mysql'],
  ),
  sql(
    'raw delete by alias',
    'delete c from comments c join users u on u.id = c.user_id where u.id = 3',
    ['mysql'],
  ),
  sql('raw delete of two tables', 'delete m, s from memberships m join stats s', ['mysql']),
  sql(
    'raw delete from using',
    'delete from m using memberships m join users u on u.id = m.user_id',
    ['mysql'],
  ),
  sql('raw update in a versioned comment', '/*!40000 update users set age = 12 */', ['mysql']),
  sql('raw with a backslash', `insert into audit_log(what) values ('it\\'s')`, ['mysql']),
  sql('raw insert through an instead-of trigger', `insert into v_tag_names(name) values ('iot')`, [
    'sqlite',
  ]),
]
