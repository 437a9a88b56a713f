import type { ColumnImage, ValueSource } from '../../contract/rows.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { CatalogTable } from '../catalog/catalog-table.ts'
import type { CatalogKeyColumn, KeyColumns } from './key-columns.ts'
import type { SentValue } from './write-shape.ts'

/** What is known of a key column in the changed rows, before it is decided whether the database is asked for the rest. */
export interface DraftImage {
  readonly column: CatalogKeyColumn
  readonly values: readonly ValueSource[]
  /** The rest is what the rows hold after the statement (`answer`), or not to be had. */
  readonly rest: 'answer' | 'unknown' | undefined
  /** See `ColumnImage.nullIsUnknown`. */
  readonly nullIsUnknown?: boolean
  /** The folded name of the column of the written table that the answer has the values of, if it is another. */
  readonly answeredBy?: string
}

/** Drafts by the column's folded name: one for each key column of the table. */
export type Drafts = ReadonlyMap<string, DraftImage>

/** The one table that a statement itself writes. */
export interface WrittenTable {
  readonly table: CatalogTable
  readonly keys: KeyColumns
  readonly catalog: Catalog
}

/** What is in a column once the statement has run: known, to be asked for, or never to be known. */
export type StoredValue = ValueSource | 'ask'

/** What is stored where `value` is sent to a column by a statement whose triggers `rewrite` rows or not. */
export function storedValue(
  { table, catalog }: WrittenTable,
  { column, kind }: CatalogKeyColumn,
  value: SentValue,
  event: 'insert' | 'update',
): StoredValue {
  if (table.rewrittenBy.has(event)) return 'ask'
  if (value.op === 'default') return column.absentIsNull ? { from: 'null' } : 'ask'
  if (value.op !== 'plain' || catalog.bendsValues || !table.transactional) return 'ask'
  // The server's spelling of a number is not the text's.
  if (value.numeric && kind !== 'integer') return 'ask'
  const { source } = value
  return source.from === 'null' && (!column.nullable || column.selfFilling) ? 'ask' : source
}

/** Nothing is known of the column. */
export function unknownImage(column: CatalogKeyColumn): DraftImage {
  return { column, values: [], rest: 'unknown' }
}

/** The image as the footprint has it, with the place of the column's values in the answer. */
export function finished(draft: DraftImage, answers: readonly string[]): ColumnImage {
  const { column, values, nullIsUnknown, answeredBy = column.name } = draft
  const at = answers.indexOf(answeredBy)
  const rest = draft.rest === 'answer' ? (at < 0 ? 'unknown' : at) : draft.rest
  const image: ColumnImage = { column, values, rest }
  return nullIsUnknown === true ? { ...image, nullIsUnknown } : image
}
