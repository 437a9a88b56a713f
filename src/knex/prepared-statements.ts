import type { ClientShape } from './client-shape.ts'
import type { PooledConnection } from './plain-client.ts'
import type { SendBelow } from './tapped-statement.ts'

/** What is used of better-sqlite3. */
interface SqliteConnection extends PooledConnection {
  prepare(sql: string): object
}

/** Prepared statements that are kept for each connection; all are dropped when there are more. */
const maxStatements = 300
/** Longer texts are written once and seldom come again. */
const maxTextLength = 4000
/** What a statement may begin with to be kept. Others do their work when they are prepared (pragmas), or run once. */
const repeated = /^\s*(?:select|insert|update|delete|replace|with|begin|commit|rollback;?\s*$)/i

/**
 * Keeps the prepared statements of better-sqlite3's connections: Knex has SQLite parse and plan each statement anew, which takes longer than
 * running a small one. SQLite prepares a kept statement again by itself when the schema has changed (see the documentation of
 * `sqlite3_prepare_v3`), so columns and errors are those of a new one.
 *
 * Knex's own client gets an object in the connection's place that differs in `prepare` alone; the connection itself stays as it is, and
 * so do clients that the application has extended.
 */
export class PreparedStatements {
  readonly #kept = new WeakMap<PooledConnection, SqliteConnection>()

  /** Sends as `below` does, with kept statements. */
  reusing(below: SendBelow): SendBelow {
    const on = (connection: PooledConnection): PooledConnection => this.#on(connection)
    return function send(this: ClientShape, connection, statement) {
      // Options may change the prepared statement for good: how it returns large integers.
      return below.call(
        this,
        statement.options === undefined || isEmpty(statement.options) ? on(connection) : connection,
        statement,
      )
    }
  }

  #on(connection: PooledConnection): PooledConnection {
    let kept = this.#kept.get(connection)
    if (kept === undefined) {
      kept = keepStatements(connection as SqliteConnection)
      this.#kept.set(connection, kept)
    }
    return kept
  }
}

function keepStatements(connection: SqliteConnection): SqliteConnection {
  const statements = new Map<string, object>()
  const kept = Object.create(connection) as SqliteConnection
  kept.prepare = (sql) => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = connection.prepare(sql)
    if (sql.length <= maxTextLength && repeated.test(sql)) {
      if (statements.size >= maxStatements) statements.clear()
      statements.set(sql, statement)
    }
    return statement
  }
  return kept
}

function isEmpty(options: object): boolean {
  for (const name in options) if (Object.hasOwn(options, name)) return false
  return true
}
