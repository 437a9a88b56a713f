import { EventEmitter } from 'node:events'
import type { StatementGuard, StatementRun } from '../coherence/statement-guard.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import type { CatalogKeeper, QueryOnConnection } from './catalog-keeper.ts'
import { capture } from './client-shape.ts'
import type { ClientShape, CompiledStatement } from './client-shape.ts'
import type { LayerMethods } from './client-layer.ts'
import { endsTransaction } from './ended-transaction.ts'
import { isUnknownOutcome } from './failure.ts'
import type { PooledConnection } from './plain-client.ts'
import type { Sessions } from './sessions.ts'
import { readResult } from './statement-result.ts'
import type { TransactionStatus } from './transaction-status.ts'

/** A connection that a transaction of Knex holds carries its id. */
interface ManagedConnection extends PooledConnection {
  readonly __knexTxId?: string
}

/** What the tap works with. */
export interface TapParts {
  readonly dialect: Dialect
  readonly analyser: StatementAnalyser
  readonly guard: StatementGuard
  readonly sessions: Sessions
  readonly catalog: CatalogKeeper
  readonly status: TransactionStatus
  /** The client's own execution, below the tap. */
  readonly query: ClientShape['_query']
}

/**
 * The one place that sees every statement of a Knex client: builders, raw SQL, schema, migrations, transactions and
 * savepoints all end in `client._query` or `client._stream` with a physical connection.
 */
export function tapMethods(parts: TapParts): LayerMethods {
  const guarded = <T>(
    client: ClientShape,
    connection: PooledConnection,
    sql: string,
    send: () => Promise<T>,
    response?: () => unknown,
  ): Promise<T> => runGuarded(parts, client, connection, sql, send, response)
  return {
    _query: (below) =>
      function query(connection, statement) {
        const text = sqlOf(statement)
        if (text === undefined || !isConnection(connection)) {
          return below.call(this, connection, statement)
        }
        const send = async (): Promise<unknown> => {
          const done = await below.call(this, connection, statement)
          if (typeof statement === 'object') statement[capture]?.(statement.response, connection)
          return done
        }
        return guarded(this, connection, text, send, () => statement.response)
      },
    _stream: (below) =>
      function stream(connection, ...rest) {
        const text = sqlOf(rest[0] as CompiledStatement)
        // SQLite's stream goes through `_query`, where it is seen.
        if (parts.dialect === 'sqlite' || text === undefined || !isConnection(connection)) {
          return below.call(this, connection, ...rest)
        }
        return streamed(rest[1], (send) =>
          guarded(this, connection, text, () => send(() => below.call(this, connection, ...rest))),
        )
      },
    destroyRawConnection: (below) =>
      function destroy(connection) {
        if (isConnection(connection)) {
          parts.guard.drop(parts.sessions.of(connection))
          parts.sessions.forget(connection)
        }
        return below.call(this, connection)
      },
  }
}

async function runGuarded<T>(
  parts: TapParts,
  client: ClientShape,
  connection: ManagedConnection,
  sql: string,
  send: () => Promise<T>,
  response?: () => unknown,
): Promise<T> {
  const { dialect, guard, sessions, analyser, catalog, query, status } = parts
  const session = sessions.of(connection)
  const footprint = analyser.footprint(sql)
  const probe = status.probe(connection)
  const run: StatementRun<T> = {
    send,
    async rollBack() {
      await query.call(client, connection, { sql: 'ROLLBACK', bindings: [] })
    },
    schemaChanged: () => catalog.reload(queryOn(client, connection, dialect, query)),
    isUnknown: (error) => isUnknownOutcome(dialect, error),
    endsTransaction: (error) => endsTransaction(dialect, error),
    inTransaction: () => probe.after(response?.()),
  }
  try {
    return await guard.run(session, footprint, run)
  } finally {
    sessions.noteManual(session, connection.__knexTxId !== undefined)
  }
}

/**
 * Knex shows its stream the errors that are thrown, and leaves those of a promise to the driver's own stream. What fails before
 * there is one (a write that cannot be announced, a package that is missing) is shown to the stream here.
 */
async function streamed(
  stream: unknown,
  run: (send: <T>(start: () => T) => T) => Promise<unknown>,
): Promise<unknown> {
  const driver = { started: false }
  try {
    return await run((start) => {
      const done = start()
      driver.started = true
      return done
    })
  } catch (error) {
    if (!driver.started && stream instanceof EventEmitter) stream.emit('error', error)
    throw error
  }
}

/** Catalog queries on a connection, past the tap. */
export function queryOn(
  client: ClientShape,
  connection: PooledConnection,
  dialect: Dialect,
  query: ClientShape['_query'],
): QueryOnConnection {
  return async (sql) => {
    const statement: CompiledStatement = { sql, bindings: [] }
    await query.call(client, connection, statement)
    return readResult(dialect, statement.response).rows
  }
}

/** Knex lets a failed acquisition reach the driver with nothing in its hands; the driver says so best. */
function isConnection(value: unknown): value is PooledConnection {
  return typeof value === 'object' && value !== null
}

function sqlOf(statement: CompiledStatement | string | undefined): string | undefined {
  return typeof statement === 'string' ? statement : statement?.sql
}
