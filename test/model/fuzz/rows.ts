import type { Draw } from './draw.ts'
import type { Value } from './kind.ts'
import type { Table } from './schema.ts'
import { columnOf, writable } from './schema.ts'

/** A row to insert; columns that are left out get what the database gives them. */
export type NewRow = Record<string, Value>

/** A row for a table, in all likelihood one that its keys accept beside `others`, which are to be inserted with it. */
export function newRow(draw: Draw, table: Table, others: readonly NewRow[] = []): NewRow {
  const { random } = draw
  const row: NewRow = {}
  for (const column of writable(table)) {
    const left = column.auto
      ? 0.6
      : column.fallback !== undefined
        ? 0.4
        : column.nullable
          ? 0.1
          : 0.01
    if (random.chance(left)) continue
    if (column.auto && draw.dialect !== 'postgres' && random.chance(0.15)) {
      row[column.name] = draw.dialect === 'mysql' && random.chance(0.5) ? 0 : null
    } else if (random.chance(column.nullable ? 0.12 : 0.015)) row[column.name] = null
    // Known values of a key would only collide.
    else
      row[column.name] = column.wide
        ? fresh(draw, table, column.name, others)
        : draw.value(column, table)
  }
  for (const { columns, parent, parentColumns } of table.foreignKeys) {
    const parents = draw.rows(parent)
    if (parents.length === 0 || random.chance(0.06)) continue
    const found = random.pick(parents)
    for (const [i, name] of columns.entries()) {
      const value = found[parentColumns[i] ?? '']
      if (isPlain(value) && (row[name] !== null || random.chance(0.6))) row[name] = value
    }
  }
  return row
}

/** A value that no row of the table has in this column, where there is one. */
function fresh(draw: Draw, table: Table, name: string, others: readonly NewRow[]): Value {
  const column = columnOf(table.columns, name)
  const rows = [...draw.rows(table.name), ...others]
  const taken = new Set(rows.map((row) => String(row[name]).toLowerCase()))
  // The database's own numbers then come within the list.
  const fitting = column.auto ? column.kind.wide.slice(0, 9) : column.kind.wide
  const free = fitting.filter((value) => !taken.has(String(value).toLowerCase()))
  if (free.length > 0 && draw.random.chance(0.92)) return draw.random.pick(free)
  return draw.value(column)
}

function isPlain(value: unknown): value is Value {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}

/** Several rows to be inserted together. */
export function newRows(draw: Draw, table: Table, count: number): NewRow[] {
  const rows: NewRow[] = []
  while (rows.length < count) rows.push(newRow(draw, table, rows))
  return rows
}
