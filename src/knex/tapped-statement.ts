import type { Awaitable } from '../base/awaitable.ts'
import type { SessionState } from '../coherence/session-state.ts'
import type { StatementRun } from '../coherence/statement-run.ts'
import type { Answer, AnswerPlan } from '../contract/rows.ts'
import type { Dialect } from '../contract/dialect.ts'
import { insertedId } from './answer/inserted-id.ts'
import type { ReturningPlan } from './answer/returned-rows.ts'
import type { StatementAnswers } from './answer/statement-answers.ts'
import type { CatalogKeeper, QueryOnConnection } from './catalog-keeper.ts'
import { capture } from './client-shape.ts'
import type { ClientShape, CompiledStatement } from './client-shape.ts'
import { endsTransaction } from './ended-transaction.ts'
import { isUnknownOutcome } from './failure.ts'
import type { PooledConnection } from './plain-client.ts'
import { speaksOfSchema } from './schema-error.ts'
import type { NestedStatements } from './nested-statements.ts'
import type { SchemaWatch } from './schema-watch.ts'
import type { Sessions } from './sessions.ts'
import { readResult } from './statement-result.ts'
import type { StatusProbe, TransactionStatus } from './transaction-status.ts'

/** What all statements of a client share. */
export interface StatementParts {
  readonly dialect: Dialect
  readonly catalog: CatalogKeeper
  readonly schema: SchemaWatch
  readonly status: TransactionStatus
  readonly answers: StatementAnswers
  readonly sessions: Sessions
  /** None where no statement is sent from within another. */
  readonly nested: NestedStatements | undefined
  /** The client's own execution, below the tap. */
  readonly query: ClientShape['_query']
}

/** A connection that a transaction of Knex holds carries its id. */
interface ManagedConnection extends PooledConnection {
  readonly __knexTxId?: string
}

/** Sends a statement as the client would without the tap. */
export type SendBelow = (
  this: ClientShape,
  connection: PooledConnection,
  statement: CompiledStatement,
) => Promise<unknown>

const noBindings: readonly unknown[] = []

/** A statement that a client was about to send. */
export interface SentStatement {
  readonly client: ClientShape
  readonly connection: ManagedConnection
  /** What is known of the connection. */
  readonly session: SessionState
  readonly statement: CompiledStatement | string
  /** How the client would have sent it. */
  readonly below: SendBelow
  /** How to learn which rows it changes; undefined: not at all. */
  readonly plan: AnswerPlan | undefined
  /** Whether a transaction was open on the connection. */
  readonly inTransaction: boolean
  /** Whether its rows go to a stream. */
  readonly isStream: boolean
}

/** One statement on its way to the driver, as the guard sees it. */
export class TappedStatement implements StatementRun<unknown> {
  readonly #parts: StatementParts
  readonly #sent: SentStatement
  readonly #probe: StatusProbe
  #answer: Answer | undefined

  constructor(parts: StatementParts, sent: SentStatement) {
    this.#parts = parts
    this.#sent = sent
    this.#probe = parts.status.probe(sent.connection)
  }

  get bindings(): readonly unknown[] {
    const { statement } = this.#sent
    return (typeof statement === 'object' ? statement.bindings : undefined) ?? noBindings
  }

  get isStream(): boolean {
    return this.#sent.isStream
  }

  send(): Promise<unknown> {
    const { statement } = this.#sent
    // Knex sends plain text in some places; all clients take it.
    if (typeof statement === 'string') return this.#pass(statement as unknown as CompiledStatement)
    const { plan } = this.#sent
    if (plan?.kind === 'returning') return this.#sendAndAsk(statement, plan)
    // A write, whose generated key is in its response anyway, is nobody's result to keep.
    return plan !== undefined || statement[capture] === undefined
      ? this.#pass(statement)
      : this.#sendAndCapture(statement)
  }

  answer(): Answer | undefined {
    const { plan, statement } = this.#sent
    if (plan?.kind !== 'inserted-id' || typeof statement === 'string') return this.#answer
    return insertedId(this.#parts.dialect, statement.response)
  }

  over(failed: boolean, error: unknown): Promise<void> | undefined {
    const { dialect, schema, sessions } = this.#parts
    const { connection, session } = this.#sent
    if (failed && speaksOfSchema(dialect, error)) schema.suspect()
    sessions.noteManual(session, connection.__knexTxId !== undefined)
    return !session.isTransactional && schema.hasMoved(connection)
      ? schema.changed(this.catalogQuery)
      : undefined
  }

  async rollBack(): Promise<void> {
    const { query } = this.#parts
    const { client, connection } = this.#sent
    await this.#within(() => query.call(client, connection, { sql: 'ROLLBACK', bindings: [] }))
  }

  schemaChanged(): Promise<void> {
    return this.#parts.catalog.reload(this.catalogQuery)
  }

  /** Catalog queries on the statement's connection. */
  get catalogQuery(): QueryOnConnection {
    const { dialect, query } = this.#parts
    const ask = queryOn(this.#sent.client, this.#sent.connection, dialect, query)
    return (sql) => this.#within(() => ask(sql))
  }

  isUnknown(error: unknown): boolean {
    return isUnknownOutcome(this.#parts.dialect, error)
  }

  endsTransaction(error: unknown): boolean {
    return endsTransaction(this.#parts.dialect, error)
  }

  inTransaction(): Awaitable<boolean | undefined> {
    const { connection, statement } = this.#sent
    const response = typeof statement === 'object' ? statement.response : undefined
    return this.#probe.after(connection, response)
  }

  #pass(statement: CompiledStatement): Promise<unknown> {
    const { below, client, connection } = this.#sent
    return this.#within(() => below.call(client, connection, statement))
  }

  #within<T>(send: () => T): T {
    const { nested } = this.#parts
    return nested === undefined ? send() : nested.within(this.#sent.session, send)
  }

  async #sendAndAsk(statement: CompiledStatement, plan: ReturningPlan): Promise<unknown> {
    const { connection, inTransaction } = this.#sent
    const pass = (one: CompiledStatement): Promise<unknown> => this.#pass(one)
    const asked = { plan, statement, connection, inTransaction }
    this.#answer = await this.#parts.answers.send(asked, pass)
    return statement
  }

  async #sendAndCapture(statement: CompiledStatement): Promise<unknown> {
    const done = await this.#pass(statement)
    statement[capture]?.(statement.response, this.#sent.connection)
    return done
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
