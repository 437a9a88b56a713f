import type { EventEmitter } from 'node:events'
import type { Dialect } from '../contract/dialect.ts'
import type { StatementResult } from '../contract/target.ts'
import { bindValue } from './bind-value.ts'
import { readResult } from './statement-result.ts'

/** A connection of a pool. Knex keeps its marks on it; the rest is what better-sqlite3 has. */
export interface PooledConnection {
  __knex__disposed?: unknown
  /** Whose transaction holds the connection; without it, an open transaction counts as one that the application opened by hand. */
  __knexTxId?: string
  readonly __knexUid?: string
  readonly inTransaction?: boolean
  /** mysql2: the line to the server. */
  readonly stream?: { destroy?(): void }
  /** pg: the line to the server. */
  readonly connection?: { readonly stream?: { destroy?(): void } }
  pragma?(source: string, options?: { simple: boolean }): unknown
}

/** A statement on its way to the driver, which puts its answer beside it. */
export interface PlainStatement {
  sql: string
  bindings?: readonly unknown[]
  response?: unknown
}

/** What is called of a Knex client: SQL text on a connection, below the user's hooks and above the driver. */
export interface PlainClient extends Pick<EventEmitter, 'emit'> {
  acquireConnection(): Promise<PooledConnection>
  releaseConnection(connection: PooledConnection): Promise<unknown>
  prepBindings(bindings: readonly unknown[]): readonly unknown[]
  positionBindings(sql: string): string
  _query(connection: PooledConnection, statement: PlainStatement): Promise<unknown>
}

/** Runs SQL text on one connection and reads the answer. */
export async function runPlain(
  client: PlainClient,
  connection: PooledConnection,
  dialect: Dialect,
  sql: string,
  bindings?: readonly unknown[],
): Promise<StatementResult> {
  return readResult(dialect, await sendPlain(client, connection, dialect, sql, bindings))
}

/**
 * Runs SQL text on one connection and returns the driver's response. Goes through the client's own execution, so that the tap
 * and listeners of `query` see it, but neither through `wrapIdentifier` nor through `postProcessResponse`. The error is the
 * driver's: `client.query` would write all values into its message, and fails at that when one is a BigInt.
 */
export async function sendPlain(
  client: PlainClient,
  connection: PooledConnection,
  dialect: Dialect,
  sql: string,
  bindings: readonly unknown[] = [],
): Promise<unknown> {
  const statement: PlainStatement = {
    sql: client.positionBindings(sql),
    bindings: client.prepBindings(bindings.map((value) => bindValue(dialect, value))),
  }
  const { __knexUid, __knexTxId } = connection
  client.emit('query', { __knexUid, __knexTxId, ...statement })
  try {
    await client._query(connection, statement)
  } catch (error) {
    client.emit('query-error', error, { __knexUid, __knexTxId, ...statement })
    throw error
  }
  return statement.response
}

/** Closes a server's connection at once, with whatever is under way on it. SQLite answers within the call. */
export function breakOff(connection: PooledConnection): void {
  dispose(connection, new Error('Millrace was closed.'))
  const stream = connection.connection?.stream ?? connection.stream
  stream?.destroy?.()
}

/** Makes the pool throw the connection away instead of giving it to the next caller. */
export function dispose(connection: PooledConnection, cause: unknown): void {
  connection.__knex__disposed ??= cause
}
