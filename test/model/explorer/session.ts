import type { SessionState } from '../../../src/coherence/session-state.ts'
import type { Connection } from './connection.ts'
import type { Query, Statement } from './statements.ts'
import type { Subject } from './subject.ts'

/** One connection of a process, with what the guard knows of it. */
export class Session {
  readonly connection: Connection
  readonly #subject: Subject
  readonly #state: SessionState

  constructor(subject: Subject, connection: Connection, state: SessionState) {
    this.#subject = subject
    this.connection = connection
    this.#state = state
  }

  async run(statement: Statement): Promise<void> {
    await this.#subject.run(statement, this.connection, this.#state)
  }

  async read(query: Query): Promise<readonly number[]> {
    return await this.#subject.readOn(query, this.connection, this.#state)
  }

  /** Gives the connection back to the pool, which throws a broken one away. */
  close(): void {
    if (this.connection.isCut) this.#subject.drop(this.#state)
    else this.#subject.disconnect(this.connection)
  }
}
