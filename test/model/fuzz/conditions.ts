import type { Knex } from 'knex'
import type { Draw, Placed, Reference, Scope } from './draw.ts'
import type { Column } from './schema.ts'
import { trap } from './traps.ts'

type Builder = Knex.QueryBuilder
/** Conditions, ready to be put on a builder. Knex runs callbacks at each compilation: nothing may be drawn in them. */
type Drawn = (builder: Builder) => void

const comparisons = ['<', '>', '<=', '>=', '<>', '!='] as const

/** Adds one to three conditions to a builder's WHERE. `depth`: how many levels of groups and subqueries there may be. */
export function addWhere(draw: Draw, builder: Builder, scope: Scope, depth = 2): void {
  drawWhere(draw, scope, depth)(builder)
}

function drawWhere(draw: Draw, scope: Scope, depth: number): Drawn {
  const count = draw.random.weighted([
    [66, 1],
    [24, 2],
    [10, 3],
  ])
  const all = Array.from({ length: count }, (_, i) => new Conditions(draw, scope, depth, i > 0))
  for (const [i, conditions] of all.entries()) {
    const pins = i === 0 && draw.random.chance(0.3)
    const it = draw.reference(scope, pins ? ({ wide }) => wide : undefined)
    if (it !== undefined) draw.random.weighted(pins ? pinning : forms)(conditions, it)
  }
  return (builder) => {
    for (const conditions of all) conditions.addTo(builder)
  }
}

type Form = (conditions: Conditions, it: Reference) => void

const forms: readonly (readonly [weight: number, form: Form])[] = [
  [26, equal],
  [5, two],
  [10, list],
  [3, (c, it) => c.add('whereNotIn', it.name, c.values(it, 3))],
  [6, (c, it) => c.add('whereNull', it.name)],
  [4, (c, it) => c.add('whereNotNull', it.name)],
  [6, (c, it) => c.add('where', it.name, c.draw.random.pick(comparisons), c.value(it))],
  [3, between],
  [2, like],
  [3, (c, it) => c.add('whereNot', it.name, c.value(it))],
  [2, (c, it) => c.add('whereNot', { [it.name]: c.value(it) })],
  [12, group],
  [4, columns],
  [9, exists],
  [8, inSubquery],
  [3, tuples],
  [3, scalar],
  [16, raw],
]

/** What tells rows apart by a key. */
const pinning: typeof forms = [
  [60, equal],
  [15, list],
  [5, (c, it) => c.add('whereNull', it.name)],
  [10, raw],
  [10, group],
]

/** Calls of a builder's methods, and what they may be made of. */
class Conditions {
  readonly draw: Draw
  readonly scope: Scope
  readonly depth: number
  readonly #or: boolean
  readonly #calls: { readonly method: string; readonly args: readonly unknown[] }[] = []

  constructor(draw: Draw, scope: Scope, depth: number, mayBeOr: boolean) {
    this.draw = draw
    this.scope = scope
    this.depth = depth
    this.#or = mayBeOr && draw.random.chance(0.25)
  }

  /** A method of the builder, or the one of the same name with `or` before. */
  add(method: string, ...args: readonly unknown[]): void {
    const name = this.#or ? `or${method.charAt(0).toUpperCase()}${method.slice(1)}` : method
    this.#calls.push({ method: name, args })
  }

  addTo(builder: Builder): void {
    const methods = builder as unknown as Record<string, (...args: unknown[]) => unknown>
    for (const { method, args } of this.#calls) {
      const found = methods[method]
      if (found === undefined) throw new Error(`Knex has no ${method}().`)
      found.apply(builder, [...args])
    }
  }

  value(it: Reference): unknown {
    return this.draw.value(it.column, it.source)
  }

  /** Up to so many values, none included. */
  values(it: Reference, most: number): unknown[] {
    const { random } = this.draw
    return Array.from({ length: random.between(random.chance(0.1) ? 0 : 1, most) }, () =>
      random.chance(0.04) ? null : this.value(it),
    )
  }
}

function equal(c: Conditions, it: Reference): void {
  const { random } = c.draw
  const value = random.chance(0.03) ? null : c.value(it)
  switch (random.int(4)) {
    case 0:
      return c.add('where', { [it.name]: value })
    case 1:
      return c.add('where', it.name, '=', value)
    case 2:
      return c.add('whereIn', it.name, [value])
    default:
      return c.add('where', it.name, value)
  }
}

function two(c: Conditions, it: Reference): void {
  const other = c.draw.reference(c.scope) ?? it
  c.add('where', { [it.name]: c.value(it), [other.name]: c.value(other) })
}

function list(c: Conditions, it: Reference): void {
  c.add('whereIn', it.name, c.values(it, 4))
}

function between(c: Conditions, it: Reference): void {
  const method = c.draw.random.chance(0.7) ? 'whereBetween' : 'whereNotBetween'
  c.add(method, it.name, [c.value(it), c.value(it)])
}

