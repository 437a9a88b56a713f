import type { Dialect } from '../contract/dialect.ts'
import type { PooledConnection } from './plain-client.ts'

/**
 * SQLite waits for a lock inside the statement, on the event loop. Switches that wait off on a connection and returns what
 * puts the user's setting back. Asked of the driver and not as a statement: it concerns no data.
 */
export function forbidLockWait(dialect: Dialect, connection: PooledConnection): () => void {
  if (dialect !== 'sqlite' || connection.pragma === undefined) return () => undefined
  const before = Number(connection.pragma('busy_timeout', { simple: true }))
  if (before === 0) return () => undefined
  connection.pragma('busy_timeout = 0')
  return () => {
    connection.pragma?.(`busy_timeout = ${String(before)}`)
  }
}
