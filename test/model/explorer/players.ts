import { MillraceError } from '../../../src/base/errors.ts'
import type { Connection } from './connection.ts'
import type { ModelDatabase } from './database.ts'
import { engineless, NoAnswer, Refused } from './effect.ts'
import type { Oracle } from './oracle.ts'
import { isQuery } from './scenario.ts'
import type { Actor, Operation, Scenario, SessionOperation } from './scenario.ts'
import type { Session } from './session.ts'
import type { Stage, Step } from './stage.ts'
import { rollback } from './statements.ts'
import type { Query, Statement } from './statements.ts'
import type { Subject } from './subject.ts'
import type { Verdict } from './verdict.ts'

/** An actor at work. */
export interface Player {
  readonly actor: Actor
  /** How many of its operations have begun. */
  begun: number
  state: 'idle' | 'busy' | 'dead'
  /** The connection of a session that it has open. */
  connection: Connection | undefined
  /** What its operations were answered with. */
  readonly results: string[]
}

/** What {@link Players} work with. */
export interface PlayersParts {
  readonly scenario: Scenario
  readonly stage: Stage
  readonly database: ModelDatabase
  readonly oracle: Oracle
  readonly verdict: Verdict
  /** The process of that name; undefined while it has not begun to live. */
  subjectOf(process: string): Subject | undefined
}

/** Lets the actors of a scenario do their operations, and judges what becomes of them. */
export class Players {
  readonly all: readonly Player[]
  readonly #parts: PlayersParts

  constructor(parts: PlayersParts) {
    const { actors, name } = parts.scenario
    if (new Set(actors.map((actor) => actor.name)).size < actors.length) {
      throw new Error(`Two actors of '${name}' have one name.`)
    }
    this.#parts = parts
    this.all = actors.map((actor) => ({
      actor,
      begun: 0,
      state: 'idle',
      connection: undefined,
      results: [],
    }))
  }

  /** The actors of a process. */
  of(process: string): Player[] {
    return this.all.filter(({ actor }) => actor.process === process)
  }

  /** The operations that may begin. */
  steps(): Step[] {
    return this.all.flatMap((player, at) => {
      const { actor, begun, state } = player
      const operation = actor.operations[begun]
      const subject = this.#parts.subjectOf(actor.process)
      if (state !== 'idle' || operation === undefined || subject === undefined) return []
      const previous = this.all[at - 1]
      if (actor.likeThePrevious === true && previous !== undefined && previous.begun <= begun) {
        return []
      }
      const label = `${actor.name} begins to ${verbOf(operation)}`
      return [{ label, take: () => void this.#perform(player, subject, operation) }]
    })
  }

  /** A process is dead, and its actors with it. */
  died(process: string): void {
    for (const player of this.of(process)) {
      this.#parts.stage.trace.changes(`actor ${player.actor.name}`)
      player.state = 'dead'
    }
  }

  async #perform(player: Player, subject: Subject, operation: Operation): Promise<void> {
    const { name, process } = player.actor
    const { trace } = this.#parts.stage
    trace.changes(`actor ${name}`)
    trace.looksAt(`life of ${process}`)
    player.state = 'busy'
    player.begun++
    try {
      await this.#do(player, subject, operation)
    } finally {
      trace.changes(`actor ${name}`)
      if (player.state === 'busy') player.state = 'idle'
      player.connection = undefined
    }
  }

  async #do(player: Player, subject: Subject, operation: Operation): Promise<void> {
    const { stage, database, oracle } = this.#parts
    switch (operation.do) {
      case 'read':
        await this.#read(player, subject, operation.query)
        return
      case 'session':
        await this.#session(player, subject, operation)
        return
      case 'outside':
        stage.trace.changes('outside')
        database.changeOutside(operation.rows)
        return
      case 'clear': {
        const cleared = oracle.clearing()
        try {
          await subject.clear(operation.table, operation.row)
          cleared()
        } catch (error) {
          if (!isLost(error)) throw error
        }
      }
    }
  }

  async #read(player: Player, subject: Subject, query: Query): Promise<void> {
    const { oracle, verdict } = this.#parts
    verdict.counts.reads++
    const begun = oracle.begin(query.effect.rows)
    let values: readonly number[]
    try {
      values = await subject.read(query, labelOf(player))
    } catch (error) {
      verdict.fail({ guarantee: 'G7', what: `a read failed: ${String(error)}` })
      return
    }
    player.results.push(String(values))
    const violation = oracle.end(begun, values)
    if (violation !== undefined) verdict.fail(violation)
  }

  async #session(
    player: Player,
    subject: Subject,
    { statements, atOnce }: SessionOperation,
  ): Promise<void> {
    const session = subject.session(labelOf(player))
    const { connection } = session
    player.connection = connection
    try {
      const sent: Promise<unknown>[] = []
      for (const statement of statements) {
        const done = isQuery(statement) ? session.read(statement) : session.run(statement)
        sent.push(done)
        const waits = atOnce === undefined || (atOnce !== 'all' && sent.length === 1)
        if (waits) await done
      }
      const refused = (await Promise.allSettled(sent)).find(({ status }) => status === 'rejected')
      if (refused?.status === 'rejected') throw refused.reason
      this.#parts.oracle.acknowledge(connection.written)
      player.results.push('ok')
    } catch (error) {
      player.results.push(String(error))
      // Of statements that are sent at once, one may be refused and the others committed.
      if (atOnce === undefined || !isLost(error)) this.#judge(connection, error)
      if (isTransaction(statements) && !connection.isCut) await rollBack(session)
    } finally {
      session.close()
    }
  }

  /** A write may fail because the database failed it, or because it could not be announced, which is before it could be seen. */
  #judge(connection: Connection, error: unknown): void {
    if (error instanceof Refused || error instanceof NoAnswer) return
    if (isLost(error) && Object.keys(connection.written).every(isUnprotected)) return
    const what = `a write failed by itself: ${String(error)}`
    this.#parts.verdict.fail({ guarantee: 'G7', what })
  }
}

/** How an operation's connection is called in steps. */
function labelOf({ actor, begun }: Player): string {
  return `${actor.name} (${begun})`
}

/** What Knex does with a transaction that has failed. */
async function rollBack(session: Session): Promise<void> {
  try {
    await session.run(rollback)
  } catch {
    // Its connection is of no use any more.
  }
}

/** Whether a row shows what was written, committed or not. */
function isUnprotected(row: string): boolean {
  return row.startsWith(`${engineless}.`)
}

function isLost(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'MILLRACE_STORE_LOST'
}

function isTransaction([first]: readonly (Statement | Query)[]): boolean {
  return first?.effect.do === 'begin' || first?.effect.do === 'savepoint'
}

function verbOf(operation: Operation): string {
  switch (operation.do) {
    case 'read':
      return `read ${operation.query.text}`
    case 'session':
      return operation.statements.map(({ text }) => text).join('; ')
    case 'clear':
      return `clear ${operation.table ?? 'everything'} ${operation.row ?? ''}`.trim()
    case 'outside':
      return `change ${operation.rows.join(', ')} past the cache`
  }
}
