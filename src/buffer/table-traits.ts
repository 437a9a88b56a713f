import type { TableDescription } from '../contract/catalog.ts'
import { primaryKeyOf } from './row-key.ts'

/** What decides whether writes to a table may pass each other. */
export interface TableTraits {
  readonly table: TableDescription
  /** Tables whose writes may depend on each other through foreign keys share a group. */
  readonly group: string
  /** Nothing passes its writes: triggers see each in its place, and a row that partitions share has several names. */
  readonly inOrder: boolean
  /** Columns of unique keys beside the primary key. */
  readonly uniqueColumns: ReadonlySet<string>
  /** Whether a foreign key of the table points to itself. */
  readonly selfReferencing: boolean
  readonly primaryKey: readonly string[]
}

/**
 * The traits of the tables of one batch. Two tables are in one group when one reaches the other, or both reach a third,
 * over foreign keys (through tables outside of the batch too).
 */
export function tableTraits(
  names: ReadonlySet<string>,
  describe: (name: string) => TableDescription | undefined,
): Map<string, TableTraits> {
  const parent = new Map<string, string>()
  const root = (name: string): string => {
    let at = name
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up
    return at
  }
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const other of describe(name)?.references ?? []) {
      parent.set(root(name), root(other))
      visit(other)
    }
  }
  for (const name of names) visit(name)
  const traits = new Map<string, TableTraits>()
  for (const name of names) {
    const table = describe(name)
    if (table === undefined) continue
    traits.set(name, {
      table,
      group: root(name),
      inOrder: table.hasTriggers || table.sharesRows,
      uniqueColumns: new Set(table.uniqueKeys.flat()),
      selfReferencing: table.references.includes(name),
      primaryKey: primaryKeyOf(table),
    })
  }
  return traits
}

/** Every table that this one reaches over its foreign keys. */
export function ancestors(
  table: TableDescription,
  describe: (name: string) => TableDescription | undefined,
): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (description: TableDescription | undefined): void => {
    for (const name of description?.references ?? []) {
      if (found.has(name)) continue
      found.add(name)
      visit(describe(name))
    }
  }
  visit(table)
  return found
}
