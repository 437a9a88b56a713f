import type { ChangeOrigin } from '../closure.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { CascadePart } from '../catalog/parts.ts'
import { unknownImage } from './draft-image.ts'
import type { DraftImage, Drafts } from './draft-image.ts'
import type { CatalogKeyColumn, KeyColumns } from './key-columns.ts'

/** Rows of a child table that a foreign key changes. */
export interface CascadeDrafts {
  readonly table: string
  readonly drafts: Drafts
}

/**
 * What is known of the rows that change because their parents' do: they hold the parents' key, before and after. Only for children
 * that are reached in this one way.
 */
export function cascadeDrafts(
  parents: Drafts,
  origins: ReadonlyMap<string, ChangeOrigin>,
  catalog: Catalog,
): CascadeDrafts[] {
  const all: CascadeDrafts[] = []
  for (const [table, origin] of origins) {
    if (origin.how !== 'cascade') continue
    const { key, by } = origin
    const action = by === 'delete' ? key.onDelete : key.onUpdate
    const child = catalog.described(table)
    const keys = catalog.keyColumns(table)
    if (child === undefined || child.hasRules || action === 'set-default') continue
    // Triggers of the child run, and may put something else there; a row that goes cannot be changed.
    const vanishes = by === 'delete' && action === 'cascade'
    if (!vanishes && child.rewrittenBy.has('update')) continue
    all.push({ table, drafts: childDrafts(parents, keys, key, action === 'set-null') })
  }
  return all
}

function childDrafts(
  parents: Drafts,
  keys: KeyColumns,
  key: CascadePart,
  setsNull: boolean,
): Drafts {
  const drafts = new Map<string, DraftImage>()
  for (const column of keys.values()) {
    const parent = parents.get(key.parentColumns[key.childColumns.indexOf(column.name)] ?? '')
    drafts.set(column.name, childImage(column, parent, setsNull))
  }
  return drafts
}

function childImage(
  column: CatalogKeyColumn,
  parent: DraftImage | undefined,
  setsNull: boolean,
): DraftImage {
  if (parent?.column.kind !== column.kind) return unknownImage(column)
  const { values, rest, nullIsUnknown = false } = parent
  // The answer names the parent's column, whose values these are.
  return {
    column,
    answeredBy: parent.column.name,
    values: setsNull ? [...values, { from: 'null' }] : values,
    rest,
    nullIsUnknown,
  }
}
