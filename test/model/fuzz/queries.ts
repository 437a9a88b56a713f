import type { Knex } from 'knex'
import { addWhere, countFor } from './conditions.ts'
import type { Draw, Placed, Reference, Scope } from './draw.ts'
import { addFrom, derive, pickOutputs } from './from.ts'
import type { Column } from './schema.ts'

type Builder = Knex.QueryBuilder

/** A query as it was drawn. */
export interface DrawnQuery {
  /** For the tally. */
  readonly kind: string
  readonly builder: Builder
  /** Its rows have one order only. */
  readonly ordered: boolean
  /** What its promise gives: rows, one row, or values. */
  readonly gives: 'rows' | 'first' | 'pluck'
}

/** Draws a query whose result depends on nothing but what the tables hold: no order or limit without a total order. */
export function drawQuery(draw: Draw): DrawnQuery {
  return draw.random.weighted<(draw: Draw) => DrawnQuery>([
    [72, plain],
    [9, union],
    [10, cte],
    [2, recursive],
  ])(draw)
}

const query = (kind: string, builder: Builder, ordered = false): DrawnQuery => ({
  ...{ kind, builder, ordered },
  gives: 'rows',
})

function plain(draw: Draw): DrawnQuery {
  const builder = draw.k.queryBuilder()
  const { scope, kind } = addFrom(draw, builder, 1)
  if (draw.random.chance(0.75)) addWhere(draw, builder, scope)
  return finish(draw, builder, scope, kind)
}

type Finish = (draw: Draw, builder: Builder, scope: Scope, kind: string) => DrawnQuery | undefined

const finishes: readonly (readonly [weight: number, finish: Finish])[] = [
  [50, rows],
  [8, distinct],
  [8, count],
  [10, aggregate],
  [12, groups],
  [12, limited],
  [4, windows],
  [4, subselect],
  [3, pluck],
]

function finish(draw: Draw, builder: Builder, scope: Scope, kind: string): DrawnQuery {
  return (
    draw.random.weighted(finishes)(draw, builder, scope, kind) ?? rows(draw, builder, scope, kind)
  )
}

function rows(draw: Draw, builder: Builder, scope: Scope, kind: string): DrawnQuery {
  const { random } = draw
  if (scope.placed.length === 1 && random.chance(0.7)) {
    void builder.select('*')
    if (random.chance(0.04)) return { ...query(kind, builder), ...only(draw, builder, scope) }
    return query(kind, builder)
  }
  selectAll(builder, scope)
  return query(kind, builder)
}

/** The first of one order. */
function only(draw: Draw, builder: Builder, scope: Scope): Partial<DrawnQuery> {
  const keys = totalOrder(scope)
  if (keys === undefined) return {}
  void builder.orderBy(keys).first()
  return { kind: 'first', gives: 'first' }
}

/** Every column of every source under a name of its own. */
function selectAll(builder: Builder, { placed }: Scope): void {
  for (const [at, { alias, source }] of placed.entries()) {
    for (const { name } of source.columns)
      void builder.select({ [`c${at}_${name}`]: `${alias}.${name}` })
  }
}

function exactOutputs(
  draw: Draw,
  scope: Scope,
  most: number,
): { reference: string; column: Column }[] {
  return pickOutputs(draw, scope, most).filter(({ column }) => column.kind.exact)
}

function distinct(draw: Draw, builder: Builder, scope: Scope): DrawnQuery | undefined {
  const keys = totalOrder(scope)
  const [first] = exactOutputs(draw, scope, 1)
  if (draw.dialect === 'postgres' && keys && first && draw.random.chance(0.3)) {
    selectAll(builder, scope)
    void builder.distinctOn(first.reference).orderBy([first.reference, ...keys])
    return query('distinct', builder)
  }
  const outputs = exactOutputs(draw, scope, 3)
  if (outputs.length === 0) return undefined
  for (const { reference, column } of outputs) void builder.distinct({ [column.name]: reference })
  return query('distinct', builder)
}

function count(draw: Draw, builder: Builder, scope: Scope): DrawnQuery {
  const { random } = draw
  const it = draw.reference(scope)
  const how = it === undefined ? 0 : random.int(4)
  if (how < 2 || it === undefined) void builder.count({ n: '*' })
  else if (how === 2) void builder.count({ n: it.name })
  else void builder.countDistinct({ n: it.name })
  return query('count', builder)
}

