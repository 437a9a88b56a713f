import type { Dialect } from '../contract/dialect.ts'
import type { Row, StatementResult } from '../contract/target.ts'

/** Reads what a driver answered: rows, or how many rows a statement met. */
export function readResult(dialect: Dialect, response: unknown): StatementResult {
  switch (dialect) {
    case 'sqlite':
      return readSqlite(response)
    case 'postgres':
      return readPostgres(response)
    case 'mysql':
      return readMysql(response)
  }
}

/** better-sqlite3: rows of a statement that returns some, else `{ changes }`, which counts rows matched. */
function readSqlite(response: unknown): StatementResult {
  if (Array.isArray(response)) return ofRows(response)
  return { rows: [], affected: count(field(response, 'changes')) }
}

function readPostgres(response: unknown): StatementResult {
  const last: unknown = Array.isArray(response) ? response.at(-1) : response
  const rows = field(last, 'rows')
  return {
    rows: Array.isArray(rows) ? (rows as Row[]) : [],
    affected: count(field(last, 'rowCount')),
  }
}

/** mysql2: `[rows, fields]` or `[header]`. */
function readMysql(response: unknown): StatementResult {
  const first: unknown = Array.isArray(response) ? response[0] : undefined
  if (Array.isArray(first)) return ofRows(first)
  // A connection without FOUND_ROWS counts rows changed; the text beside it always tells those matched.
  const info = field(first, 'info')
  const matched = typeof info === 'string' ? /rows matched: (\d+)/i.exec(info) : undefined
  return { rows: [], affected: count(matched?.[1] ?? field(first, 'affectedRows')) }
}

function ofRows(rows: unknown[]): StatementResult {
  return { rows: rows as Row[], affected: rows.length }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined
}

/** A driver may count in strings or BigInt, if it was asked to. */
function count(value: unknown): number {
  const number = Number(value ?? 0)
  return Number.isFinite(number) ? number : 0
}
