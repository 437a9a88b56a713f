import type { Dialect } from '../contract/dialect.ts'
import type { PooledConnection } from './plain-client.ts'

/** `PRAGMA synchronous`: FULL syncs at each COMMIT; NORMAL, better-sqlite3's default in WAL mode, only at checkpoints. */
const full = 2

/**
 * A flushed write leaves the journal once it is committed, so its COMMIT must be on disk. Makes an SQLite connection sync
 * at each COMMIT and returns what puts the user's setting back. https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export function requireSyncedCommit(dialect: Dialect, connection: PooledConnection): () => void {
  if (dialect !== 'sqlite' || connection.pragma === undefined) return () => undefined
  // Cannot be changed inside a transaction; if one is open here, BEGIN will say so.
  if (connection.inTransaction === true) return () => undefined
  const before = Number(connection.pragma('synchronous', { simple: true }))
  if (before >= full) return () => undefined
  connection.pragma(`synchronous = ${String(full)}`)
  return () => {
    if (connection.inTransaction !== true) connection.pragma?.(`synchronous = ${String(before)}`)
  }
}
