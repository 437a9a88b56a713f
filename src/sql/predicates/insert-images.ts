import type { ValueSource } from '../../contract/rows.ts'
import type { CatalogTable } from '../catalog/catalog-table.ts'
import { storedValue, unknownImage } from './draft-image.ts'
import type { DraftImage, Drafts, WrittenTable } from './draft-image.ts'
import type { CatalogKeyColumn } from './key-columns.ts'
import type { ConflictClause, InsertShape, SentValue } from './write-shape.ts'

/** What is known of the rows that an INSERT adds, and that its ON CONFLICT changes; `undefined` where its columns cannot be told. */
export function insertDrafts(shape: InsertShape, written: WrittenTable): Drafts | undefined {
  const { table, keys } = written
  const columns = columnsOf(shape, table)
  if (columns === undefined || shape.rows.some((row) => row.length !== columns.length))
    return undefined
  const drafts = new Map<string, DraftImage>()
  for (const key of keys.values()) {
    const place = columns.indexOf(key.name)
    const sent = shape.rows.map((row): SentValue => row[place] ?? { op: 'default' })
    const added = addedValues(written, key, sent)
    const { conflict } = shape
    const both = conflict?.assigned === undefined ? added : merged(added, conflict, table)
    drafts.set(key.name, both)
  }
  return drafts
}

/** The folded names of the columns that get values. */
function columnsOf(shape: InsertShape, table: CatalogTable): readonly string[] | undefined {
  const known = Array.from(table.columns.values(), (column) => column.name.toLowerCase())
  if (shape.columns !== undefined)
    return shape.columns.every((name) => known.includes(name)) ? shape.columns : undefined
  const whole = [...table.columns.values()].every((column) => !column.generated)
  return whole && shape.rows.every((row) => row.length === known.length) ? known : undefined
}

function addedValues(
  written: WrittenTable,
  key: CatalogKeyColumn,
  sent: readonly SentValue[],
): DraftImage {
  const values = new Map<string, ValueSource>()
  let asks = false
  for (const value of sent) {
    const stored = storedValue(written, key, value, 'insert')
    if (stored === 'ask') asks = true
    else values.set(JSON.stringify(stored), stored)
  }
  const filling = key.column.selfFilling
  return {
    column: filling && written.catalog.rules.dialect === 'mysql' ? withoutZero(key) : key,
    values: [...values.values()],
    rest: asks ? 'answer' : undefined,
    nullIsUnknown: filling,
  }
}

/** MySQL makes a number of its own where 0 is sent. */
function withoutZero(key: CatalogKeyColumn): CatalogKeyColumn {
  const canonical = (value: unknown): string | undefined => {
    const form = key.canonical(value)
    return form === '0' ? undefined : form
  }
  return { ...key, canonical }
}

/**
 * With DO UPDATE, rows change that were there before. In the columns whose equality is the conflict they hold what was to be
 * inserted. Of the others only what the statement leaves alone can be learnt, afterwards.
 */
function merged(added: DraftImage, conflict: ConflictClause, table: CatalogTable): DraftImage {
  const { column } = added
  const assigned = conflict.assigned?.get(column.name)
  const rewrites = table.rewrittenBy.has('update')
  const decides = isKey(conflict.target, table) && conflict.target.has(column.name)
  const isCovered = decides && added.rest === undefined
  const asked: DraftImage = { ...added, rest: 'answer' }
  if (assigned === undefined) {
    if (rewrites) return isCovered ? asked : unknownImage(column)
    return isCovered ? added : asked
  }
  const keeps = assigned.every((value) => value.op === 'excluded' && value.column === column.name)
  if (keeps && decides && !rewrites) return added
  return isCovered ? asked : unknownImage(column)
}

/** Are these the columns of a unique key? */
function isKey(columns: ReadonlySet<string>, table: CatalogTable): boolean {
  return [table.primaryKey, ...table.uniqueKeys].some(
    (key) =>
      key.length > 0 &&
      key.length === columns.size &&
      key.every((name) => columns.has(name.toLowerCase())),
  )
}
