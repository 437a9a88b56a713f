import { MillraceError } from '../base/errors.ts'
import { touchedSlots } from '../coherence/touched-slots.ts'
import { Touched } from '../coherence/touched.ts'
import type { TagSpace } from '../coherence/tag-space.ts'
import type { Slot } from '../contract/authority.ts'
import type { RowKey } from '../contract/cache-options.ts'
import type { ColumnImage } from '../contract/rows.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'

/** What a clearing by hand touches and drops. */
export interface ClearSelection {
  readonly slots: readonly Slot[]
  /** Tables, by tag name, whose entries go at once; others are found dead by what is touched. */
  readonly dropped: readonly string[]
}

/**
 * What `clear` on a table drops: everything that depends on it, or, with a key, what a write to the rows with that key would
 * invalidate. A key that tells no row apart (a view's, or a column that is no key column) clears the table.
 *
 * Throws `MILLRACE_COLUMN_UNKNOWN` for a key with a column that the table does not have.
 */
export function selectCleared(
  tags: TagSpace,
  analyser: StatementAnalyser,
  table: string,
  /** The table as the dialect quotes it. */
  quoted: string,
  key: RowKey | undefined,
): ClearSelection {
  const [statement] = analyser.footprint(`select * from ${quoted}`)
  const reads = statement === undefined ? 'everything' : statement.reads
  const tables = reads === 'everything' ? [table.toLowerCase()] : [...reads]
  const [only = ''] = tables
  const columns = key === undefined || tables.length > 1 ? [] : imagesOf(analyser, only, key)
  if (key === undefined || !columns.some(({ rest }) => rest === undefined)) {
    const touched = new Touched().addTables(new Set(tables))
    return { slots: touchedSlots(tags, touched), dropped: tables.map((name) => tags.tag(name)) }
  }
  const touched = new Touched().addChange({ table: only, columns }, Object.values(key))
  return { slots: touchedSlots(tags, touched), dropped: [] }
}

/** The key columns of the rows with a key: those that it names are known. */
function imagesOf(analyser: StatementAnalyser, table: string, key: RowKey): ColumnImage[] {
  const names = Object.keys(key).map((name) => name.toLowerCase())
  const description = analyser.catalog.described(table)
  const known = new Set(Array.from(description?.columns.keys() ?? [], (name) => name.toLowerCase()))
  const missing = names.find((name) => !known.has(name))
  if (description !== undefined && missing !== undefined) {
    throw new MillraceError('MILLRACE_COLUMN_UNKNOWN', `"${table}" has no column "${missing}".`, {
      remedy: `Its columns are: ${[...known].join(', ')}.`,
    })
  }
  return Array.from(analyser.catalog.keyColumns(table).values(), (column) => {
    const index = names.indexOf(column.name)
    return index < 0
      ? { column, values: [], rest: 'unknown' }
      : { column, values: [{ from: 'binding', index }], rest: undefined }
  })
}