function like(c: Conditions, it: Reference): void {
  const method = c.draw.random.chance(0.7) ? 'whereLike' : 'whereILike'
  c.add(method, it.name, c.draw.random.pick(['a', 'A%', '%b', '_']))
}

function group(c: Conditions): void {
  if (c.depth === 0) return
  const inside = drawWhere(c.draw, c.scope, c.depth - 1)
  c.add(c.draw.random.chance(0.3) ? 'whereNot' : 'where', function (this: Builder) {
    inside(this)
  })
}

function columns(c: Conditions, it: Reference): void {
  const other = c.draw.reference(c.scope, comparable(c.draw, it.column))
  if (other !== undefined)
    c.add('whereColumn', it.name, c.draw.random.pick(['=', '<>', '<']), other.name)
}

function raw(c: Conditions): void {
  const made = trap(c.draw, c.scope)
  if (made !== undefined) c.add('whereRaw', made.sql, made.bindings)
}

function exists(c: Conditions): void {
  if (c.depth === 0) return
  const method = c.draw.random.chance(0.6) ? 'whereExists' : 'whereNotExists'
  const one = c.draw.raw('1')
  c.add(
    method,
    subquery(c, () => [one]),
  )
}

function inSubquery(c: Conditions, it: Reference): void {
  if (c.depth === 0) return
  const method = c.draw.random.chance(0.65) ? 'whereIn' : 'whereNotIn'
  c.add(
    method,
    it.name,
    column(c, it, (name) => [name]),
  )
}

/** A subquery that has one row, compared. */
function scalar(c: Conditions, it: Reference): void {
  if (c.depth === 0) return
  const { random } = c.draw
  const extreme = random.pick(['max', 'min'])
  c.add(
    'where',
    it.name,
    random.pick(['=', '=', '<']),
    column(c, it, (name) => [c.draw.raw(`${extreme}(??)`, [name])]),
  )
}

/** Rows of values. */
function tuples(c: Conditions, it: Reference): void {
  const other = c.draw.reference(c.scope)
  if (other === undefined) return
  const rows = Array.from({ length: c.draw.random.between(1, 3) }, () => [
    c.value(it),
    c.value(other),
  ])
  c.add('whereIn', [it.name, other.name], rows)
}

/** A subquery that selects one column which can be compared with `it`. */
function column(c: Conditions, it: Reference, select: (name: string) => Selected): Builder {
  return subquery(c, (scope) => {
    const found = c.draw.reference({ ...scope, outer: undefined }, comparable(c.draw, it.column))
    return found === undefined ? [c.draw.raw('null')] : select(found.name)
  })
}

type Selected = (string | Knex.Raw)[]

function subquery(c: Conditions, select: (scope: Scope) => Selected): Builder {
  const { draw, depth } = c
  const { random } = draw
  const source = draw.source()
  const placed: Placed = { source, alias: draw.alias([]) }
  const scope: Scope = { placed: [placed], outer: c.scope }
  const inner = draw.k.queryBuilder() as Builder
  void inner.select(...select(scope)).from({ [placed.alias]: source.name })
  if (random.chance(0.5)) correlate(draw, inner, scope)
  if (random.chance(0.7)) addWhere(draw, inner, scope, depth - 1)
  if (depth > 1 && random.chance(0.1)) void inner.union([subquery(c, select)])
  return inner
}

/** How many rows of a table there are for a row of the query around it. */
export function countFor(draw: Draw, outer: Scope): Builder {
  const source = draw.random.pick(draw.schema.tables)
  const scope: Scope = { placed: [{ source, alias: 'sub' }], outer }
  const inner = draw.k.count({ n: '*' }).from({ sub: source.name }) as Builder
  if (draw.random.chance(0.6)) correlate(draw, inner, scope)
  addWhere(draw, inner, scope, 1)
  return inner
}

/** Ties a subquery to the query around it. */
function correlate(draw: Draw, builder: Builder, scope: Scope): void {
  const [inner] = scope.placed
  if (inner === undefined || scope.outer === undefined) return
  const own = draw.reference({ placed: [inner], outer: undefined })
  const outer = own === undefined ? undefined : draw.reference(scope.outer, sameGroup(own.column))
  if (own === undefined || outer === undefined || !outer.name.includes('.')) return
  const name = own.name.includes('.') ? own.name : `${inner.alias}.${own.name}`
  void builder.where(name, '=', draw.k.ref(outer.name))
}

/** Mostly columns of one kind or the like; others are compared in ways of the database's own. */
export function comparable(draw: Draw, column: Column): (other: Column) => boolean {
  const any = draw.dialect !== 'postgres' && draw.random.chance(0.12)
  return any ? () => true : sameGroup(column)
}

function sameGroup(column: Column): (other: Column) => boolean {
  return ({ kind }) =>
    kind.group === column.kind.group && (kind.group !== 'other' || kind === column.kind)
}
