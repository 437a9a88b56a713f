import type { StatementFootprint } from '../../contract/footprint.ts'
import type { RowChange } from '../../contract/rows.ts'
import type { CatalogTable } from '../catalog/catalog-table.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ClosedEffects } from '../closure.ts'
import { planAnswer } from './answer-plan.ts'
import { cascadeDrafts } from './cascade-images.ts'
import { finished } from './draft-image.ts'
import type { Drafts, WrittenTable } from './draft-image.ts'
import type { ExactToken } from './exact-tokens.ts'
import { insertDrafts } from './insert-images.ts'
import { Pins } from './pins.ts'
import { readWrite } from './read-write.ts'
import { deleteDrafts, updateDrafts } from './update-images.ts'
import type { WriteShape } from './write-shape.ts'

/** Which rows a statement changes, and how to learn the rest. */
export type RowChanges = Pick<StatementFootprint, 'changes' | 'answer'>

/** Nothing is known of the rows that a statement changes. */
export const unknownRows: RowChanges = { changes: [], answer: undefined }

/**
 * Which rows a single statement changes, as far as its text tells: an INSERT, UPDATE or DELETE of one table, and the children that
 * its foreign keys take along. Tables that are reached in any other way too are left out. `tokens` are all of the text.
 */
export function rowChanges(
  tokens: readonly ExactToken[],
  catalog: Catalog,
  { writes, origins }: Pick<ClosedEffects, 'writes' | 'origins'>,
): RowChanges {
  if (writes === 'everything' || writes.size === 0) return unknownRows
  const shape = readWrite(tokens, catalog.rules.dialect)
  if (shape === undefined || origins.get(shape.table)?.how !== 'direct') return unknownRows
  const keys = catalog.keyColumns(shape.table)
  const table = catalog.described(shape.table)
  if (table === undefined || table.hasRules || keys.size === 0) return unknownRows
  if (!assignedNames(shape).every((name) => hasColumn(table, name))) return unknownRows
  const written: WrittenTable = { table, keys, catalog }
  const pins = shape.verb === 'insert' ? undefined : new Pins(shape.condition, shape.qualifier)
  const drafts = draftsOf(shape, written, pins)
  if (drafts === undefined) return unknownRows
  const end = tokens.at(-1)?.end ?? 0
  // Names of ours may be the caller's already.
  if (tokens.some(({ text }) => text.startsWith('_millrace_'))) return unknownRows
  const { plan, columns } = planAnswer(shape, written, drafts, pins, end)
  const changes = [{ table: shape.table, drafts }, ...cascadeDrafts(drafts, origins, catalog)].map(
    (each): RowChange => ({
      table: each.table,
      columns: Array.from(each.drafts.values(), (draft) => finished(draft, columns)),
    }),
  )
  return {
    changes: changes.filter((change) => change.columns.some(({ rest }) => rest !== 'unknown')),
    answer: plan,
  }
}

/** Columns that the statement assigns. SQLite knows the key by other names too: `rowid`, `oid`. */
function assignedNames(shape: WriteShape): readonly string[] {
  if (shape.verb === 'update') return [...shape.assigned.keys()]
  return shape.verb === 'insert' ? [...(shape.conflict?.assigned?.keys() ?? [])] : []
}

function hasColumn(table: CatalogTable, name: string): boolean {
  return [...table.columns.values()].some((column) => column.name.toLowerCase() === name)
}

function draftsOf(
  shape: WriteShape,
  written: WrittenTable,
  pins: Pins | undefined,
): Drafts | undefined {
  if (shape.verb === 'insert') return insertDrafts(shape, written)
  const found = pins ?? new Pins(undefined, '')
  return shape.verb === 'update'
    ? updateDrafts(shape, written, found)
    : deleteDrafts(written, found)
}
