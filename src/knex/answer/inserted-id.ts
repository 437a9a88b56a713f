import type { Dialect } from '../../contract/dialect.ts'
import type { Answer } from '../../contract/rows.ts'

/** The generated key of an inserted row, as the driver tells it; undefined if none was generated. */
export function insertedId(dialect: Dialect, response: unknown): Answer | undefined {
  const header: unknown = dialect === 'mysql' && Array.isArray(response) ? response[0] : response
  if (typeof header !== 'object' || header === null) return undefined
  const { insertId, lastInsertRowid } = header as Record<string, unknown>
  const id = dialect === 'mysql' ? insertId : lastInsertRowid
  // MySQL says 0 where it generated nothing.
  return id === undefined || id === 0 || id === '0' ? undefined : [[id]]
}
