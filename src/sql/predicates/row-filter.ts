import type { RowFilter, ValueSource } from '../../contract/rows.ts'

/** Any row. */
export const every: RowFilter = { op: 'every' }

/** No row. */
export const none: RowFilter = { op: 'none' }

/** More alternatives than these only cost time when an entry is looked up. */
const maxAlternatives = 4

/** Filters that name more values than this are not worth looking up. */
const maxValues = 256

/** Rows that satisfy all of the filters. Keeps those few that name the fewest values: each of them is right by itself. */
export function allOf(filters: readonly RowFilter[]): RowFilter {
  const known = new Map<string, RowFilter>()
  for (const filter of filters) {
    for (const part of filter.op === 'and' ? filter.of : [filter]) {
      if (part.op === 'none') return none
      if (part.op !== 'every') known.set(textOf(part), part)
    }
  }
  const best = [...known.values()].sort((a, b) => sizeOf(a) - sizeOf(b)).slice(0, maxAlternatives)
  const [only] = best
  if (only === undefined) return every
  return best.length === 1 ? only : { op: 'and', of: best }
}

/** Rows that satisfy one of the filters. */
export function anyOf(filters: readonly RowFilter[]): RowFilter {
  const known = new Map<string, RowFilter>()
  const pins = new Map<string, Extract<RowFilter, { op: 'equals' }>>()
  for (const filter of filters) {
    for (const part of filter.op === 'or' ? filter.of : [filter]) {
      if (part.op === 'every') return every
      if (part.op === 'equals') {
        const same = pins.get(part.column.name)
        const values = same === undefined ? part.values : distinct([...same.values, ...part.values])
        pins.set(part.column.name, { ...part, values })
      } else if (part.op !== 'none') known.set(textOf(part), part)
    }
  }
  const of = [...pins.values(), ...known.values()]
  const [only] = of
  if (only === undefined) return none
  const filter: RowFilter = of.length === 1 ? only : { op: 'or', of }
  return sizeOf(filter) > maxValues ? every : filter
}

/** The values without repetitions. */
function distinct(values: readonly ValueSource[]): ValueSource[] {
  return [...new Map(values.map((value) => [valueText(value), value] as const)).values()]
}

/** How many values a filter names. */
function sizeOf(filter: RowFilter): number {
  switch (filter.op) {
    case 'every':
    case 'none':
      return 0
    case 'null':
      return 1
    case 'equals':
      return filter.values.length
    case 'and':
    case 'or':
      return filter.of.reduce((size, part) => size + sizeOf(part), 0)
  }
}

/** The same for filters that say the same of one table. */
export function textOf(filter: RowFilter): string {
  switch (filter.op) {
    case 'every':
    case 'none':
      return filter.op
    case 'null':
      return `null(${filter.column.name})`
    case 'equals':
      return `equals(${filter.column.name} ${filter.values.map(valueText).join(' ')})`
    case 'and':
    case 'or':
      return `${filter.op}(${filter.of.map(textOf).join(' ')})`
  }
}

function valueText(value: ValueSource): string {
  switch (value.from) {
    case 'binding':
      return `?${value.index}`
    case 'literal':
      return JSON.stringify(value.value)
    case 'null':
      return 'null'
  }
}