function aggregate(draw: Draw, builder: Builder, scope: Scope): DrawnQuery {
  addAggregates(draw, builder, scope)
  if (draw.random.chance(0.25)) {
    const it = draw.reference(scope, ({ kind, wide }) => kind.exact && wide)
    if (it !== undefined) addExtreme(draw, builder, it)
  }
  return query('aggregate', builder)
}

/** HAVING for the group with the greatest or the least value of all. */
function addExtreme(draw: Draw, builder: Builder, it: Reference): void {
  const which = draw.random.pick(['max', 'min'] as const)
  const known = draw.rows(it.source.name).map((row) => row[it.column.name])
  const numbers = known.filter((value) => typeof value === 'number')
  const value = numbers.length > 0 ? Math[which](...numbers) : draw.value(it.column, it.source)
  void builder.havingRaw(`${which}(??) = ?`, [it.name, value as string])
}

function addAggregates(draw: Draw, builder: Builder, scope: Scope): void {
  const { random } = draw
  void builder.count({ n: '*' })
  const number = draw.reference(scope, ({ kind }) => kind.group === 'number')
  if (number !== undefined && random.chance(0.7)) void builder.sum({ total: number.name })
  const exact = draw.reference(
    scope,
    ({ kind }) => kind.exact && !/boolean|uuid|json|binary/.test(kind.name),
  )
  if (exact === undefined) return
  if (random.chance(0.6)) void builder.min({ low: exact.name }).max({ high: exact.name })
  if (random.chance(0.2) && draw.dialect !== 'mysql') {
    void builder.select(
      draw.raw('count(*) filter (where ?? = ?) as odd', [
        exact.name,
        draw.value(exact.column, exact.source),
      ]),
    )
  }
}

function groups(draw: Draw, builder: Builder, scope: Scope): DrawnQuery | undefined {
  const { random } = draw
  const outputs = exactOutputs(draw, scope, 2)
  if (outputs.length === 0) return undefined
  for (const { reference, column } of outputs)
    void builder.select({ [`g_${column.name}`]: reference })
  void builder.groupBy(outputs.map(({ reference }) => reference))
  addAggregates(draw, builder, scope)
  const [first] = outputs
  if (first === undefined || random.chance(0.5)) return query('group', builder)
  const value = draw.value(first.column) as string
  switch (random.int(9)) {
    case 0:
      void builder.having(first.reference, '=', value)
      break
    case 1:
      void builder.having(draw.raw('count(*)'), '>', random.int(3))
      break
    case 2:
      void builder.havingIn(first.reference, [value])
      break
    case 3:
      void builder.havingRaw('?? = ? or count(*) = 1', [first.reference, value])
      break
    case 4:
      void builder.havingNull(first.reference)
      break
    case 5:
      void builder.havingRaw('count(*) > ?', [countFor(draw, { placed: [], outer: undefined })])
      break
    default: {
      const it = draw.reference(scope, ({ kind, wide }) => kind.exact && wide)
      if (it === undefined) void builder.havingRaw('min(??) is not null', [first.reference])
      else addExtreme(draw, builder, it)
    }
  }
  return query('having', builder)
}

/** Columns that put the rows of all sources in one order. */
function totalOrder({ placed }: Scope): string[] | undefined {
  if (placed.some(({ source }) => source.key.length === 0)) return undefined
  return placed.flatMap(({ alias, source }) => source.key.map((name) => `${alias}.${name}`))
}

function limited(draw: Draw, builder: Builder, scope: Scope): DrawnQuery | undefined {
  const { random } = draw
  const keys = totalOrder(scope)
  if (keys === undefined) return undefined
  selectAll(builder, scope)
  if (random.chance(0.15)) void builder.orderByRaw('?', [countFor(draw, scope)])
  void builder.orderBy(keys.map((column) => ({ column, order: random.pick(['asc', 'desc']) })))
  void builder.limit(random.between(1, 4))
  if (random.chance(0.4)) void builder.offset(random.between(1, 2))
  return query('limit', builder, true)
}

function windows(draw: Draw, builder: Builder, scope: Scope): DrawnQuery | undefined {
  const keys = totalOrder(scope)
  const it = draw.reference(scope, ({ kind }) => kind.exact)
  if (keys === undefined || it === undefined) return undefined
  selectAll(builder, scope)
  void builder.select(draw.raw('count(*) over (partition by ??) as w', [it.name]))
  const order = keys.map(() => '??').join(', ')
  void builder.select(
    draw.raw(`row_number() over (partition by ?? order by ${order}) as r`, [it.name, ...keys]),
  )
  return query('window', builder)
}

