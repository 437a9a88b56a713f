import type { TableDescription } from '../contract/catalog.ts'
import type { Row, Target } from '../contract/target.ts'
import { bindKey } from './bind.ts'
import type { LaneName } from './ledger.ts'
import { ledgerTable } from './ledger-tables.ts'
import type { RowKey } from './operation.ts'
import { quoteName, quoteTable } from './quote.ts'

/** The row that a key names, as the database has it now. */
export async function readRow(
  target: Target,
  table: TableDescription,
  key: RowKey,
): Promise<Row | undefined> {
  const { dialect } = target
  const where = key.columns.map((name) => `${quoteName(name, dialect)} = ?`).join(' AND ')
  const { rows } = await target.query(
    `SELECT * FROM ${quoteTable(table.name, dialect)} WHERE ${where}`,
    key.values.map((value) => bindKey(value, dialect)),
  )
  return rows[0]
}

/** A row, and the ledger position that it belongs to. */
export interface PositionedRow {
  readonly row: Row | undefined
  readonly position: number
}

/** Reads a row together with the lane's position in one statement: what one snapshot of the database says of both. */
export async function readPositionedRow(
  target: Target,
  lane: LaneName,
  table: TableDescription,
  key: RowKey,
): Promise<PositionedRow> {
  const { dialect } = target
  const on = key.columns.map((name) => `_t.${quoteName(name, dialect)} = ?`).join(' AND ')
  const first = quoteName(key.columns[0] ?? 'id', dialect)
  const { rows } = await target.query(
    `SELECT _t.*, _l.last_seq AS _millrace_seq, CASE WHEN _t.${first} IS NULL THEN 0 ELSE 1 END AS _millrace_found ` +
      `FROM ${ledgerTable} _l LEFT JOIN ${quoteTable(table.name, dialect)} _t ON ${on} WHERE _l.source = ? AND _l.lane = ?`,
    [...key.values.map((value) => bindKey(value, dialect)), lane.source, lane.lane],
  )
  const found = rows[0]
  if (found === undefined) return { row: undefined, position: 0 }
  const { _millrace_seq: position, _millrace_found: present, ...row } = found
  return { row: Number(present) === 1 ? row : undefined, position: Number(position) }
}
