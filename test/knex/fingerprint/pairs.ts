import type { Knex } from 'knex'

export type Query = (k: Knex) => Knex.QueryBuilder | Knex.Raw
type Builder = Knex.QueryBuilder

const loose = (value: unknown): never => value as never
const t = (k: Knex): Builder => k('t')

/** Queries that are alike, but compile to different statements, or to the same with other values. */
export const unlike: Readonly<Record<string, readonly [Query, Query, ...Query[]]>> = {
  'type of a value': [
    (k) => t(k).where('a', 1),
    (k) => t(k).where('a', '1'),
    (k) => t(k).where('a', true),
    (k) => t(k).where('a', loose(1n)),
    (k) => t(k).where('a', new Date(1)),
    (k) => t(k).where('a', Buffer.from('1')),
    (k) => t(k).where('a', loose(new Uint8Array([49]))),
  ],
  'minus zero': [(k) => t(k).where('a', 0), (k) => t(k).where('a', -0)],
  'no number, and its text': [(k) => t(k).where('a', NaN), (k) => t(k).where('a', 'NaN')],
  'null by value': [
    (k) => t(k).where('a', '=', null),
    (k) => t(k).where('a', null),
    (k) => t(k).where('a', '=', 'N'),
  ],
  'where one value ends': [
    (k) => t(k).where({ a: '1', b: '2s1:3' }),
    (k) => t(k).where({ a: '1s1:2', b: '3' }),
  ],
  'where one name ends': [
    (k) => t(k).select('a', 'b'),
    (k) => t(k).select('a,b'),
    (k) => t(k).select('ab'),
    (k) => t(k).select('a', 'b', ''),
  ],
  'a name that is a word of a query': [
    (k) => t(k).where('where', 'x'),
    (k) => t(k).where('whereBasic', 'x'),
    (k) => t(k).where('and', 'x'),
  ],
  'a number for a name': [(k) => t(k).select(loose(1)), (k) => t(k).select('1')],
  'a column and a value': [
    (k) => t(k).where('a', k.ref('b')),
    (k) => t(k).where('a', 'b'),
    (k) => t(k).whereRaw('?? = ?', ['a', 'b']),
    (k) => t(k).whereRaw('? = ?', ['a', 'b']),
  ],
  'names and values of a raw statement': [
    (k) => k.raw('select ??, ?', ['a', 'b']),
    (k) => k.raw('select ?, ??', ['a', 'b']),
    (k) => k.raw('select :a:, :b', { a: 'a', b: 'b' }),
    (k) => k.raw('select :a, :b:', { a: 'a', b: 'b' }),
  ],
  'a binding that is not there': [
    (k) => k.raw('select :a::int', { a: 1 }),
    (k) => k.raw('select :a::int', { b: 1 }),
    (k) => k.raw('select :a::int'),
  ],
  'joined conditions': [
    (k) => t(k).where('a', 1).where('b', 2),
    (k) => t(k).where('a', 1).orWhere('b', 2),
    (k) => t(k).where('a', 1).whereNot('b', 2),
    (k) => t(k).where('a', 1).orWhereNot('b', 2),
  ],
  'where a group ends': [
    (k) =>
      t(k)
        .where((q) => void q.where('a', 1).orWhere('b', 2))
        .where('c', 3),
    (k) =>
      t(k)
        .where((q) => void q.where('a', 1))
        .orWhere('b', 2)
        .where('c', 3),
    (k) => t(k).where((q) => void q.where('a', 1).orWhere('b', 2).where('c', 3)),
  ],
  'where a subquery ends': [
    (k) => t(k).whereIn('a', k('u').select('b').limit(1)),
    (k) => t(k).whereIn('a', k('u').select('b')).limit(1),
  ],
  'conditions on groups and rows': [
    (k) => t(k).where('a', 1),
    (k) => t(k).having('a', '=', 1),
    (k) => t(k).join('u', 'a', '=', loose(1)),
    (k) => t(k).join('u', (j) => j.onVal('a', 1)),
  ],
  'lists of values': [
    (k) => t(k).whereIn('a', [1, 2]),
    (k) => t(k).whereIn('a', [12]),
    (k) => t(k).whereIn('a', [1]),
    (k) => t(k).whereIn('a', loose([[1, 2]])),
    (k) => t(k).whereIn('a', loose([[1], [2]])),
    (k) => t(k).whereNotIn('a', [1, 2]),
    (k) => t(k).whereBetween('a', [1, 2]),
    (k) => t(k).whereIn(['a', 'b'], [[1, 2]]),
  ],
  'no values': [(k) => t(k).whereIn('a', []), (k) => t(k).whereNotIn('a', [])],
  'an aggregate and its alias': [
    (k) => t(k).count('a as b'),
    (k) => t(k).count('a as c'),
    (k) => t(k).count('a'),
    (k) => t(k).count(loose(['a', 'b'])),
    (k) => t(k).countDistinct('a as b'),
    (k) => t(k).sum('a as b'),
  ],
  'distinct rows and columns': [
    (k) => t(k).select('a'),
    (k) => t(k).distinct('a'),
    (k) => t(k).select('a').first(),
    (k) => t(k).pluck('a'),
  ],
  'a plucked column': [(k) => t(k).pluck('x.a'), (k) => t(k).pluck('x.b'), (k) => t(k).pluck('a')],
  'order by': [
    (k) => t(k).orderBy('a'),
    (k) => t(k).orderBy('a', 'desc'),
    (k) => t(k).orderBy('a', 'asc', 'last'),
    (k) => t(k).orderBy('a', 'asc', 'first'),
    (k) => t(k).orderBy('a').orderBy('b'),
    (k) => t(k).groupBy('a'),
  ],
  'joined tables': [
    (k) => t(k).join('u', 'a', 'b'),
    (k) => t(k).leftJoin('u', 'a', 'b'),
    (k) => t(k).crossJoin(loose('u')),
    (k) => t(k).join('u', (j) => j.on('a', 'b').orOn('c', 'd')),
    (k) => t(k).join('u', (j) => j.on('a', 'b').on('c', 'd')),
    (k) => t(k).join('u', (j) => j.on((g) => g.on('a', 'b')).on('c', 'd')),
    (k) => t(k).join('u', (j) => j.on((g) => g.on('a', 'b').on('c', 'd'))),
    (k) => t(k).join('u', (j) => void j.using('a')),
  ],
  'schemas and tables': [
    (k) => k('s.t'),
    (k) => k('t').withSchema('z'),
    (k) => k('t').join('u', 'a', 'b').withSchema('s'),
    (k) => k('t').withSchema('s').join('u', 'a', 'b'),
    (k) => k('t as s'),
    (k) => k('t', { only: true }),
  ],
  unions: [
    (k) => t(k).union(k('u')),
    (k) => t(k).unionAll(k('u')),
    (k) => t(k).union(k('u'), true),
    (k) => t(k).union([k('u'), k('v')]),
    (k) => t(k).union(k('u').union(k('v'))),
    (k) => k.union(k('u')),
  ],
  'common table expressions': [
    (k) => t(k).with('c', k('u')),
    (k) => t(k).withRecursive('c', k('u')),
    (k) => t(k).withMaterialized('c', k('u')),
    (k) => t(k).withNotMaterialized('c', k('u')),
    (k) => t(k).with('c', ['a'], k('u')),
    (k) => t(k).with('d', k('u')),
  ],
  limits: [
    (k) => t(k).limit(1),
    (k) => t(k).limit(2),
    (k) => t(k).limit(1, { skipBinding: true }),
    (k) => t(k).limit(2, { skipBinding: true }),
    (k) => t(k).offset(1),
    (k) => t(k).limit(1).offset(1),
    (k) => t(k).limit(1, { skipBinding: true }).clear('limit').offset(1),
    (k) => t(k).limit(1).offset(1, { skipBinding: true }),
  ],
  'an offset of none': [
    (k) => t(k).offset(0).limit(1),
    (k) => t(k).offset(1).limit(1),
    (k) => t(k).offset(2).limit(1),
  ],
  options: [
    (k) => t(k).options({ a: 1 }),
    (k) => t(k).options({ a: '1' }),
    (k) => t(k).options({ a: 2 }).options({ b: 1 }),
    (k) => t(k).timeout(1),
    (k) => t(k).timeout(2),
    t,
  ],
  'comments and hints': [
    (k) => t(k).comment('a'),
    (k) => t(k).comment('a b'),
    (k) => t(k).comment('a').comment('b'),
    (k) => t(k).hintComment('a'),
    (k) => t(k).hintComment(['a', 'b']),
  ],
  references: [
    (k) => t(k).select(k.ref('a')),
    (k) => t(k).select(k.ref('a').as('b')),
    (k) => t(k).select(k.ref('a').withSchema('b')),
    (k) => t(k).select(k.raw('a')),
  ],
  'tables by alias': [
    (k) => k.from({ a: 'b' }),
    (k) => k.from({ b: 'a' }),
    (k) => k.from({ a: 'b', c: 'd' }),
    (k) => k.from(loose({ a: k('b') })),
  ],
}

