import type { Footprint, StatementFootprint } from '../contract/footprint.ts'
import type { Answer } from '../contract/rows.ts'
import type { EngineRules } from './engine-rules.ts'
import type { SessionState } from './session-state.ts'
import { Touched } from './touched.ts'

/** What the follower asks of the catalog. */
export interface TableEngines {
  /** False for tables whose writes survive a ROLLBACK. */
  isTransactional(table: string): boolean
}

/** What is known of a text beside its footprint. */
export interface StatementValues {
  readonly bindings: readonly unknown[]
  /** What the database told of the rows that it changed; undefined before it has answered, or if it was not asked. */
  readonly answer?: Answer | undefined
  /** What the one statement of the text was counted as before it was answered, if the answer told no more. */
  readonly counted?: Touched | undefined
}

/** How a statement failed. */
export interface Failure {
  /** The driver's own word on whether a transaction is open now. */
  readonly open: boolean | undefined
  /** Whether an engine may have rolled the whole transaction back because of this error. */
  readonly endsTransaction: boolean
}

/**
 * Follows the transactions of connections from the text of their statements, and believes the driver where it knows better: which
 * writes are only gathered, which are committed, which are gone.
 */
export class TransactionFollower {
  readonly #rules: EngineRules
  readonly #engines: TableEngines

  constructor(rules: EngineRules, engines: TableEngines) {
    this.#rules = rules
    this.#engines = engines
  }

  /**
   * What statements touch, or may touch as long as there is no answer. After a schema change in the same transaction, and in a session
   * whose names may mean something else (another schema, temporary tables), it is not known what they reach. Add nothing to it.
   */
  touchedBy(session: SessionState, footprint: Footprint, values: StatementValues): Touched {
    let touched = untouched
    for (const statement of footprint) touched = touched.join(touchedByOne(statement, values))
    return this.#reach(session, touched)
  }

