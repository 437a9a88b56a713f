import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Value } from './kind.ts'
import type { Random } from './random.ts'
import type { Column, Schema, Source } from './schema.ts'

/** The rows of tables, as they were read last. */
export type KnownRows = ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>

/** A source under the name that a query gives it. */
export interface Placed {
  readonly alias: string
  readonly source: Source
}

/** What a part of a query can name: its own sources, then those around it. */
export interface Scope {
  readonly placed: readonly Placed[]
  readonly outer: Scope | undefined
}

/** A column as a query names it. */
export interface Reference {
  /** For Knex: `alias.column` or `column`. */
  readonly name: string
  readonly column: Column
  readonly source: Source
}

/** Everything that queries and writes are drawn from. Two draws of equal seeds over equal rows are equal. */
export class Draw {
  readonly random: Random
  readonly schema: Schema
  readonly dialect: Dialect
  /** Makes builders; needs no connection as long as they are only compiled. */
  readonly k: Knex
  readonly #rows: KnownRows
  #aliases = 0

  constructor(random: Random, schema: Schema, k: Knex, rows: KnownRows) {
    this.random = random
    this.schema = schema
    this.dialect = schema.dialect
    this.k = k
    this.#rows = rows
  }

  /** Raw SQL; Knex's types know fewer values than the drivers take. */
  raw(sql: string, bindings: readonly unknown[] = []): Knex.Raw {
    return this.k.raw(sql, bindings as Knex.RawBinding[])
  }

  /** A table or view, no heavier than this. */
  source(most = 2): Source {
    const { tables } = this.schema
    const views = this.schema.views.filter(({ weight }) => weight <= most)
    return views.length > 0 && this.random.chance(0.2)
      ? this.random.pick(views)
      : this.random.pick(tables)
  }

  /** A name for a source: sometimes that of another table, or one that hides an outer source. */
  alias(taken: readonly Placed[]): string {
    const { random } = this
    const free = (name: string): boolean =>
      taken.every(({ alias }) => alias.toLowerCase() !== name.toLowerCase())
    if (random.chance(0.15)) {
      const name = random.pick(this.schema.tables).name
      if (free(name)) return name
    }
    const name = random.pick(['x', 'y', 'Z', 'o', 't'])
    if (free(name)) return name
    this.#aliases += 1
    return `a${this.#aliases}`
  }

  /** A value for a column: one that a row has, one that fits, or an odd one. */
  value(column: Column, source?: Source): Value {
    const { random } = this
    if (source !== undefined && random.chance(0.7)) {
      const rows = this.#rows.get(source.name) ?? []
      const known = rows.length === 0 ? undefined : random.pick(rows)[column.name]
      if (isValue(known)) return known
    }
    if (column.kind.odd.length > 0 && random.chance(0.2)) return random.pick(column.kind.odd)
    return this.plain(column)
  }

  /** A value of the column's kind, as it is spelled most often. */
  plain(column: Column): Value {
    return this.random.pick(column.wide ? column.kind.wide : column.kind.values)
  }

  /** Rows that a table had when it was read last. */
  rows(table: string): readonly Readonly<Record<string, unknown>>[] {
    return this.#rows.get(table) ?? []
  }

  /** A column that is in scope, qualified or not; undefined if none is accepted. */
  reference(
    scope: Scope,
    accepts: (column: Column) => boolean = () => true,
  ): Reference | undefined {
    const { random } = this
    const outer = scope.outer
    if (outer !== undefined && random.chance(0.12)) {
      const found = this.reference(outer, accepts)
      if (found !== undefined && !isHidden(found.name, scope)) return found
    }
    const all = scope.placed.flatMap(({ alias, source }) =>
      source.columns.filter(accepts).map((column) => ({ alias, source, column })),
    )
    if (all.length === 0) return undefined
    // Keys decide which rows matter: they come up more often than chance would have it.
    const keys = all.filter(({ column }) => column.wide)
    const { alias, source, column } = random.pick(
      keys.length > 0 && random.chance(0.5) ? keys : all,
    )
    const bare = isUnique(column.name, scope) && random.chance(scope.placed.length > 1 ? 0.4 : 0.7)
    return { name: bare ? column.name : `${alias}.${column.name}`, column, source }
  }
}

function isValue(value: unknown): value is Value {
  return Buffer.isBuffer(value) || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

function isUnique(name: string, { placed }: Scope): boolean {
  const folded = name.toLowerCase()
  const having = placed.flatMap(({ source }) =>
    source.columns.filter((column) => column.name.toLowerCase() === folded),
  )
  return having.length === 1
}

/** Would an inner source be meant where an outer one was chosen? */
function isHidden(name: string, { placed }: Scope): boolean {
  const [first = '', second] = name.toLowerCase().split('.')
  return second === undefined
    ? placed.some(({ source }) => source.columns.some((c) => c.name.toLowerCase() === first))
    : placed.some(({ alias }) => alias.toLowerCase() === first)
}
