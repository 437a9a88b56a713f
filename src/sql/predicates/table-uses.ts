import type { RowFilter, TableUse } from '../../contract/rows.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ClosedEffects } from '../closure.ts'
import type { ExactToken } from './exact-tokens.ts'
import { KnownValues } from './known-values.ts'
import type { Select } from './query-tree.ts'
import { readQuery } from './read-query.ts'
import { ColumnResolver, type ResolvedCondition } from './resolved-condition.ts'
import { restrictionsOf, type Restriction } from './restriction.ts'
import { allOf, anyOf, every, none, textOf } from './row-filter.ts'
import { TokenReader } from './token-reader.ts'

/**
 * Which rows of its base tables a query depends on, by what its text says; nothing where the text is not understood. Tables of which
 * some place in the text needs every row are left out. What views, functions and the like read is not in it.
 */
export function tableUses(tokens: readonly ExactToken[], catalog: Catalog): readonly TableUse[] {
  const reader = new TokenReader(tokens, catalog.rules.dialect)
  const selects = readQuery(reader, catalog) ?? []
  const filters = new QueryFilters(catalog)
  const uses = new Map<string, TableUse>()
  const whole = new Set<string>()
  for (const select of selects) {
    for (const [place, { table }] of select.sources.entries()) {
      if (table === undefined) continue
      const filter = filters.of(select, place)
      if (filter.op === 'every') whole.add(table)
      else uses.set(`${table} ${textOf(filter)}`, { table, filter })
    }
  }
  return [...uses.values()].filter((use) => !whole.has(use.table))
}

/** What a query says of the rows it depends on: `StatementFootprint.uses`. Of tables that it also reads by other names nothing is said. */
export function queryUses(
  tokens: readonly ExactToken[],
  catalog: Catalog,
  closed: ClosedEffects,
): readonly TableUse[] {
  const { reads, readsBehind } = closed
  if (reads === 'everything') return []
  return tableUses(tokens, catalog).filter(
    ({ table }) => reads.has(table) && !readsBehind.has(table),
  )
}

/** Finds which rows of a source make a difference to a query's result. */
class QueryFilters {
  readonly #resolver: ColumnResolver
  readonly #restrictions: Map<Select, Restriction[]> = new Map<Select, Restriction[]>()
  readonly #known: KnownValues

  constructor(catalog: Catalog) {
    this.#resolver = new ColumnResolver(catalog)
    this.#known = new KnownValues((select) => this.#restrictionsOf(select))
  }

  of(select: Select, source: number): RowFilter {
    if (select.everyRow) return every
    const filters: RowFilter[] = []
    for (const { condition, restricts, nullable } of this.#restrictionsOf(select)) {
      if (source >= restricts.first && source < restricts.end)
        filters.push(project(condition, select, source, nullable.has(source)))
    }
    for (const { of, values } of this.#known.of(select))
      if (of.source === source) filters.push({ op: 'equals', column: of.column, values })
    return allOf(filters)
  }

  #restrictionsOf(select: Select): readonly Restriction[] {
    let found = this.#restrictions.get(select)
    if (found === undefined) {
      found = restrictionsOf(select, this.#resolver)
      this.#restrictions.set(select, found)
    }
    return found
  }
}

/** What a condition says of one source alone: everything else may be TRUE. */
function project(
  condition: ResolvedCondition,
  select: Select,
  source: number,
  nullable: boolean,
): RowFilter {
  switch (condition.op) {
    case 'opaque':
    case 'same':
      return every
    case 'never':
      return none
    case 'equals': {
      const { of, values } = condition
      const own = of.select === select && of.source === source
      return own ? { op: 'equals', column: of.column, values } : every
    }
    case 'null': {
      const { of } = condition
      const own = of.select === select && of.source === source && !nullable
      return own ? { op: 'null', column: of.column } : every
    }
    case 'and':
      return allOf(condition.parts.map((part) => project(part, select, source, nullable)))
    case 'or':
      return anyOf(condition.parts.map((part) => project(part, select, source, nullable)))
  }
}