/** Queries that say the same by different objects, written at different places. */
export const alike: Readonly<Record<string, readonly [Query, Query]>> = {
  'a condition as an object': [(k) => t(k).where({ a: 1 }), (k) => t(k).where('a', '=', 1)],
  'the order of the calls': [
    (k) => t(k).where('a', 1).select('b').orderBy('c').limit(2),
    (k) => k.select('b').limit(2).orderBy('c').where('a', 1).from('t'),
  ],
  'equal lists and dates': [
    (k) => t(k).whereIn('a', [1, 2]).where('b', new Date(5)),
    (k) => t(k).whereIn('a', [1, 2]).where('b', new Date(5)),
  ],
  'equal functions': [
    (k) => t(k).where((q) => void q.where('a', 1)),
    (k) =>
      t(k).where(
        loose(function (this: Builder) {
          void this.where('a', 1)
        }),
      ),
  ],
  'equal subqueries': [
    (k) => t(k).whereIn('a', k('u').where('b', 1).select('c')),
    (k) => t(k).whereIn('a', k('u').select('c').where('b', 1)),
  ],
  'equal raw statements': [
    (k) => t(k).whereRaw('a = ?', [1]),
    (k) => t(k).where(k.raw('a = ?', [1])),
  ],
  'a clone': [(k) => t(k).where('a', 1), (k) => t(k).where('a', 1).clone()],
}

/** What is not known, and why. */
export const refused: Readonly<Record<string, Query>> = {
  'unknown-setting': (k) => t(k).forUpdate(),
  'not-a-query': (k) => t(k).insert({ a: 1 }),
  'undefined-value': (k) => t(k).where('a', loose(undefined)),
  'unknown-value': (k) => t(k).where('a', loose(new Map())),
  'unfit-raw': (k) => t(k).whereRaw('a = ? and b = ?', [1]),
  'too-long': (k) => t(k).where('a', 'x'.repeat(70_000)),
  'callback-error': (k) =>
    t(k).where(() => {
      throw new Error('no')
    }),
  'custom-sql': (k) => Object.assign(t(k), { toSQL: () => ({ sql: 'select 1' }) }),
}
