import type { Knex } from 'knex'
import { addWhere, comparable, countFor } from './conditions.ts'
import type { Draw, Placed, Scope } from './draw.ts'
import type { Column, Source } from './schema.ts'
import { trap } from './traps.ts'

type Builder = Knex.QueryBuilder

/** What a query reads from, and what it was drawn as. */
export interface From {
  readonly scope: Scope
  readonly kind: string
}

/** Gives a builder its FROM: one source, or several that are joined. */
export function addFrom(draw: Draw, builder: Builder, depth: number, most = 3): From {
  const { random } = draw
  const first = place(draw, [], depth, most)
  void builder.from(first.table)
  const placed: Placed[] = [first.placed]
  const kinds: string[] = first.kind === 'plain' ? [] : [first.kind]
  const joins = random.weighted([
    [58, 0],
    [32, 1],
    [10, 2],
  ])
  for (let i = 0; i < joins && weightOf(placed) < most; i++) {
    kinds.push(addJoin(draw, builder, placed, depth, most - weightOf(placed)))
  }
  return { scope: { placed, outer: undefined }, kind: kinds[0] ?? 'plain' }
}

function weightOf(placed: readonly Placed[]): number {
  return placed.reduce((sum, { source }) => sum + source.weight, 0)
}

type TableLike = string | Knex.AliasDict | Builder

interface Placing {
  readonly table: TableLike
  readonly placed: Placed
  readonly kind: string
}

function place(draw: Draw, taken: readonly Placed[], depth: number, most: number): Placing {
  const { random } = draw
  const alias = draw.alias(taken)
  if (depth > 0 && random.chance(0.1)) {
    const { builder, source } = derive(draw, depth - 1, alias, Math.min(most, 2))
    return { table: builder.as(alias), placed: { alias, source }, kind: 'derived' }
  }
  const source = draw.source(most)
  const kind = 'sql' in source ? 'view' : 'plain'
  const qualified = draw.dialect === 'sqlite' ? 'main' : 'public'
  const named = taken.every((each) => each.alias.toLowerCase() !== source.name.toLowerCase())
  if (named && draw.dialect !== 'mysql' && random.chance(0.04)) {
    const placed = { alias: source.name, source }
    return { table: `${qualified}.${source.name}`, placed, kind }
  }
  if (named && random.chance(0.6)) {
    return { table: source.name, placed: { alias: source.name, source }, kind }
  }
  return { table: { [alias]: source.name }, placed: { alias, source }, kind }
}

type On = (this: Knex.JoinClause) => void

function addJoin(
  draw: Draw,
  builder: Builder,
  placed: Placed[],
  depth: number,
  most: number,
): string {
  const { random, dialect } = draw
  const before: Scope = { placed: [...placed], outer: undefined }
  if (dialect === 'postgres' && random.chance(0.07)) return addLateral(draw, builder, placed)
  const { table, placed: added } = place(draw, placed, depth, most)
  placed.push(added)
  const kind = random.weighted([
    [36, 'join'],
    [36, 'left join'],
    [10, 'right join'],
    [dialect === 'mysql' ? 0 : 10, 'full join'],
    [6, 'cross join'],
    [5, 'comma'],
  ])
  if (kind === 'cross join' || (kind === 'comma' && typeof table !== 'string')) {
    void builder.crossJoin(table as unknown as Knex.Raw)
    return 'cross join'
  }
  if (kind === 'comma') {
    void builder.joinRaw(', ??', [table as string])
    return kind
  }
  const join = (on: On): void => {
    const target = table as string
    if (kind === 'join') void builder.join(target, on)
    else if (kind === 'left join') void builder.leftJoin(target, on)
    else if (kind === 'right join') void builder.rightJoin(target, on)
    else void builder.fullOuterJoin(target, on)
  }
  const shared = sharedColumn(draw, before, added)
  if (shared !== undefined && random.chance(0.15)) {
    join(function () {
      this.using([shared.name])
    })
    if (random.chance(0.6))
      void builder.where(shared.name, draw.value(shared, added.source) as string)
    return 'using'
  }
  join(onClause(draw, before, added))
  if (kind === 'left join' && random.chance(0.25)) {
    // An anti-join: rows without a partner.
    const own = draw.reference({ placed: [added], outer: undefined }, ({ wide }) => wide)
    if (own !== undefined) {
      void builder.whereNull(own.name.includes('.') ? own.name : `${added.alias}.${own.name}`)
      return 'anti-join'
    }
  }
  return kind
}

/** A subquery that is run for each row of what stands before it. PostgreSQL. */
function addLateral(draw: Draw, builder: Builder, placed: Placed[]): string {
  const { random } = draw
  const alias = draw.alias(placed)
  const source = random.pick(draw.schema.tables)
  const scope: Scope = {
    placed: [{ alias: 'l', source }],
    outer: { placed: [...placed], outer: undefined },
  }
  const inner = draw.k.select('*').from({ l: source.name }) as Builder
  addWhere(draw, inner, scope, 1)
  if (source.key.length > 0 && random.chance(0.4)) void inner.orderBy([...source.key]).limit(2)
  const [start, end] = random.pick([
    ['cross', ''],
    ['left', ' on true'],
    ['inner', ' on true'],
  ])
  const lateral = draw.raw(`${start ?? ''} join lateral ? as ??${end ?? ''}`, [inner, alias])
  void builder.joinRaw(lateral as unknown as string)
  placed.push({ alias, source: { ...source, key: [] } })
  return 'lateral'
}