  /** What the statements may make visible: to be announced before they are sent. Nothing if they only gather or read. Add nothing to it. */
  visibleBy(session: SessionState, footprint: Footprint, writes: Touched): Touched {
    const gathers = session.isTransactional || footprint.some(isBegin)
    const commits = this.mayCommit(session, footprint)
    let visible = commits ? session.scope.all() : untouched
    // Of several statements in one text, some may commit on their own: announce them all.
    if (commits || !gathers || this.#rules.marksEarly || session.doubtful || footprint.length > 1) {
      visible = visible.join(writes)
    }
    return visible.join(this.#unprotected(writes))
  }

  /** Whether the text may commit the session's transaction. */
  mayCommit(session: SessionState, footprint: Footprint): boolean {
    for (const statement of footprint) {
      if (statement.commitsImplicitly || ends(session, statement)) return true
      if (this.#rules.beginCommits && isBegin(statement)) return true
    }
    return false
  }

  /** Follows statements that took effect. Returns what they committed: add nothing to it. */
  succeeded(
    session: SessionState,
    footprint: Footprint,
    values: StatementValues,
    open: boolean | undefined,
  ): Touched {
    const { scope } = session
    const before = footprint.some(mayEnd) ? scope.all() : untouched
    let committed = untouched
    for (const statement of footprint) {
      committed = committed.join(this.#step(session, statement, values))
    }
    if (open === true && !scope.isOpen) {
      // What the text seemed to end goes on (an UNLOCK TABLES that committed nothing, XA): count its writes once more when it ends.
      scope.begin()
      scope.touch(before.join(this.touchedBy(session, footprint, values)))
    }
    if (open === false && scope.isOpen) committed = committed.join(scope.end())
    if (!scope.isOpen) forgetTransaction(session)
    return committed
  }

  /** Follows statements that the database refused. Some engines keep part of their work: returns what may be committed. Add nothing to it. */
  failed(
    session: SessionState,
    footprint: Footprint,
    values: StatementValues,
    failure: Failure,
  ): Touched {
    const { scope } = session
    const { open } = failure
    const writes = this.touchedBy(session, footprint, values)
    // In a text of several statements, those before the failing one took effect.
    if (open !== false && footprint.some(isBegin) && footprint.length > 1) scope.begin()
    scope.touch(writes)
    const isOver =
      open === undefined
        ? footprint.some((statement) => ends(session, statement) || isRollback(statement))
        : !open
    let committed = this.#unprotected(writes)
    if (isOver) committed = committed.join(scope.end())
    if (!scope.isOpen) {
      forgetTransaction(session)
      return committed.join(writes)
    }
    session.doubtful ||=
      open === undefined &&
      (failure.endsTransaction || this.mayCommit(session, footprint) || footprint.length > 1)
    return session.doubtful ? committed.join(scope.all()) : committed
  }

  /** Follows one statement. Returns what it committed. */
  #step(session: SessionState, statement: StatementFootprint, values: StatementValues): Touched {
    const { scope } = session
    let committed = untouched
    if (statement.altersSession) session.altered = true
    if (statement.verb === 'set' && session.isTransactional) session.setLocally = true
    if (statement.commitsImplicitly && scope.isOpen) committed = scope.end()
    if (statement.control !== undefined) {
      committed = committed.join(this.#control(session, statement.control))
    }
    const touched = this.#reach(session, values.counted ?? touchedByOne(statement, values))
    if (touched.isEmpty) return committed
    if (session.autocommitOff && !statement.commitsImplicitly) scope.begin()
    if (scope.isOpen) scope.touch(touched)
    const shows = !scope.isOpen || session.doubtful ? touched : this.#unprotected(touched)
    return committed.join(shows)
  }

  /** Follows a statement that opens or ends transactions, or parts of them. Returns what it committed. */
  #control(session: SessionState, control: NonNullable<StatementFootprint['control']>): Touched {
    const { scope } = session
    let committed = untouched
    switch (control.op) {
      case 'begin':
        if (this.#rules.beginCommits && scope.isOpen) committed = scope.end()
        scope.begin()
        break
      case 'savepoint':
        if (scope.isOpen || this.#rules.savepointOpens) scope.savepoint(control.name)
        break
      case 'release':
        committed = scope.release(control.name)
        break
      case 'rollback-to':
        scope.rollbackTo(control.name)
        break
      case 'commit':
        committed = scope.end()
        if (control.chain) scope.begin()
        break
      case 'rollback':
        scope.end()
        if (control.chain) scope.begin()
        break
      case 'autocommit':
        if (control.on) committed = scope.end()
        session.autocommitOff = !control.on
    }
    return committed
  }

  /** What is written, and everything if it is not known what that reaches. */
  #reach(session: SessionState, writes: Touched): Touched {
    if (writes.isEmpty || !(session.altered || session.scope.changedSchema)) return writes
    return new Touched().add(writes).addTables('everything')
  }

  /** Of what is written, the tables that no transaction protects: it shows at once, and stays whatever is rolled back. */
  #unprotected(writes: Touched): Touched {
    if (!this.#rules.mixesEngines || writes.isEmpty) return untouched
    const { tables } = writes
    const unprotected =
      tables === 'everything'
        ? tables
        : new Set([...tables].filter((table) => !this.#engines.isTransactional(table)))
    return new Touched().addTables(unprotected)
  }
}

/** What a statement touches as far as its own words tell. */
function touchedByOne(statement: StatementFootprint, values: StatementValues): Touched {
  const { writes, changesSchema } = statement
  if (writes !== 'everything' && writes.size === 0 && !changesSchema) return untouched
  return new Touched().addStatement(statement, values.bindings, values.answer)
}

/** Nothing is ever added to it. */
const untouched: Touched = new Touched()

function forgetTransaction(session: SessionState): void {
  session.doubtful = false
  session.setLocally = false
}

/** Whether a statement may end a transaction, or part of one. */
function mayEnd({ control, commitsImplicitly }: StatementFootprint): boolean {
  return control !== undefined || commitsImplicitly
}

/** Whether a statement commits the session's transaction by its words. */
function ends(session: SessionState, { control }: StatementFootprint): boolean {
  if (control === undefined) return false
  if (control.op === 'release') return session.scope.isOutermost(control.name)
  return control.op === 'commit' || (control.op === 'autocommit' && control.on)
}

function isBegin({ control }: StatementFootprint): boolean {
  return control?.op === 'begin'
}

function isRollback({ control }: StatementFootprint): boolean {
  return control?.op === 'rollback'
}
