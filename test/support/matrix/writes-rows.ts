import type { Knex } from 'knex'
import type { WriteShape } from './shapes.ts'

const loose = (value: unknown): never => value as never

/** Runs a builder whose type does not matter here. */
const run = async (query: PromiseLike<unknown>): Promise<unknown> => await query

const upserting = (knex: Knex, table: string): { upsert(row: object): PromiseLike<unknown> } =>
  knex(table)

/** Writes through the query builder. */
export const rowWrites: readonly WriteShape[] = [
  { name: 'insert', write: (k) => run(k('tags').insert({ name: 'x1' })) },
  { name: 'insert list', write: (k) => run(k('tags').insert([{ name: 'b1' }, { name: 'b2' }])) },
  {
    name: 'insert returning',
    only: ['sqlite', 'postgres'],
    write: (k) => run(k('tags').insert({ name: 'r1' }).returning('*')),
  },
  { name: 'insert into()', write: (k) => run(k.insert({ name: 'i1' }).into('tags')) },
  {
    name: 'insert select',
    write: (k) =>
      run(
        k(loose(k.raw('?? (??)', ['audit_log', 'what']))).insert(loose(k('users').select('name'))),
      ),
  },
  {
    name: 'insert with a trigger on it',
    write: (k) => run(k('comments').insert({ post_id: 1, user_id: 1, body: 'z' })),
  },
  {
    name: 'insert onConflict merge',
    write: (k) => run(k('kv').insert({ k: 'a', v: 2 }).onConflict('k').merge()),
  },
  {
    name: 'insert onConflict ignore',
    mayChangeNothing: true,
    write: (k) => run(k('kv').insert({ k: 'a', v: 9 }).onConflict('k').ignore()),
  },
  {
    name: 'upsert',
    only: ['mysql'],
    write: (k) => run(upserting(k, 'kv').upsert({ k: 'a', v: 3 })),
  },
  { name: 'update', write: (k) => run(k('users').where('id', 1).update({ name: 'new' })) },
  {
    name: 'update with alias',
    write: (k) => run(k('users as u').where('u.id', 1).update({ name: 'aliased' })),
  },
  {
    name: 'update returning',
    only: ['sqlite', 'postgres'],
    write: (k) => run(k('users').where('id', 2).update({ name: 'nr' }, ['id'])),
  },
  {
    name: 'update of a key, ON UPDATE CASCADE',
    write: (k) => run(k('users').where('id', 9).update({ id: 99 })),
  },
  {
    name: 'update raw value',
    write: (k) =>
      run(
        k('posts')
          .where('id', 1)
          .update({ views: loose(k.raw('views + 1')) }),
      ),
  },
  {
    name: 'update with a subquery as value',
    write: (k) =>
      run(
        k('posts')
          .where('id', 1)
          .update({ views: loose(k('comments').count('*')) }),
      ),
  },
  {
    name: 'update join',
    only: ['mysql'],
    write: (k) =>
      run(
        k('posts')
          .join('users', 'users.id', 'posts.user_id')
          .where('users.id', 1)
          .update({ 'users.age': 99, 'posts.views': 77 }),
      ),
  },
  {
    name: 'update from',
    only: ['postgres'],
    write: (k) =>
      run(
        k('posts')
          .updateFrom('users')
          .where('users.id', k.ref('posts.user_id'))
          .update({ title: 'uf' }),
      ),
  },
  {
    name: 'update raw from',
    only: ['sqlite'],
    write: (k) =>
      run(k.raw(`update posts set title = 'uf' from users where users.id = posts.user_id`)),
  },
  { name: 'increment', write: (k) => run(k('posts').where('id', 1).increment('views', 3)) },
  { name: 'decrement', write: (k) => run(k('posts').where('id', 1).decrement('views', 1)) },
  {
    name: 'increment of two',
    write: (k) =>
      run(
        k('posts')
          .where('id', 1)
          .increment(loose({ views: 2, comment_count: 1 })),
      ),
  },
  {
    name: 'update after cte',
    only: ['sqlite', 'postgres'],
    write: (k) =>
      run(
        k
          .with('u', k('users').select('id'))
          .from('posts')
          .whereIn('user_id', loose(k('u').select('id')))
          .update({ status: 'cte' }),
      ),
  },
  { name: 'delete', write: (k) => run(k('tags').where('name', 'leaf').del()) },
  { name: 'delete()', write: (k) => run(k('audit_log').where('id', 1).delete()) },
  {
    name: 'delete using',
    only: ['postgres'],
    write: (k) =>
      run(
        k('comments')
          .using(loose('users'))
          .whereRaw('users.id = comments.user_id and users.id = 3')
          .del(),
      ),
  },
  {
    name: 'delete join',
    only: ['mysql'],
    write: (k) =>
      run(k('comments').join('users', 'users.id', 'comments.user_id').where('users.id', 3).del()),
  },
  { name: 'delete with cascade', write: (k) => run(k('posts').where('id', 1).del()) },
  { name: 'delete with cascade of two levels', write: (k) => run(k('users').where('id', 1).del()) },
  { name: 'delete that sets null', write: (k) => run(k('users').where('id', 3).del()) },
  {
    name: 'delete with cascade to itself',
    write: (k) => run(k('categories').where('id', 1).del()),
  },
  { name: 'delete with trigger and cascade', write: (k) => run(k('orders').where('id', 1).del()) },
  { name: 'delete all', write: (k) => run(k('memberships').del()) },
  { name: 'truncate', write: (k) => run(k('audit_log').truncate()) },
  {
    name: 'batchInsert',
    write: (k) =>
      run(
        k.batchInsert(
          'tags',
          Array.from({ length: 25 }, (_, i) => ({ name: `bi${i}` })),
          10,
        ),
      ),
  },
  {
    name: 'insert through a view',
    only: ['sqlite', 'postgres', 'mysql'],
    write: (k) => run(k('v_tag_names').insert({ name: 'via view' })),
  },
  {
    name: 'update through a view',
    only: ['postgres', 'mysql'],
    write: (k) => run(k('v_tag_names').where('id', 2).update({ name: 'vu' })),
  },
  {
    name: 'insert that replaces by constraint',
    only: ['sqlite'],
    write: (k) => run(k('cells').insert({ id: 7, k: 'c1', v: 5 })),
  },
  {
    name: 'insert into a partitioned table',
    only: ['postgres'],
    write: (k) => run(k('events').insert({ id: 7, v: 1 })),
  },
  {
    name: 'update of a partitioned table',
    only: ['postgres'],
    write: (k) => run(k('events').where('id', 1).update({ v: 100 })),
  },
  {
    name: 'update that moves between partitions',
    only: ['postgres'],
    write: (k) => run(k('events').where('id', 1).update({ id: 300 })),
  },
  {
    name: 'update of one partition',
    only: ['postgres'],
    write: (k) => run(k('events_low').where('id', 2).update({ v: 101 })),
  },
  {
    name: 'update of an inheritance parent',
    only: ['postgres'],
    write: (k) => run(k('animals').where('id', 2).update({ name: 'max' })),
  },
  {
    name: 'update of an inheritance child',
    only: ['postgres'],
    write: (k) => run(k('dogs').update({ name: 'moe' })),
  },
  {
    name: 'insert with a rule',
    only: ['postgres'],
    write: (k) => run(k('inbox').insert({ body: 'hi' })),
  },
  {
    name: 'insert with a default that writes',
    only: ['postgres'],
    write: (k) => run(k('tickets').insert({ title: 'second' })),
  },
  {
    name: 'stream of an insert returning',
    only: ['sqlite', 'postgres'],
    write: async (k) => {
      const query = k('tags').insert({ name: 'st' }).returning('*')
      if (k.client.driverName === 'pg') return await query
      await query.stream().forEach(() => undefined)
      return undefined
    },
  },
  {
    name: 'asCallback',
    write: (k) =>
      new Promise((resolve, reject) => {
        void k('users')
          .where('id', 3)
          .update({ age: 70 })
          .asCallback((error: Error | null, result: unknown) => {
            if (error) reject(error)
            else resolve(result)
          })
      }),
  },
  {
    name: 'instance with user params',
    write: (k) => run(k.withUserParams({ a: 1 })('users').where('id', 3).update({ age: 71 })),
  },
  {
    name: 'insert refused by a unique key',
    fails: true,
    write: (k) => run(k('tags').insert({ id: 2, name: 'dup' })).catch(() => undefined),
  },
]
