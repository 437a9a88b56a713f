import { MillraceError } from '../base/errors.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { Session, StatementResult } from '../contract/target.ts'
import { classifyFailure } from './failure.ts'
import type { PlainClient, PooledConnection } from './plain-client.ts'
import { dispose, runPlain, sendPlain } from './plain-client.ts'

/** The ledger's row lock orders flushes, therefore READ COMMITTED, whatever the database's default is. */
const begin: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['BEGIN;'],
  postgres: ['BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED;'],
  mysql: ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED;', 'BEGIN;'],
}

/**
 * Runs `work` between BEGIN and COMMIT on a connection that the caller holds. On every way out the connection is either
 * outside of any transaction or disposed of, a failed COMMIT included (Knex's own transaction forgets that case on SQLite).
 */
export async function runTransaction<T>(
  client: PlainClient,
  connection: PooledConnection,
  dialect: Dialect,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  connection.__knexTxId = 'millrace'
  try {
    return await beginAndCommit(client, connection, dialect, work)
  } finally {
    delete connection.__knexTxId
  }
}

async function beginAndCommit<T>(
  client: PlainClient,
  connection: PooledConnection,
  dialect: Dialect,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const run = (sql: string, bindings?: readonly unknown[]): Promise<StatementResult> =>
    runPlain(client, connection, dialect, sql, bindings)
  await open(run, connection, dialect)
  const session = new OpenSession(run, connection, dialect)
  try {
    const value = await work(session)
    session.end()
    await commit(client, connection, dialect)
    return value
  } catch (error) {
    session.over()
    await leave(run, connection, dialect, error)
    throw error
  }
}

type Run = (sql: string, bindings?: readonly unknown[]) => Promise<StatementResult>

async function open(run: Run, connection: PooledConnection, dialect: Dialect): Promise<void> {
  try {
    for (const sql of begin[dialect]) await run(sql)
  } catch (error) {
    // SQLite's only reason is a transaction that somebody else has open on this connection: not ours to end.
    if (dialect !== 'sqlite') dispose(connection, error)
    throw error
  }
}

async function commit(
  client: PlainClient,
  connection: PooledConnection,
  dialect: Dialect,
): Promise<void> {
  const response = await sendPlain(client, connection, dialect, 'COMMIT;')
  if (dialect !== 'postgres') return
  const last: unknown = Array.isArray(response) ? response.at(-1) : response
  if (typeof last === 'object' && last !== null && 'command' in last && last.command !== 'COMMIT') {
    // PostgreSQL answers COMMIT of a failed transaction with a rollback and no error.
    throw new MillraceError(
      'MILLRACE_FLUSH_FAILED',
      'PostgreSQL rolled the transaction back at COMMIT, because a statement in it had failed.',
    )
  }
}

async function leave(
  run: Run,
  connection: PooledConnection,
  dialect: Dialect,
  error: unknown,
): Promise<void> {
  if (connection.inTransaction === false) return
  if (classifyFailure(dialect, error) === 'unknown') {
    dispose(connection, error)
    return
  }
  try {
    await run('ROLLBACK;')
  } catch (rollbackError) {
    dispose(connection, rollbackError)
  }
}

/**
 * A transaction in use. Once the database may have given the whole transaction up (a deadlock, a lost connection), every
 * further statement rejects with that error: MySQL would run it outside of the transaction and keep it.
 */
class OpenSession implements Session {
  readonly #run: Run
  readonly #connection: PooledConnection
  readonly #dialect: Dialect
  #failure: { readonly error: unknown } | undefined
  #over = false

  constructor(run: Run, connection: PooledConnection, dialect: Dialect) {
    this.#run = run
    this.#connection = connection
    this.#dialect = dialect
  }

  async query(sql: string, bindings?: readonly unknown[]): Promise<StatementResult> {
    if (this.#over) throw new MillraceError('MILLRACE_CLOSED', 'The transaction is over.')
    if (this.#failure !== undefined) throw this.#failure.error
    try {
      return await this.#run(sql, bindings)
    } catch (error) {
      if (this.#endsTransaction(error)) this.#failure ??= { error }
      throw error
    }
  }

  /** `work` resolved: nothing may run any more, and the transaction must still be there to commit. */
  end(): void {
    this.#over = true
    if (this.#failure !== undefined) throw this.#failure.error
  }

  over(): void {
    this.#over = true
  }

  #endsTransaction(error: unknown): boolean {
    if (this.#connection.inTransaction === false) return true
    const kind = classifyFailure(this.#dialect, error)
    return kind === 'transient' || kind === 'unknown'
  }
}
