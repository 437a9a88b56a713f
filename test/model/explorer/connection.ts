import { deferred } from '../../../src/base/deferred.ts'
import type { Deferred } from '../../../src/base/deferred.ts'
import { valueOf } from './committed-state.ts'
import type { CommittedState, Versions } from './committed-state.ts'
import type { ModelDatabase } from './database.ts'
import { engineless, NoAnswer, Refused } from './effect.ts'
import type { Effect, Reply } from './effect.ts'
import type { Stage, Step } from './stage.ts'

interface Request {
  readonly effect: Effect
  readonly answered: Deferred<Reply>
  outcome: Reply | Error | undefined
  /** When the client stopped waiting; the statement may land for a while after that. */
  givenUpAt: number | undefined
}

interface Frame {
  readonly savepoint: string | undefined
  readonly writes: Versions
}

interface Transaction {
  readonly frames: Frame[]
  readonly snapshots: boolean
  snapshot: CommittedState | undefined
}

const nothing: Reply = { values: [], answer: undefined, catalog: undefined }

/** One client connection. Statements wait in order; one of them is with the server at a time. */
export class Connection {
  readonly owner: string
  readonly label: string
  readonly #stage: Stage
  readonly #database: ModelDatabase
  readonly #queue: Request[] = []
  #transaction: Transaction | undefined
  #state: 'up' | 'cut' = 'up'
  /** What this connection has committed last, by row. */
  readonly written: Versions = {}

  constructor(stage: Stage, database: ModelDatabase, owner: string, label: string) {
    this.#stage = stage
    this.#database = database
    this.owner = owner
    this.label = label
  }

  get inTransaction(): boolean {
    return this.#transaction !== undefined
  }

  get isCut(): boolean {
    return this.#state === 'cut'
  }

  /** Whether a statement waits for the server or for its answer. */
  get isBusy(): boolean {
    return this.#queue.length > 0
  }

  /** Sends a statement. Rejects with {@link Refused} or {@link NoAnswer}. */
  send(effect: Effect): Promise<Reply> {
    this.#stage.trace.changes(`connection ${this.label}`)
    if (this.isCut) return Promise.reject(new NoAnswer('the connection is gone'))
    if (this.#queue.length === 0 && isPrivate(effect)) {
      // Nobody else can tell when it happens, so it happens now.
      return Promise.resolve(this.#execute(effect) as Reply)
    }
    const answered = deferred<Reply>()
    this.#queue.push({ effect, answered, outcome: undefined, givenUpAt: undefined })
    return answered.promise
  }

  /** The line breaks: the client hears it now, the server goes on with what it has or never got it. */
  cut(): void {
    this.#stage.trace.changes(`connection ${this.label}`)
    this.#state = 'cut'
    const waiting = this.#queue.filter(({ givenUpAt }) => givenUpAt === undefined)
    this.abandon()
    for (const { answered } of waiting) answered.reject(new NoAnswer('the connection broke'))
  }

  /** The driver's patience is over; the connection and its transaction go on. */
  giveUp(): void {
    this.#stage.trace.changes(`connection ${this.label}`)
    const [request] = this.#queue
    if (request === undefined) return
    request.givenUpAt = this.#stage.nowMs
    request.answered.reject(new NoAnswer('no answer in time'))
    this.#clean()
  }

  /** The client is gone. */
  abandon(): void {
    this.#stage.trace.changes(`connection ${this.label}`)
    this.#state = 'cut'
    if (this.#database.isEmbedded) this.#queue.length = 0
    for (const request of this.#queue) request.givenUpAt ??= this.#stage.nowMs
    this.#clean()
  }

  get doubtSince(): number {
    let since = Infinity
    for (const { givenUpAt, outcome } of this.#queue) {
      if (outcome === undefined) since = Math.min(since, givenUpAt ?? Infinity)
    }
    return since
  }

  addSteps(steps: Step[]): void {
    const [request] = this.#queue
    if (request === undefined) return
    const verb = request.effect.do
    if (request.outcome === undefined) {
      if (this.#mayExecute(request.effect)) {
        steps.push({
          label: `${this.label}: the database executes ${verb}`,
          take: () => this.#perform(request),
        })
      }
      if (this.isCut) {
        steps.push({
          label: `${this.label}: ${verb} never arrives`,
          take: () => {
            this.#stage.trace.changes(`connection ${this.label}`)
            this.#queue.length = 0
            this.#clean()
          },
        })
      }
    } else if (request.givenUpAt === undefined) {
      steps.push({
        label: `${this.label}: the answer to ${verb} arrives`,
        take: () => this.#answer(request),
      })
    }
  }

  addVictim(steps: Step[]): void {
    const [request] = this.#queue
    if (request === undefined || request.outcome !== undefined) return
    const take = (): void => {
      this.#stage.trace.changes(`connection ${this.label}`)
      this.#rollBack()
      request.outcome = new Refused(true)
      this.#clean()
    }
    steps.push({ label: `${this.label}: refused because of a deadlock`, take })
  }

  #mayExecute(effect: Effect): boolean {
    return effect.do !== 'write' || this.#database.free(this, this.#rowsOf(effect))
  }

  /** The rows that a write changes, those of triggers among them. */
  #rowsOf(effect: Effect & { readonly do: 'write' }): readonly string[] {
    const triggered = this.#database.triggers.get(effect.table)
    return triggered === undefined ? effect.rows : [...effect.rows, triggered]
  }

  #perform(request: Request): void {
    this.#stage.trace.changes(`connection ${this.label}`)
    request.outcome = this.#execute(request.effect)
    if (request.givenUpAt !== undefined) this.#clean()
    // Inside a transaction nobody can tell when the answer to a write arrives.
    else if (request.effect.do === 'write' && this.inTransaction) this.#answer(request)
  }

