import type { ValueSource } from '../../contract/rows.ts'
import { storedValue, unknownImage } from './draft-image.ts'
import type { DraftImage, Drafts, WrittenTable } from './draft-image.ts'
import type { CatalogKeyColumn } from './key-columns.ts'
import type { Pins } from './pins.ts'
import type { SentValue, UpdateShape } from './write-shape.ts'

/** What is known of the rows that a DELETE removes: what its condition says, and what the database tells of them. */
export function deleteDrafts({ keys }: WrittenTable, pins: Pins): Drafts {
  const drafts = new Map<string, DraftImage>()
  for (const column of keys.values()) drafts.set(column.name, found(column, pins.of(column)))
  return drafts
}

/**
 * What is known of the rows that an UPDATE changes, before and after. Its condition tells of the values before; the database only of
 * those after, which are the same in columns that nothing assigns.
 */
export function updateDrafts(shape: UpdateShape, written: WrittenTable, pins: Pins): Drafts {
  const rewrites = written.table.rewrittenBy.has('update')
  const drafts = new Map<string, DraftImage>()
  for (const column of written.keys.values()) {
    const before = pins.of(column)
    const sent = shape.assigned.get(column.name)
    if (sent === undefined && !rewrites) drafts.set(column.name, found(column, before))
    else if (before === undefined) drafts.set(column.name, unknownImage(column))
    else drafts.set(column.name, changed(written, column, before, sent ?? []))
  }
  return drafts
}

function found(column: CatalogKeyColumn, values: readonly ValueSource[] | undefined): DraftImage {
  return { column, values: values ?? [], rest: values === undefined ? 'answer' : undefined }
}

/** The values before, and what is there now: sent, or to be asked for. */
function changed(
  written: WrittenTable,
  column: CatalogKeyColumn,
  before: readonly ValueSource[],
  sent: readonly SentValue[],
): DraftImage {
  const values = [...before]
  let asks = written.table.rewrittenBy.has('update')
  for (const value of sent) {
    const stored = storedValue(written, column, value, 'update')
    if (stored === 'ask') asks = true
    else values.push(stored)
  }
  return { column, values, rest: asks ? 'answer' : undefined }
}
