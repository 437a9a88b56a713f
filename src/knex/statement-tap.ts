import type { SessionState } from '../coherence/session-state.ts'
import type { StatementGuard } from '../coherence/statement-guard.ts'
import type { StatementFootprint } from '../contract/footprint.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import { capture } from './client-shape.ts'
import type { ClientShape, CompiledStatement } from './client-shape.ts'
import type { LayerMethods } from './client-layer.ts'
import type { PooledConnection } from './plain-client.ts'
import { PreparedStatements } from './prepared-statements.ts'
import { TappedStatement } from './tapped-statement.ts'
import type { SendBelow, StatementParts } from './tapped-statement.ts'
import { streamed } from './tapped-stream.ts'

/** What the tap works with. */
export interface TapParts extends StatementParts {
  readonly analyser: StatementAnalyser
  readonly guard: StatementGuard
}

/**
 * The one place that sees every statement of a Knex client: builders, raw SQL, schema, migrations, transactions and
 * savepoints all end in `client._query` or `client._stream` with a physical connection.
 */
export function tapMethods(parts: TapParts): LayerMethods {
  const { analyser, dialect, guard, nested, sessions } = parts
  // Only where nobody but Knex sends on the connection.
  const prepared =
    dialect === 'sqlite' && nested === undefined ? new PreparedStatements() : undefined
  return {
    _query: (driver) => {
      const below = prepared?.reusing(driver) ?? driver
      return function query(connection, statement) {
        const text = sqlOf(statement)
        if (text === undefined || !isConnection(connection)) {
          return driver.call(this, connection, statement)
        }
        const session = sessions.of(connection)
        const { turns } = session
        return turns.isTaken && nested?.isWithin(session) !== true
          ? turns.wait(() => send(parts, below, this, connection, session, statement, text))
          : send(parts, below, this, connection, session, statement, text)
      }
    },
    _stream: (below) =>
      function stream(connection, ...rest) {
        const statement = rest[0] as CompiledStatement
        const text = sqlOf(statement)
        // SQLite's stream goes through `_query`, where it is seen.
        if (dialect === 'sqlite' || text === undefined || !isConnection(connection)) {
          return below.call(this, connection, ...rest)
        }
        const session = sessions.of(connection)
        const { turns } = session
        const start = (): Promise<unknown> =>
          streamed(rest[1], (watched) => {
            const sendBelow = (): Promise<unknown> =>
              watched(() => below.call(this, connection, ...rest))
            const inTransaction = session.isTransactional
            const sent = { client: this, connection, session, statement, below: sendBelow }
            const known = { plan: undefined, inTransaction, isStream: true }
            const run = new TappedStatement(parts, { ...sent, ...known })
            return guard.run(session, analyser.footprint(text), run)
          })
        return turns.isTaken && nested?.isWithin(session) !== true ? turns.wait(start) : start()
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

/** Sends a statement in its session's turn. */
function send(
  parts: TapParts,
  below: SendBelow,
  client: ClientShape,
  connection: PooledConnection,
  session: SessionState,
  statement: CompiledStatement | string,
  text: string,
): Promise<unknown> {
  const { analyser, answers, guard } = parts
  const spoken = parts.dialect === 'mysql' && bringsSql(statement)
  const footprint = spoken ? analyser.unreadable : analyser.footprint(text)
  const plain = typeof statement === 'string'
  // A read that nobody wants a copy of needs neither an announcement nor a note.
  if ((plain || statement[capture] === undefined) && guard.ignores(session, footprint)) {
    return below.call(client, connection, statement as CompiledStatement)
  }
  const plan = plain || !session.isUsual ? undefined : answers.planFor(footprint, statement)
  const inTransaction = session.isTransactional
  const sent = {
    client,
    connection,
    session,
    statement,
    below,
    plan,
    inTransaction,
    isStream: false,
  }
  const changes = session.scope.changedSchema || footprint.some(changesSchema)
  const running = guard.run(session, footprint, new TappedStatement(parts, sent))
  return changes ? parts.schema.during(running) : running
}

/** Knex lets a failed acquisition reach the driver with nothing in its hands; the driver says so best. */
function isConnection(value: unknown): value is PooledConnection {
  return typeof value === 'object' && value !== null
}

function changesSchema(statement: StatementFootprint): boolean {
  return statement.changesSchema
}

/** mysql2 puts what such a value returns into the text as it is, not as a value. */
function bringsSql(statement: CompiledStatement | string): boolean {
  if (typeof statement === 'string' || statement.bindings === undefined) return false
  return statement.bindings.some(
    (value) => typeof value === 'object' && value !== null && 'toSqlString' in value,
  )
}

function sqlOf(statement: CompiledStatement | string | undefined): string | undefined {
  return typeof statement === 'string' ? statement : statement?.sql
}
