import { shown } from '../base/shown.ts'
import type { StatementFootprint } from '../contract/footprint.ts'
import type { KeyColumn, RowFilter, ValueSource } from '../contract/rows.ts'
import { valueOf } from './column-values.ts'

/** What a query depends on in one table, in words. */
export interface DescribedRead {
  readonly table: string
  /** `every row`, or a condition such as `id = 7`. */
  readonly rows: string
  /** The tags that are consulted: `posts*`, or `posts?` with `posts.id?`, `posts.id=7` ... */
  readonly tags: readonly string[]
}

/** The words for one filter, and its tags; undefined for every row, `none` for no row. */
type Words = { readonly text: string; readonly tags: readonly string[] } | 'none' | undefined

/** Describes what {@link readProgram} makes of a query: the same rules, in words. */
export function describeReads(
  statement: Pick<StatementFootprint, 'reads' | 'uses'>,
  bindings: readonly unknown[],
): DescribedRead[] {
  const { reads, uses } = statement
  if (reads === 'everything') return []
  return [...reads].sort().map((table) => {
    const filters = uses.filter((use) => use.table === table).map(({ filter }) => filter)
    const words = filters.length === 0 ? undefined : either(partsOf(filters, table, bindings))
    if (words === undefined) return { table, rows: 'every row', tags: [`${table}*`] }
    if (words === 'none') return { table, rows: 'no row', tags: [`${table}?`] }
    return { table, rows: words.text, tags: [`${table}?`, ...new Set(words.tags)] }
  })
}

function partsOf(
  filters: readonly RowFilter[],
  table: string,
  bindings: readonly unknown[],
): Words[] {
  return filters.map((filter) => wordsOf(filter, table, bindings))
}

function wordsOf(filter: RowFilter, table: string, bindings: readonly unknown[]): Words {
  switch (filter.op) {
    case 'every':
      return undefined
    case 'none':
      return 'none'
    case 'null': {
      const tag = `${table}.${filter.column.name}`
      return { text: `${filter.column.name} is null`, tags: [`${tag}?`, `${tag}=NULL`] }
    }
    case 'equals':
      return equality(filter.column, filter.values, table, bindings)
    case 'and':
      return both(partsOf(filter.of, table, bindings))
    case 'or':
      return either(partsOf(filter.of, table, bindings))
  }
}

function equality(
  column: KeyColumn,
  sources: readonly ValueSource[],
  table: string,
  bindings: readonly unknown[],
): Words {
  const tag = `${table}.${column.name}`
  const values = sources.map((source) => valueOf(source, bindings)).filter((one) => one !== null)
  const forms = values.map((value) => column.canonical(value))
  if (forms.includes(undefined)) return undefined
  if (values.length === 0) return 'none'
  const list = values.map((value) => shown(value)).join(', ')
  return {
    text: values.length === 1 ? `${column.name} = ${list}` : `${column.name} in (${list})`,
    tags: [`${tag}?`, ...forms.map((form) => `${tag}=${form ?? ''}`)],
  }
}

function both(parts: readonly Words[]): Words {
  if (parts.includes('none')) return 'none'
  return joined(parts, ' and ')
}

function either(parts: readonly Words[]): Words {
  if (parts.includes(undefined)) return undefined
  return joined(parts, ' or ') ?? 'none'
}

function joined(parts: readonly Words[], word: string): Words {
  const all = parts.filter((part) => part !== undefined).filter((part) => part !== 'none')
  const [first] = all
  if (first === undefined) return undefined
  const texts = [...new Set(all.map(({ text }) => text))]
  return {
    text: texts.length === 1 ? first.text : `(${texts.join(word)})`,
    tags: all.flatMap(({ tags }) => tags),
  }
}
