import type { Draw } from './draw.ts'
import { newRow } from './rows.ts'
import type { Column, Table } from './schema.ts'
import { writable } from './schema.ts'
import type { DrawnStatement } from './statements.ts'

/** Draws a statement for a table, if it has what that takes. */
export type Rare = (draw: Draw, table: Table) => DrawnStatement | undefined

/** A statement as raw SQL. */
export const raw = (
  draw: Draw,
  kind: string,
  table: Table,
  sql: string,
  bindings: readonly unknown[],
): DrawnStatement => ({
  ...{ kind, tables: [table.name] },
  run: draw.raw(sql, bindings),
})

/** A row, and the places for its names and values in raw SQL. */
export interface Values {
  readonly names: readonly string[]
  readonly values: readonly unknown[]
  readonly columns: string
  readonly places: string
}

/** A new row as lists for raw SQL; undefined for one without values. */
export function valuesOf(draw: Draw, table: Table): Values | undefined {
  const row = newRow(draw, table)
  const names = Object.keys(row)
  if (names.length === 0) return undefined
  const list = (what: string): string => names.map(() => what).join(', ')
  return { names, values: Object.values(row), columns: list('??'), places: list('?') }
}

/** Another table with a column that can be compared with one of this table. */
export function partner(
  draw: Draw,
  table: Table,
): { other: Table; own: Column; theirs: Column } | undefined {
  const others = draw.schema.tables.filter(({ name }) => name !== table.name)
  if (others.length === 0) return undefined
  const other = draw.random.pick(others)
  const own = draw.random.pick(table.columns)
  const like = other.columns.filter(
    ({ kind }) => kind.group === own.kind.group && (kind.group !== 'other' || kind === own.kind),
  )
  return like.length === 0 ? undefined : { other, own, theirs: draw.random.pick(like) }
}

/** A column that may be set, but the key. */
export function settable(draw: Draw, table: Table): Column {
  const columns = writable(table).filter(({ name }) => !table.key.includes(name))
  return draw.random.pick(columns.length > 0 ? columns : writable(table))
}