/** A subquery in the list of columns, tied to the query or not. */
function subselect(draw: Draw, builder: Builder, scope: Scope): DrawnQuery {
  selectAll(builder, scope)
  void builder.select(countFor(draw, scope).as('counted'))
  return query('subselect', builder)
}

function pluck(draw: Draw, builder: Builder, scope: Scope): DrawnQuery | undefined {
  const [output] = pickOutputs(draw, scope, 1)
  if (output === undefined) return undefined
  void builder.pluck(output.reference)
  return { ...query('pluck', builder), gives: 'pluck' }
}

function union(draw: Draw): DrawnQuery {
  const { random, dialect, k } = draw
  const group = random.pick(['number', 'text'] as const)
  const all = random.chance(0.6)
  const width = random.between(1, 2)
  const part = (): Builder => {
    const builder = k.queryBuilder()
    const { scope } = addFrom(draw, builder, 1)
    if (random.chance(0.85)) addWhere(draw, builder, scope, 1)
    for (let i = 0; i < width; i++) {
      const it = draw.reference(scope, ({ kind }) => kind.group === group && (all || kind.exact))
      void builder.select({ [`u${i}`]: it?.name ?? draw.raw('null') })
    }
    return builder
  }
  const parts = Array.from({ length: random.between(2, 3) }, part)
  const [first = part(), ...others] = parts
  // SQLite knows no parentheses around the parts.
  const wrap = dialect !== 'sqlite' && random.chance(0.4)
  if (all) void first.unionAll(others, wrap)
  else {
    const how = random.pick(['union', 'union', 'intersect', 'except'] as const)
    void first[how](others, wrap)
    if (random.chance(0.25)) {
      void first.orderBy(Array.from({ length: width }, (_, i) => `u${i}`)).limit(3)
    }
  }
  if (!random.chance(0.25)) return query('union', first)
  const outer = k.count({ n: '*' }).from(first.as('all')) as Builder
  return query('union inside', outer)
}

function cte(draw: Draw): DrawnQuery {
  const { random, k } = draw
  const name = random.chance(0.3) ? random.pick(draw.schema.tables).name : 'w'
  const { builder: inner, source } = derive(draw, 1, name)
  const builder = k.queryBuilder()
  if (draw.dialect === 'mysql' || random.chance(0.7)) void builder.with(name, inner)
  else void builder[random.pick(['withMaterialized', 'withNotMaterialized'] as const)](name, inner)
  const placed: Placed[] = [{ alias: name, source }]
  void builder.from(name)
  if (random.chance(0.4)) {
    const other = draw.source()
    if (other.name.toLowerCase() !== name.toLowerCase()) {
      placed.push({ alias: other.name, source: other })
      const [left, right] = [random.pick(source.columns), random.pick(other.columns)]
      const method = random.pick(['join', 'leftJoin'] as const)
      void builder[method](other.name, `${name}.${left.name}`, `${other.name}.${right.name}`)
    }
  }
  const scope: Scope = { placed, outer: undefined }
  if (random.chance(0.7)) addWhere(draw, builder, scope, 1)
  return finish(draw, builder, scope, 'cte')
}

/** Walks a table along two of its columns, a few steps far. */
function recursive(draw: Draw): DrawnQuery {
  const { random, k } = draw
  const table = random.pick(draw.schema.tables)
  const numbers = table.columns.filter(({ kind }) => kind.group === 'number' && kind.exact)
  const [from, to] = random.some(numbers, 2)
  if (from === undefined || to === undefined) return plain(draw)
  const start = k.select({ node: from.name, depth: draw.raw('0') }).from(table.name) as Builder
  addWhere(draw, start, { placed: [{ alias: table.name, source: table }], outer: undefined }, 1)
  const step = k
    .select({ node: `s.${to.name}`, depth: draw.raw('?? + 1', ['r.depth']) })
    .from({ s: table.name })
    .join('r', 'r.node', `s.${from.name}`)
    .whereRaw('?? < 2', ['r.depth'])
  const builder = k
    .withRecursive('r', start.union(step as Builder))
    .select('*')
    .from('r')
  return query('recursive', builder as Builder)
}
