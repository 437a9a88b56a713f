import type { Knex } from 'knex'
import { seededUuid } from './schema.ts'

/** Builds a write, or says it in SQL. */
export type Write = (knex: Knex) => Knex.QueryBuilder | string

/** A write, and what is said of its rows; see `rowsText` in the test that reads it. */
export interface RowCase {
  readonly title: string
  readonly write: Write
  readonly postgres: string
  /** Where it is missing, as for PostgreSQL. */
  readonly sqlite?: string
  readonly mysql: string
  /** It changes no row, or is refused. */
  readonly idle?: true
}

const unknown = ''

/** Writes of the schema of rows and its seed. */
export const rowCases: readonly RowCase[] = [
  {
    title: 'delete by key',
    write: (k) => k('users').where('id', 1).del(),
    postgres:
      'mentions(email=null|a0 id=?); posts(id=? slug=? user_id=$0); users(email=a0 id=$0 ref=a1 tenant=a2); ask email ref tenant',
    mysql: 'posts(id=? slug=? user_id=$0); users(email=? id=$0 ref=? tenant=?)',
  },
  {
    title: 'delete by unique key',
    write: (k) => k('users').where('email', 'u1@x').del(),
    postgres:
      'mentions(email=$0|null id=?); posts(id=? slug=? user_id=a0); users(email=$0 id=a0 ref=a1 tenant=a2); ask id ref tenant',
    mysql: 'mentions(email=$0|null id=?); users(email=$0 id=? ref=? tenant=?)',
  },
  {
    title: 'delete by list',
    write: (k) => k('codes').whereIn('code', ['c1', 'c2']).del(),
    postgres: 'codes(code=$0|$1 kind=a0); ask kind',
    mysql: 'codes(code=$0|$1 kind=?)',
  },
  {
    title: 'delete by partition',
    write: (k) => k('users').where('tenant', 1).del(),
    postgres:
      'mentions(email=null|a1 id=?); posts(id=? slug=? user_id=a0); users(email=a1 id=a0 ref=a2 tenant=$0); ask id email ref, loosely',
    mysql: 'users(email=? id=? ref=? tenant=$0)',
  },
  {
    title: 'delete by half of a key',
    write: (k) => k('pairs').where('a', 1).del(),
    postgres: 'kids(id=? x=$0|null y=null|a0); pairs(a=$0 b=a0 v=a1); ask b v, loosely',
    mysql: 'kids(id=? x=$0|null y=null|?); pairs(a=$0 b=? v=?)',
  },
  {
    title: 'delete by a whole key',
    write: (k) => k('pairs').where({ a: 1, b: 1 }).del(),
    postgres: 'kids(id=? x=$0|null y=$1|null); pairs(a=$0 b=$1 v=a0); ask v',
    mysql: 'kids(id=? x=$0|null y=$1|null); pairs(a=$0 b=$1 v=?)',
  },
  {
    title: 'delete by null',
    write: (k) => k('kids').whereNull('x').del(),
    postgres: 'kids(id=a0 x=null y=a1); ask id y, loosely',
    mysql: 'kids(id=? x=null y=?)',
  },
  {
    title: 'delete by alternatives',
    write: (k) => k('codes').where('code', 'c1').orWhere('code', 'c2').del(),
    postgres: 'codes(code=$0|$1 kind=a0); ask kind',
    mysql: 'codes(code=$0|$1 kind=?)',
  },
  {
    title: 'delete by loose alternatives',
    write: (k) => k('codes').where('code', 'c1').orWhere('uses', 3).del(),
    postgres: unknown,
    mysql: unknown,
  },
  {
    title: 'delete never',
    idle: true,
    write: (k) => k('codes').whereIn('code', []).del(),
    postgres: unknown,
    mysql: unknown,
  },
  {
    title: 'delete all',
    write: (k) => k('codes').del(),
    postgres: unknown,
    mysql: unknown,
  },
  {
    title: 'delete that reaches itself',
    write: (k) => k('nodes').where('id', 1).del(),
    postgres: unknown,
    mysql: unknown,
  },
  {
    title: 'delete returning',
    write: (k) => k('codes').where('kind', 1).del(['code']),
    postgres: 'codes(code=a0 kind=$0); ask code, loosely, too',
    sqlite: 'codes(code=a0 kind=$0); ask code, loosely',
    mysql: 'codes(code=? kind=$0)',
  },
  {
    title: 'update of no key',
    write: (k) => k('users').where('id', 1).update({ name: 'x' }),
    postgres: 'users(email=a0 id=$1 ref=a1 tenant=a2); ask email ref tenant',
    mysql: 'users(email=? id=$1 ref=? tenant=?)',
  },
  {
    title: 'update of a key',
    write: (k) => k('users').where('id', 1).update({ email: 'x', name: 'y' }),
    postgres: 'users(email=? id=$2 ref=a0 tenant=a1); ask ref tenant',
    mysql: 'users(email=? id=$2 ref=? tenant=?)',
  },
  {
    title: 'update of its own key',
    write: (k) => k('users').where('id', 1).update({ id: 20 }),
    postgres:
      'notes(id=? reader=? writer=$1|$0); posts(id=? slug=? user_id=$1|$0); users(email=a0 id=$1|$0 ref=a1 tenant=a2); ask email ref tenant',
    mysql:
      'notes(id=? reader=? writer=$1|$0); posts(id=? slug=? user_id=$1|$0); users(email=? id=$1|$0 ref=? tenant=?)',
  },
  {
    title: 'update of what is not pinned',
    write: (k) => k('users').where('ref', seededUuid(1)).update({ email: 'x' }),
    postgres: 'users(email=? id=a0 ref=$1 tenant=a1); ask id tenant',
    mysql: 'users(email=? id=? ref=$1 tenant=?)',
  },
  {
    title: 'update by alias',
    write: (k) => k('codes as c').where('c.code', 'c1').update({ kind: 2 }),
    postgres: 'codes(code=$1 kind=?)',
    mysql: 'codes(code=$1 kind=?)',
  },
  {
    title: 'update by an expression',
    write: (k) => k('codes').where('code', 'c1').increment('kind', 2),
    postgres: 'codes(code=$1 kind=?)',
    mysql: 'codes(code=$1 kind=?)',
  },
  {
    title: 'update to null',
    write: (k) => k('codes').where('code', 'c1').update({ kind: null }),
    postgres: 'codes(code=$1 kind=?)',
    mysql: 'codes(code=$1 kind=?)',
  },
  {
    title: 'update behind a trigger before',
    write: (k) => k('stamped').where('id', 1).update({ tenant: 2 }),
    postgres: 'stamped(email=? id=$1|a0 tenant=?); ask id',
    sqlite: 'stamped(email=a0 id=$1 tenant=?); ask email',
    mysql: unknown,
  },
  {
    title: 'update behind a trigger after',
    write: (k) => k('echoing').where('id', 1).update({ tenant: 2 }),
    postgres: unknown,
    mysql: 'echoing(id=$1 tenant=?)',
  },
  {
    title: 'update by what is not understood',
    write: (k) => k('users').where('name', 'like', 'n%').update({ name: 'x' }),
    postgres: unknown,
    mysql: unknown,
  },
  {
    title: 'insert',
    write: (k) => k('users').insert({ email: 'new', tenant: 1 }),
    postgres: 'users(email=$0 id=a0 ref=null tenant=$1); ask id',
    sqlite: 'users(email=$0 id=a0! ref=null tenant=$1); ask the driver',
    mysql: 'users(email=$0 id=a0! ref=null tenant=$1); ask the driver',
  },
  {
    title: 'insert with its key',
    write: (k) => k('users').insert({ id: 21, email: 'new', tenant: 1, ref: null }),
    postgres: 'users(email=$0 id=$1 ref=$2 tenant=$3)',
    sqlite: 'users(email=$0 id=$1! ref=$2 tenant=$3)',
    mysql: 'users(email=$0 id=$1! ref=$2 tenant=$3)',
  },
  {
    title: 'insert of rows',
    write: (k) => k('codes').insert([{ code: 'c7' }, { code: 'c8', kind: 1 }]),
    postgres: 'codes(code=$0|$1 kind=$2|a0); ask kind',
    sqlite: 'codes(code=$0|$2 kind=$1|$3)',
    mysql: 'codes(code=$0|$1 kind=$2|?)',
  },
  {
    title: 'insert of rows with keys',
    write: (k) => k('nodes').insert([{ id: 21 }, { id: 22, parent: 1 }]),
    postgres: 'nodes(id=$0|$1 parent=null|$2)',
    sqlite: 'nodes(id=$0|$2! parent=$1|$3)',
    mysql: 'nodes(id=$0|$1! parent=null|$2)',
  },
  {
    title: 'insert of nothing',
    write: (k) => k('nodes').insert({}),
    postgres: 'nodes(id=a0 parent=null); ask id',
    sqlite: 'nodes(id=a0! parent=null); ask the driver',
    mysql: 'nodes(id=a0! parent=null); ask the driver',
  },
  {
    title: 'insert returning',
    write: (k) => k('nodes').insert({ parent: 1 }).returning('parent'),
    postgres: 'nodes(id=a0 parent=$0); ask id, too',
    sqlite: 'nodes(id=a0! parent=$0); ask id, too',
    mysql: 'nodes(id=a0! parent=$0); ask the driver',
  },
  {
    title: 'insert behind a trigger before',
    write: (k) => k('stamped').insert({ id: 21, tenant: 2 }),
    postgres: 'stamped(email=a1 id=a0 tenant=a2); ask id email tenant',
    sqlite: 'stamped(email=null id=$0! tenant=$1)',
    mysql: unknown,
  },
  {
    title: 'insert an expression',
    write: (k) => k('pairs').insert({ a: 1, b: k.raw('1 + 1'), v: k.raw('30') }),
    postgres: "pairs(a=$0 b=a0 v='30'); ask b",
    mysql: "pairs(a=$0 b=? v='30')",
  },
  {
    title: 'insert or leave',
    idle: true,
    write: (k) => k('codes').insert({ code: 'c1', kind: 1 }).onConflict('code').ignore(),
    postgres: 'codes(code=$0 kind=$1)',
    mysql: unknown,
  },
  {
    title: 'insert or leave any',
    idle: true,
    write: (k) => k('codes').insert({ code: 'c1', kind: 1 }).onConflict().ignore(),
    postgres: 'codes(code=$0 kind=$1)',
    mysql: unknown,
  },
  {
    title: 'upsert',
    write: (k) => k('codes').insert({ code: 'c1', kind: 5 }).onConflict('code').merge(),
    postgres: 'codes(code=$0 kind=?)',
    mysql: unknown,
  },
  {
    title: 'upsert of no key',
    write: (k) => k('codes').insert({ code: 'c1', uses: 1 }).onConflict('code').merge(['uses']),
    postgres: 'codes(code=$0 kind=a0); ask kind',
    mysql: unknown,
  },
  {
    title: 'upsert by half a key',
    idle: true,
    write: (k) => k('pairs').insert({ a: 1, b: 2, v: 3 }).onConflict('a').merge(['v']),
    postgres: 'kids(id=? x=$0|a0 y=$1|a1); pairs(a=$0|a0 b=$1|a1 v=?); ask a b',
    mysql: unknown,
  },
  {
    title: 'upsert of several',
    write: (k) =>
      k('codes')
        .insert([
          { code: 'c1', uses: 1 },
          { code: 'c8', uses: 2 },
        ])
        .onConflict('code')
        .merge(['uses']),
    postgres: 'codes(code=$0|$2 kind=a0); ask kind',
    mysql: unknown,
  },
  {
    title: 'literals',
    write: () => `update codes set kind = -3 where code = 'c1' and kind = 1 -- so`,
    postgres: "codes(code='c1' kind='1'|'-3')",
    mysql: "codes(code='c1' kind='1'|'-3')",
  },
  {
    title: 'insert without columns',
    write: () => `insert into codes values ('c9', null, -1)`,
    postgres: `codes(code='c9' kind=null)`,
    mysql: `codes(code='c9' kind=null)`,
  },
  {
    title: 'a number for a text',
    idle: true,
    write: () => 'update codes set code = 5 where code = 6;',
    postgres: unknown,
    mysql: unknown,
  },
  {
    title: 'two statements',
    idle: true,
    write: () => 'update codes set kind = 3 where kind = 1; select 1',
    postgres: unknown,
    mysql: unknown,
  },
]
