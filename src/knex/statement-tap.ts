import { EventEmitter } from 'node:events'
import type { StatementGuard } from '../coherence/statement-guard.ts'
import type { StatementFootprint } from '../contract/footprint.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import { capture } from './client-shape.ts'
import type { CompiledStatement } from './client-shape.ts'
import type { LayerMethods } from './client-layer.ts'
import type { PooledConnection } from './plain-client.ts'
import { TappedStatement } from './tapped-statement.ts'
import type { StatementParts } from './tapped-statement.ts'

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
  const { analyser, answers, guard, sessions } = parts
  return {
    _query: (below) =>
      function query(connection, statement) {
        const text = sqlOf(statement)
        if (text === undefined || !isConnection(connection)) {
          return below.call(this, connection, statement)
        }
        const spoken = parts.dialect === 'mysql' && bringsSql(statement)
        const footprint = spoken ? analyser.unreadable : analyser.footprint(text)
        const session = sessions.of(connection)
        const plain = typeof statement === 'string'
        // A read that nobody wants a copy of needs neither an announcement nor a note.
        if ((plain || statement[capture] === undefined) && guard.ignores(session, footprint)) {
          return below.call(this, connection, statement)
        }
        const plan = plain || !session.isUsual ? undefined : answers.planFor(footprint, statement)
        const inTransaction = session.isTransactional
        const sent = { client: this, connection, session, statement, below, plan, inTransaction }
        const changes = session.scope.changedSchema || footprint.some(changesSchema)
        const running = guard.run(session, footprint, new TappedStatement(parts, sent))
        return changes ? parts.schema.during(running) : running
      },
    _stream: (below) =>
      function stream(connection, ...rest) {
        const statement = rest[0] as CompiledStatement
        const text = sqlOf(statement)
        // SQLite's stream goes through `_query`, where it is seen.
        if (parts.dialect === 'sqlite' || text === undefined || !isConnection(connection)) {
          return below.call(this, connection, ...rest)
        }
        return streamed(rest[1], (send) => {
          const start = (): Promise<unknown> => send(() => below.call(this, connection, ...rest))
          const session = sessions.of(connection)
          const run = new TappedStatement(parts, {
            client: this,
            connection,
            session,
            statement,
            below: start,
            plan: undefined,
            inTransaction: false,
          })
          return guard.run(session, analyser.footprint(text), run)
        })
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
