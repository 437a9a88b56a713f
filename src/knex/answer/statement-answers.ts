import type { Dialect } from '../../contract/dialect.ts'
import type { Footprint } from '../../contract/footprint.ts'
import type { Answer, AnswerPlan } from '../../contract/rows.ts'
import type { CompiledStatement } from '../client-shape.ts'
import type { PooledConnection } from '../plain-client.ts'
import { readDriverError } from '../driver-error.ts'
import { readResult } from '../statement-result.ts'
import { AnswerPolicy } from './answer-policy.ts'
import { takePostgresAnswer } from './postgres-answer.ts'
import { withClause } from './returned-rows.ts'
import type { ReturningPlan } from './returned-rows.ts'
import { SqliteAnswers } from './sqlite-answer.ts'

/** Sends a statement to the driver, which puts its answer beside it. */
export type SendStatement = (statement: CompiledStatement) => Promise<unknown>

/** A statement with the plan to ask it by. */
export interface AskedStatement {
  readonly plan: ReturningPlan
  readonly statement: CompiledStatement
  readonly connection: PooledConnection
  /** Whether a transaction is open on the connection. */
  readonly inTransaction: boolean
}

/**
 * Makes the database tell which rows a write changed, by a RETURNING clause that nobody else gets to see: neither Knex nor its listeners
 * meet the longer text or the additional rows.
 */
export class StatementAnswers {
  readonly #dialect: Dialect
  readonly #policy = new AnswerPolicy()
  readonly #sqlite = new SqliteAnswers()

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  /** The plan by which a text is to be asked now; undefined if it is sent as it is. */
  planFor(footprint: Footprint, statement: CompiledStatement): AnswerPlan | undefined {
    const plan = footprint[0]?.answer
    if (plan === undefined || footprint.length > 1) return undefined
    // Driver options may give rows another form.
    if (plan.kind === 'returning' && Object.keys(statement.options ?? {}).length > 0) {
      return undefined
    }
    return plan
  }

  /** Sends a statement, asking by the plan if that is wise. Resolves to the answer, if there is one. */
  async send(
    { plan, statement, connection, inTransaction }: AskedStatement,
    below: SendStatement,
  ): Promise<Answer | undefined> {
    if (this.#policy.wants(plan)) {
      try {
        const answer = await this.#ask(plan, statement, connection, below)
        this.#policy.learn(plan, answer?.[0]?.length)
        return answer
      } catch (error) {
        if (!isAboutClause(this.#dialect, error)) throw error
        this.#policy.refuse(plan)
        // Within a transaction PostgreSQL takes no more statements: the caller hears of it, and the next try goes without the clause.
        if (inTransaction) throw error
      }
    }
    await below(statement)
    this.#policy.learn(plan, readResult(this.#dialect, statement.response).affected)
    return undefined
  }

  async #ask(
    plan: ReturningPlan,
    statement: CompiledStatement,
    connection: PooledConnection,
    below: SendStatement,
  ): Promise<Answer | undefined> {
    const asked: CompiledStatement = { ...statement, sql: withClause(statement.sql, plan) }
    const sent = below(asked)
    if (this.#dialect === 'sqlite') {
      // The driver has run it by now. Before another statement of this connection runs, the number that it made must be read.
      const lastId = plan.extendsOwn ? undefined : this.#sqlite.lastId(connection)
      await sent
      const answer = this.#sqlite.take(plan, asked, lastId)
      statement.response = asked.response
      if (asked.context !== undefined) statement.context = asked.context
      return answer
    }
    await sent
    statement.response = asked.response
    return takePostgresAnswer(plan, asked.response)
  }
}

/** Rights to read and columns: what the clause needs and the statement alone may not. */
const clauseErrors: ReadonlySet<string> = new Set(['42501', '42703'])

/** Whether PostgreSQL may have refused the clause rather than the statement: rights or columns have changed since the catalog was read. */
function isAboutClause(dialect: Dialect, error: unknown): boolean {
  return dialect === 'postgres' && clauseErrors.has(readDriverError(error).code)
}
