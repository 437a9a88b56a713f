import type { ResponseAdapter } from './response-adapter.ts'

/** better-sqlite3 gives a query's rows as an array, and anything else for a statement without rows. */
export function sqliteResponses(): ResponseAdapter {
  return {
    capture: (response) =>
      Array.isArray(response) ? { meta: undefined, body: response } : undefined,
    revive: (_meta, rows) => rows,
    hasPlainRows: () => true,
  }
}