  #answer(request: Request): void {
    this.#stage.trace.changes(`connection ${this.label}`)
    this.#queue.splice(this.#queue.indexOf(request), 1)
    if (request.outcome instanceof Error) request.answered.reject(request.outcome)
    else if (request.outcome !== undefined) request.answered.resolve(request.outcome)
  }

  /** Removes what is done and has nobody waiting; the last one takes a dead client's transaction along. */
  #clean(): void {
    while (this.#queue[0]?.outcome !== undefined && this.#queue[0].givenUpAt !== undefined) {
      this.#queue.shift()
    }
    if (this.isCut && this.#queue.length === 0) this.#rollBack()
  }

  #execute(effect: Effect): Reply | Error {
    const { trace } = this.#stage
    switch (effect.do) {
      case 'select':
        if (effect.replica === true) {
          return { ...nothing, values: this.#database.replica(effect.rows) }
        }
        this.#database.look(effect.rows)
        return { ...nothing, values: effect.rows.map((row) => this.#read(row)) }
      case 'write':
        return this.#write(effect)
      case 'begin':
        this.#transaction = {
          frames: [{ savepoint: undefined, writes: {} }],
          snapshots: effect.snapshot === true,
          snapshot: undefined,
        }
        return nothing
      case 'commit':
        this.#commit(this.#endTransaction())
        return nothing
      case 'rollback':
        this.#rollBack()
        return nothing
      case 'savepoint':
      case 'release':
      case 'rollback-to':
        this.#divide(effect.do, effect.name)
        return nothing
      case 'trigger':
        trace.changes('schema')
        this.#database.triggers.set(effect.from, effect.row)
        return nothing
      case 'view':
        trace.changes('schema')
        this.#database.define(effect.name, effect.row)
        return nothing
      case 'describe':
        trace.looksAt('schema')
        return { ...nothing, catalog: this.#database.catalog }
    }
  }

  #read(row: string): number {
    const transaction = this.#transaction
    if (transaction?.snapshots === true) transaction.snapshot ??= this.#database.now
    for (const { writes } of transaction?.frames.toReversed() ?? []) {
      const own = writes[row]
      if (own !== undefined) return own
    }
    return valueOf(transaction?.snapshot ?? this.#database.now, row)
  }

  #write(effect: Effect & { readonly do: 'write' }): Reply | Error {
    const { trace } = this.#stage
    trace.looksAt('schema')
    const { refused } = effect
    if (refused === 'whole') return new Refused(false)
    if (refused === 'transaction') {
      this.#rollBack()
      return new Refused(true)
    }
    const written: Versions = {}
    for (const row of this.#rowsOf(effect)) {
      trace.looksAt(`lock ${row}`)
      written[row] = this.#database.newVersion(row)
    }
    const shows = this.#transaction === undefined || effect.table === engineless
    if (shows) this.#commit(written)
    else {
      this.#database.lock(this, Object.keys(written))
      Object.assign(this.#transaction!.frames.at(-1)!.writes, written)
    }
    if (refused === 'part') return new Refused(false)
    return { ...nothing, answer: effect.answer }
  }

  #divide(what: 'savepoint' | 'release' | 'rollback-to', name: string): void {
    const frames = this.#transaction?.frames
    if (frames === undefined) return
    if (what === 'savepoint') {
      frames.push({ savepoint: name, writes: {} })
      return
    }
    const at = frames.findLastIndex((frame) => frame.savepoint === name)
    const ended = frames.splice(at)
    if (what === 'rollback-to') frames.push({ savepoint: name, writes: {} })
    else for (const { writes } of ended) Object.assign(frames.at(-1)!.writes, writes)
  }

  #endTransaction(): Versions {
    const all: Versions = {}
    for (const { writes } of this.#transaction?.frames ?? []) Object.assign(all, writes)
    this.#transaction = undefined
    this.#database.unlock(this)
    return all
  }

  #commit(changed: Versions): void {
    Object.assign(this.written, changed)
    this.#database.commit(changed)
  }

  #rollBack(): void {
    this.#endTransaction()
  }
}

/** Whether a statement concerns nobody but its own connection. */
function isPrivate(effect: Effect): boolean {
  return (
    effect.do === 'begin' ||
    effect.do === 'savepoint' ||
    effect.do === 'release' ||
    effect.do === 'rollback-to'
  )
}
