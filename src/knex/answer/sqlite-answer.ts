import type { Answer } from '../../contract/rows.ts'
import type { Row } from '../../contract/target.ts'
import type { CompiledStatement } from '../client-shape.ts'
import type { PooledConnection } from '../plain-client.ts'
import { dropColumns, readAnswer } from './returned-rows.ts'
import type { ReturningPlan } from './returned-rows.ts'

/** What is used of better-sqlite3. */
interface SqliteConnection {
  prepare(sql: string): { get(): unknown }
}

/**
 * Reads the answer from better-sqlite3's rows and leaves the statement as it would have been without the clause: rows of the
 * caller's own RETURNING, else `{ changes, lastInsertRowid }`.
 */
export class SqliteAnswers {
  readonly #lastIds = new WeakMap<PooledConnection, { get(): unknown }>()

  take(
    plan: ReturningPlan,
    statement: CompiledStatement,
    lastInsertRowid: unknown,
  ): Answer | undefined {
    const { response } = statement
    if (!Array.isArray(response)) return undefined
    const rows = response as Row[]
    const answer = readAnswer(plan, rows)
    if (plan.extendsOwn) {
      dropColumns(plan, rows)
      return answer
    }
    statement.response = { changes: rows.length, lastInsertRowid }
    statement.context = { lastID: lastInsertRowid, changes: rows.length }
    return answer
  }

  /** The rowid that the connection's last INSERT made. */
  lastId(connection: PooledConnection): unknown {
    let query = this.#lastIds.get(connection)
    if (query === undefined) {
      query = (connection as unknown as SqliteConnection).prepare(
        'select last_insert_rowid() as id',
      )
      this.#lastIds.set(connection, query)
    }
    return (query.get() as { readonly id: unknown }).id
  }
}
