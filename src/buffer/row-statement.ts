import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import { bindAmount, bindColumn, bindKey } from './bind.ts'
import { quoteName, quoteTable } from './quote.ts'
import type { ColumnChange, RowChange } from './step.ts'

/** SQL text with `?` for values, and the rows that it is about. */
export interface Statement {
  readonly sql: string
  readonly bindings: readonly unknown[]
  /** Row changes that it carries. */
  readonly rows: number
}

/** One row's changes: `UPDATE t SET c = c + ?, d = ? WHERE id = ?`. */
export function updateStatement(
  table: TableDescription,
  keyColumns: readonly string[],
  change: RowChange,
  dialect: Dialect,
): Statement {
  const sets: string[] = []
  const bindings: unknown[] = []
  for (const [column, value] of change.columns) {
    const name = quoteName(column, dialect)
    sets.push(value.kind === 'base' ? `${name} = ?` : `${name} = ${name} + ?`)
    bindings.push(bindChange(table, column, value, dialect))
  }
  const where = keyColumns.map((name) => `${quoteName(name, dialect)} = ?`).join(' AND ')
  bindings.push(...change.key.map((value) => bindKey(value, dialect)))
  return {
    sql: `UPDATE ${quoteTable(table.name, dialect)} SET ${sets.join(', ')} WHERE ${where}`,
    bindings,
    rows: 1,
  }
}

/** A change's value as it is bound. */
export function bindChange(
  table: TableDescription,
  column: string,
  change: ColumnChange,
  dialect: Dialect,
): unknown {
  return change.kind === 'base'
    ? bindColumn(change.value, table.columns.get(column), dialect)
    : bindAmount(change.by, dialect)
}
