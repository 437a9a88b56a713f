import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

/** What the database answered. */
export interface DirectAnswer {
  readonly rows: readonly Record<string, unknown>[]
  /** The number that it gave to the inserted row, as the driver tells it. */
  readonly insertedId: unknown
}

/** One connection of a pool, without Knex between. */
export interface DirectConnection {
  send(sql: string, bindings: readonly unknown[]): Promise<DirectAnswer>
  release(): Promise<void>
}

interface SqliteConnection {
  prepare(sql: string): {
    readonly reader: boolean
    all(bindings: readonly unknown[]): Record<string, unknown>[]
    run(bindings: readonly unknown[]): { readonly lastInsertRowid: unknown }
  }
}

interface PostgresConnection {
  query(sql: string, bindings: unknown[]): Promise<{ readonly rows: Record<string, unknown>[] }>
}

interface MysqlConnection {
  promise(): { query(sql: string, bindings: unknown[]): Promise<[unknown, unknown]> }
}

interface Client {
  acquireConnection(): Promise<unknown>
  releaseConnection(connection: unknown): Promise<void>
}

/** Takes a connection out of a pool. */
export async function directConnection(knex: Knex, dialect: Dialect): Promise<DirectConnection> {
  const client = knex.client as Client
  const connection = await client.acquireConnection()
  return {
    send: (sql, bindings) => send(dialect, connection, sql, bindings),
    release: () => client.releaseConnection(connection),
  }
}

async function send(
  dialect: Dialect,
  connection: unknown,
  sql: string,
  bindings: readonly unknown[],
): Promise<DirectAnswer> {
  switch (dialect) {
    case 'sqlite': {
      const statement = (connection as SqliteConnection).prepare(sql)
      if (statement.reader) return { rows: statement.all(bindings), insertedId: undefined }
      return { rows: [], insertedId: statement.run(bindings).lastInsertRowid }
    }
    case 'postgres': {
      const { rows } = await (connection as PostgresConnection).query(sql, [...bindings])
      return { rows, insertedId: undefined }
    }
    case 'mysql': {
      const [result] = await (connection as MysqlConnection).promise().query(sql, [...bindings])
      if (Array.isArray(result))
        return { rows: result as Record<string, unknown>[], insertedId: undefined }
      return { rows: [], insertedId: (result as { readonly insertId: unknown }).insertId }
    }
  }
}
