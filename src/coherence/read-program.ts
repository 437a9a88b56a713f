import type { Slot } from '../contract/authority.ts'
import type { StatementFootprint } from '../contract/footprint.ts'
import type { Program } from '../contract/program.ts'
import type { RowFilter, TableUse } from '../contract/rows.ts'
import { valueOf } from './column-values.ts'
import { EVERYTHING_SLOT } from './tag-space.ts'
import type { TableTags, TagSpace } from './tag-space.ts'

/** What a query depends on, as slots. */
export interface ReadSlots {
  readonly program: Program
  /** `T*` of each table: what invalidation by table would go by. */
  readonly tableSlots: readonly Slot[]
}

/** Which rows a filter leaves, as a program; the two ends of the scale have none. */
type Rows = 'every' | 'none' | Program

/**
 * What keeps a query's result valid, for the values that it is run with. For each use of a table, with F for its filter:
 *
 *     no filter     T* untouched
 *     otherwise     T? untouched, and F: c = v   T.c=v and T.c? untouched
 *                                        a or b  both untouched
 *                                        a and b either untouched: a row that makes both TRUE makes each TRUE
 *
 * A value without canonical form leaves every row.
 */
export function readProgram(
  tags: TagSpace,
  statement: Pick<StatementFootprint, 'reads' | 'uses'>,
  bindings: readonly unknown[],
): ReadSlots {
  const all = new Set<Slot>([EVERYTHING_SLOT, tags.everything, tags.schema])
  const any: (readonly Program[])[] = []
  const { reads, uses } = statement
  if (reads === 'everything') {
    all.add(tags.any)
    return { program: { all: [...all], any }, tableSlots: [tags.any] }
  }
  const whole: Slot[] = []
  for (const name of reads) {
    const table = tags.table(name)
    whole.push(table.whole)
    const rows = rowsUsed(table, name, uses, bindings)
    if (rows === 'every') all.add(table.whole)
    else {
      all.add(table.unknownRows)
      for (const slot of rows.all) all.add(slot)
      any.push(...rows.any)
    }
  }
  return { program: { all: [...all], any }, tableSlots: whole }
}

/** The rows that all uses of a table leave together. */
function rowsUsed(
  table: TableTags,
  name: string,
  uses: readonly TableUse[],
  bindings: readonly unknown[],
): 'every' | Program {
  const filters = uses.filter((use) => use.table === name).map(({ filter }) => filter)
  if (filters.length === 0) return 'every'
  const rows = anyOf(filters.map((filter) => rowsOf(table, filter, bindings)))
  return rows === 'none' ? { all: [], any: [] } : rows
}

function rowsOf(table: TableTags, filter: RowFilter, bindings: readonly unknown[]): Rows {
  switch (filter.op) {
    case 'every':
    case 'none':
      return filter.op
    case 'null': {
      const { none, unknown } = table.column(filter.column.name)
      return { all: [unknown, none], any: [] }
    }
    case 'equals': {
      const column = table.column(filter.column.name)
      const slots = new Set<Slot>()
      for (const source of filter.values) {
        const value = valueOf(source, bindings)
        if (value === null) continue // equal to nothing
        const form = filter.column.canonical(value)
        if (form === undefined) return 'every'
        slots.add(column.value(form))
      }
      return slots.size === 0 ? 'none' : { all: [column.unknown, ...slots], any: [] }
    }
    case 'and':
      return allOf(filter.of.map((part) => rowsOf(table, part, bindings)))
    case 'or':
      return anyOf(filter.of.map((part) => rowsOf(table, part, bindings)))
  }
}

/** Rows that satisfy all parts: untouched as soon as those of one part are. */
function allOf(parts: readonly Rows[]): Rows {
  if (parts.includes('none')) return 'none'
  const programs = parts.filter((part) => part !== 'every').filter((part) => part !== 'none')
  const [first] = programs
  if (first === undefined) return 'every'
  return programs.length === 1 ? first : { all: [], any: [programs] }
}

/** Rows that satisfy any part: untouched if those of all parts are. */
function anyOf(parts: readonly Rows[]): Rows {
  if (parts.includes('every')) return 'every'
  const programs = parts.filter((part) => part !== 'none').filter((part) => part !== 'every')
  if (programs.length === 0) return 'none'
  return {
    all: [...new Set(programs.flatMap(({ all }) => all))],
    any: programs.flatMap(({ any }) => any),
  }
}
