import { valueOf } from './committed-state.ts'
import type { CommittedState, Versions } from './committed-state.ts'
import { Connection } from './connection.ts'
import type { Catalog } from './effect.ts'
import type { Stage, Step } from './stage.ts'

/**
 * A database server with versioned rows, row locks and transactions at READ COMMITTED (or with a snapshot), whose every statement takes
 * effect in one step and is answered in another. It may go on with what a lost client has sent.
 */
export class ModelDatabase {
  readonly states: CommittedState[]
  readonly triggers = new Map<string, string>()
  readonly #stage: Stage
  readonly #connections = new Set<Connection>()
  readonly #locks = new Map<string, Connection>()
  readonly #next = new Map<string, number>()
  /** A copy that lags behind, where somebody asked for one. */
  #replica: CommittedState | undefined
  #replicaFollows = false

  /** It lives in its clients' processes: what is not done when they die is never done. */
  readonly isEmbedded: boolean

  constructor(stage: Stage, isEmbedded: boolean, views: ReadonlyMap<string, string>) {
    this.#stage = stage
    this.isEmbedded = isEmbedded
    this.states = [{ versions: {}, views, foreign: [] }]
  }

  get now(): CommittedState {
    return this.states.at(-1)!
  }

  get catalog(): Catalog {
    return { triggers: new Map(this.triggers), views: this.now.views }
  }

  /** Notes that somebody depends on what these rows are now. */
  look(rows: readonly string[]): void {
    for (const row of rows) {
      this.#stage.trace.looksAt(`row ${row}`)
      const behind = this.now.views.get(row)
      if (behind !== undefined) this.#stage.trace.looksAt(`row ${behind}`)
    }
  }

  /** Opens a connection; `label` names it in steps. */
  connect(owner: string, label: string): Connection {
    const connection = new Connection(this.#stage, this, owner, label)
    this.#connections.add(connection)
    return connection
  }

  /** The client needs the connection no more; what it has sent goes on. */
  close(connection: Connection): void {
    if (!connection.isBusy) this.#connections.delete(connection)
  }

  /** What the server may do next, and what it may tell. */
  steps(): Step[] {
    const steps: Step[] = []
    for (const connection of this.#connections) connection.addSteps(steps)
    return steps
  }

  /** Which of the statements that wait for each other the server may refuse, when nothing else can happen. */
  victims(): Step[] {
    const steps: Step[] = []
    for (const connection of this.#connections) connection.addVictim(steps)
    return steps
  }

  /** Statements whose client has stopped waiting: the time at which the first of them did; `Infinity` if there are none. */
  get doubtSince(): number {
    let since = Infinity
    for (const connection of this.#connections) since = Math.min(since, connection.doubtSince)
    return since
  }

  /** Whether it has something to do, or to answer, for the process. */
  isBusyFor(owner: string): boolean {
    for (const connection of this.#connections) {
      if (connection.owner !== owner) continue
      this.#stage.trace.looksAt(`connection ${connection.label}`)
      if (connection.isBusy) return true
    }
    return false
  }

  /** The process is gone, and its connections with it. */
  ownerDied(owner: string): void {
    for (const connection of this.#connections) if (connection.owner === owner) connection.abandon()
  }

  /** Another program changes rows. */
  changeOutside(rows: readonly string[]): void {
    const changed: Versions = {}
    for (const row of rows) changed[row] = this.newVersion(row)
    this.commit(changed, rows)
  }

  /** Keeps a replica from now on, which follows in steps of its own. */
  replicate(): void {
    this.#replica ??= this.now
  }

  /** The values of the replica. */
  replica(rows: readonly string[]): number[] {
    this.#stage.trace.looksAt('replica')
    return rows.map((row) => valueOf(this.#replica ?? this.now, row))
  }

  /** Whether the connection may write these rows now. */
  free(connection: Connection, rows: readonly string[]): boolean {
    return rows.every((row) => (this.#locks.get(row) ?? connection) === connection)
  }

  lock(connection: Connection, rows: readonly string[]): void {
    for (const row of rows) {
      this.#stage.trace.changes(`lock ${row}`)
      this.#locks.set(row, connection)
    }
  }

  unlock(connection: Connection): void {
    for (const [row, holder] of this.#locks) {
      if (holder !== connection) continue
      this.#stage.trace.changes(`lock ${row}`)
      this.#locks.delete(row)
    }
  }

  newVersion(row: string): number {
    // Those of different tables differ, so that one row cannot be taken for another.
    const version = (this.#next.get(row) ?? 1000 * (row.charCodeAt(0) % 4)) + 1
    this.#next.set(row, version)
    return version
  }

  commit(changed: Versions, foreign: readonly string[] = []): void {
    const rows = Object.keys(changed)
    if (rows.length === 0) return
    for (const row of rows) this.#stage.trace.changes(`row ${row}`)
    const { versions, views } = this.now
    this.states.push({ versions: { ...versions, ...changed }, views, foreign })
    if (this.#replica === undefined || this.#replicaFollows) return
    this.#replicaFollows = true
    this.#stage.offer('the replica follows', () => {
      this.#stage.trace.changes('replica')
      for (const row of this.#next.keys()) this.#stage.trace.looksAt(`row ${row}`)
      this.#replicaFollows = false
      this.#replica = this.now
    })
  }

  define(view: string, row: string): void {
    this.#stage.trace.changes(`row ${view}`)
    const { versions, views } = this.now
    this.states.push({ versions, views: new Map(views).set(view, row), foreign: [] })
  }
}
