import type { ForeignAction } from './parts.ts'
import { folded, text, type CatalogRow } from './row.ts'

/** A foreign key. Names are folded. */
export interface ForeignKey {
  readonly parent: string
  readonly child: string
  /** In the key's order; empty where it points to the parent's primary key without naming it. */
  readonly parentColumns: readonly string[]
  readonly childColumns: readonly string[]
  /** What else is known, from any of its rows. */
  readonly row: CatalogRow
}

/** Puts the rows of foreign keys together, one row for each column: `fk`, `parent`, `child`, `col` and `own`, in the key's order. */
export function keysOf(rows: readonly CatalogRow[]): ForeignKey[] {
  const groups = new Map<string, CatalogRow[]>()
  for (const row of rows) {
    const group = groups.get(text(row, 'fk'))
    if (group === undefined) groups.set(text(row, 'fk'), [row])
    else group.push(row)
  }
  return [...groups.values()].map((group) => {
    const row = group[0] ?? {}
    const columns = group.map((each) => folded(each, 'col'))
    return {
      parent: folded(row, 'parent'),
      child: folded(row, 'child'),
      parentColumns: columns.includes('') ? [] : columns,
      childColumns: group.map((each) => folded(each, 'own')),
      row,
    }
  })
}

/** What a rule does, by its name in SQL; undefined if it refuses or does nothing. */
export function actionOf(rule: string): ForeignAction | undefined {
  if (/cascade/i.test(rule)) return 'cascade'
  if (/set null/i.test(rule)) return 'set-null'
  return /set default/i.test(rule) ? 'set-default' : undefined
}
