import type { Knex } from 'knex'
import type { Dialect } from '../../src/contract/dialect.ts'

/**
 * Where a test database is, as plain JSON: for child processes, which get it in `argv` or a
 * message and make their own configuration of it with {@link configOf}.
 */
export interface DatabaseAddress {
  readonly dialect: Dialect
  readonly connection: Readonly<Record<string, string | number>>
}

/**
 * Knex configuration that opens the database; a new object that the test may change. SQLite gets
 * WAL mode, foreign keys and a pool of one connection, the servers a pool of at most 8.
 */
export function configOf({ dialect, connection }: DatabaseAddress): Knex.Config {
  if (dialect === 'sqlite') {
    return {
      client: 'better-sqlite3',
      connection: { ...connection },
      useNullAsDefault: true,
      pool: { min: 1, max: 1, afterCreate: prepareSqlite },
    }
  }
  return {
    client: dialect === 'postgres' ? 'pg' : 'mysql2',
    connection: { ...connection },
    pool: { min: 0, max: 8 },
  }
}

/** The parts of a server's URL as the object that both clients understand, with another database. */
export function connectionTo(url: string, database: string): Record<string, string | number> {
  const { hostname, port, username, password, searchParams } = new URL(url)
  return {
    ...Object.fromEntries(searchParams),
    host: hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    user: decodeURIComponent(username),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    database,
  }
}

/** What is used of a better-sqlite3 connection. */
interface SqliteConnection {
  pragma(source: string): unknown
}

function prepareSqlite(
  connection: SqliteConnection,
  done: (error: Error | null, connection: SqliteConnection) => void,
): void {
  try {
    connection.pragma('journal_mode = WAL')
    connection.pragma('foreign_keys = ON')
    done(null, connection)
  } catch (error) {
    done(error instanceof Error ? error : new Error(String(error)), connection)
  }
}