/** A column that both sides have under one name, and the left ones only once. */
function sharedColumn(draw: Draw, before: Scope, { source }: Placed): Column | undefined {
  const left = before.placed.flatMap((each) => each.source.columns)
  const loose = draw.dialect !== 'postgres' && draw.random.chance(0.3)
  const shared = source.columns.filter(
    ({ name, kind }) =>
      left.filter((l) => l.name === name && (loose || l.kind.group === kind.group)).length === 1,
  )
  return shared.length === 0 ? undefined : draw.random.pick(shared)
}

function onClause(draw: Draw, before: Scope, added: Placed): On {
  const { random } = draw
  const own: Scope = { placed: [added], outer: undefined }
  const both: Scope = { placed: [...before.placed, added], outer: undefined }
  return function () {
    const right = draw.reference(own)
    const left = right && draw.reference(before, comparable(draw, right.column))
    if (right === undefined || left === undefined) this.on(draw.raw('1 = 1'))
    else
      this.on(
        qualified(left.name, before.placed),
        random.chance(0.93) ? '=' : '<',
        qualified(right.name, [added]),
      )
    if (random.chance(0.55)) return
    const it = draw.reference(random.chance(0.6) ? own : both)
    if (it === undefined) return
    const name = qualified(it.name, random.chance(0.5) ? [added] : both.placed)
    const value = (): string => draw.value(it.column, it.source) as string
    switch (random.int(9)) {
      case 0:
        return void this.andOnVal(name, '=', value())
      case 1:
        return void this.orOnVal(name, '=', value())
      case 2:
        return void this.onIn(name, [value(), value()])
      case 3:
        return void this.onNull(name)
      case 4:
        return void this.onNotNull(name)
      case 5: {
        const made = trap(draw, both)
        return made && void this.on(draw.raw(made.sql, made.bindings))
      }
      case 6:
        return void this.on(draw.raw('? > 0', [countFor(draw, both)]))
      case 7: {
        const [one, other] = [value(), value()]
        return void this.andOn(function () {
          this.onVal(name, '=', one).orOnVal(name, '=', other)
        })
      }
      default:
        return void this.onVal(name, '=', value())
    }
  }
}

function qualified(name: string, placed: readonly Placed[]): string {
  if (name.includes('.')) return name
  const owner = placed.find(({ source }) => source.columns.some((column) => column.name === name))
  return owner === undefined ? name : `${owner.alias}.${name}`
}

/** A query with named columns, to be read like a table. */
export function derive(
  draw: Draw,
  depth: number,
  name: string,
  most = 2,
): { readonly builder: Builder; readonly source: Source } {
  const { random, k } = draw
  const builder = k.queryBuilder()
  const { scope } = addFrom(draw, builder, 0, most)
  if (random.chance(0.7)) addWhere(draw, builder, scope, Math.min(depth, 1))
  const outputs = pickOutputs(draw, scope, random.between(2, 4))
  const exact = outputs.every(({ column }) => column.kind.exact)
  for (const { reference, column } of outputs) void builder.select({ [column.name]: reference })
  const columns = outputs.map(({ column }) => column)
  const weight = weightOf(scope.placed)
  const keys = scope.placed.flatMap(({ alias, source }) =>
    source.key.map((key) => `${alias}.${key}`),
  )
  if (scope.placed.every(({ source }) => source.key.length > 0) && random.chance(0.12)) {
    void builder.orderBy(keys).limit(random.between(1, 4))
    return { builder, source: { name, columns, key: [], weight } }
  }
  if (exact && random.chance(0.2)) {
    void builder.groupBy(outputs.map(({ reference }) => reference))
    if (random.chance(0.5)) void builder.having(k.raw('count(*)'), '>', 1)
  } else if (exact && random.chance(0.1)) void builder.distinct()
  return { builder, source: { name, columns, key: [], weight } }
}

/** Columns to select, some under the name of another column. */
export function pickOutputs(
  draw: Draw,
  scope: Scope,
  count: number,
): { readonly reference: string; readonly column: Column }[] {
  const { random } = draw
  const taken = new Set<string>()
  const outputs: { reference: string; column: Column }[] = []
  for (let i = 0; i < count; i++) {
    const it = draw.reference(scope)
    if (it === undefined) continue
    const reference = qualified(it.name, scope.placed)
    const { source } = random.pick(scope.placed)
    const lured = random.chance(0.3) ? random.pick(source.columns).name : it.column.name
    if (taken.has(lured.toLowerCase())) continue
    taken.add(lured.toLowerCase())
    outputs.push({ reference, column: { ...it.column, name: lured } })
  }
  return outputs
}
