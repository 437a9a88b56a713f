import type { Footprint, StatementFootprint, Tables } from '../contract/footprint.ts'
import type { EngineRules } from './engine-rules.ts'
import type { SessionState } from './session-state.ts'
import { Touched } from './touched.ts'

/** What the follower asks of the catalog. */
export interface TableEngines {
  /** False for tables whose writes survive a ROLLBACK. */
  isTransactional(table: string): boolean
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
   * What statements touch. After a schema change in the same transaction, and in a session whose names may mean something else
   * (another schema, temporary tables), it is not known what they reach.
   */
  touchedBy(session: SessionState, footprint: Footprint): Touched {
    const touched = new Touched()
    for (const statement of footprint) touched.addStatement(statement)
    if (!touched.isEmpty && (session.altered || session.scope.all().schema)) {
      touched.addTables('everything')
    }
    return touched
  }

  /** What the statements may make visible: to be announced before they are sent. Nothing if they only gather or read. */
  visibleBy(session: SessionState, footprint: Footprint, writes: Touched): Touched {
    const visible = new Touched()
    const gathers = session.isTransactional || footprint.some(isBegin)
    const commits = this.mayCommit(session, footprint)
    if (commits) visible.add(session.scope.all())
    // Of several statements in one text, some may commit on their own: announce them all.
    if (commits || !gathers || this.#rules.marksEarly || session.doubtful || footprint.length > 1) {
      visible.add(writes)
    }
    return visible.addTables(this.#unprotected(writes))
  }

  /** Whether the text may commit the session's transaction. */
  mayCommit(session: SessionState, footprint: Footprint): boolean {
    return footprint.some(
      (statement) =>
        ends(session, statement) ||
        statement.commitsImplicitly ||
        (this.#rules.beginCommits && isBegin(statement)),
    )
  }

  /** Follows statements that took effect. Returns what they committed. */
  succeeded(session: SessionState, footprint: Footprint, open: boolean | undefined): Touched {
    const { scope } = session
    const before = scope.all()
    const committed = new Touched()
    for (const statement of footprint) this.#step(session, statement, committed)
    if (open === true && !scope.isOpen) {
      // What the text seemed to end goes on (an UNLOCK TABLES that committed nothing, XA): count its writes once more when it ends.
      scope.begin()
      scope.touch(before.add(this.touchedBy(session, footprint)))
    }
    if (open === false && scope.isOpen) committed.add(scope.end())
    if (!scope.isOpen) session.doubtful = false
    return committed
  }

  /** Follows statements that the database refused. Some engines keep part of their work: returns what may be committed. */
  failed(session: SessionState, footprint: Footprint, failure: Failure): Touched {
    const { scope } = session
    const { open } = failure
    const writes = this.touchedBy(session, footprint)
    // In a text of several statements, those before the failing one took effect.
    if (open !== false && footprint.some(isBegin) && footprint.length > 1) scope.begin()
    scope.touch(writes)
    const isOver =
      open === undefined
        ? footprint.some((statement) => ends(session, statement) || isRollback(statement))
        : !open
    const committed = new Touched().addTables(this.#unprotected(writes))
    if (isOver) committed.add(scope.end())
    if (!scope.isOpen) {
      session.doubtful = false
      return committed.add(writes)
    }
    session.doubtful ||=
      open === undefined &&
      (failure.endsTransaction || this.mayCommit(session, footprint) || footprint.length > 1)
    return session.doubtful ? committed.add(scope.all()) : committed
  }

  #step(session: SessionState, statement: StatementFootprint, committed: Touched): void {
    const { scope } = session
    if (statement.altersSession) session.altered = true
    if (statement.commitsImplicitly && scope.isOpen) committed.add(scope.end())
    if (statement.control !== undefined) this.#control(session, statement.control, committed)
    const touched = this.touchedBy(session, [statement])
    if (touched.isEmpty) return
    if (session.autocommitOff && !statement.commitsImplicitly) scope.begin()
    if (scope.isOpen) scope.touch(touched)
    if (!scope.isOpen || session.doubtful) committed.add(touched)
    else committed.addTables(this.#unprotected(touched))
  }

  #control(
    session: SessionState,
    control: NonNullable<StatementFootprint['control']>,
    committed: Touched,
  ): void {
    const { scope } = session
    switch (control.op) {
      case 'begin':
        if (this.#rules.beginCommits && scope.isOpen) committed.add(scope.end())
        scope.begin()
        break
      case 'savepoint':
        if (scope.isOpen || this.#rules.savepointOpens) scope.savepoint(control.name)
        break
      case 'release':
        committed.add(scope.release(control.name))
        break
      case 'rollback-to':
        scope.rollbackTo(control.name)
        break
      case 'commit':
        committed.add(scope.end())
        if (control.chain) scope.begin()
        break
      case 'rollback':
        scope.end()
        if (control.chain) scope.begin()
        break
      case 'autocommit':
        if (control.on) committed.add(scope.end())
        session.autocommitOff = !control.on
    }
  }

  /** Of what is written, the tables that no transaction protects: it shows at once, and stays whatever is rolled back. */
  #unprotected(writes: Touched): Tables {
    if (!this.#rules.mixesEngines) return new Set()
    if (writes.tables === 'everything') return 'everything'
    return new Set([...writes.tables].filter((table) => !this.#engines.isTransactional(table)))
  }
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
