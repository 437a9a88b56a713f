import type { Mark, Slot, VersionAuthority } from '../contract/authority.ts'
import type { Footprint, StatementFootprint } from '../contract/footprint.ts'
import type { EngineRules } from './engine-rules.ts'
import type { SessionState } from './session-state.ts'
import type { TagSpace } from './tag-space.ts'
import { Touched } from './touched.ts'

/** What the guard asks of the room that talks to the driver. */
export interface StatementRun<T> {
  /** Sends the statement. */
  send(): Promise<T>
  /** Rolls the connection's transaction back, after an announcement failed before COMMIT. */
  rollBack(): Promise<void>
  /** Whether the server cannot have answered: the statement may have taken effect. */
  isUnknown(error: unknown): boolean
  /** Whether an engine may have rolled the whole transaction back because of this error. */
  endsTransaction(error: unknown): boolean
  /** Reads the catalog again on this connection; called after a schema change took effect, before the caller hears of it. */
  schemaChanged(): Promise<void>
  /** The driver's own word on whether a transaction is open, where it has one (SQLite). */
  inTransaction(): boolean | undefined
}

/** What the guard reports. */
export interface GuardListener {
  /** Tags were touched: for counting. */
  invalidated(touched: Touched): void
  /** The catalog that footprints are made from is older than the last schema change. */
  catalogOutdated(): void
  /** A write's outcome is unknown; its marks stand until they settle. */
  outcomeUnknown(error: unknown): void
}

/** What the guard knows about the catalog. */
export interface CatalogState {
  /** The schema tag's sequence number at the time the catalog was read. */
  readonly loadedAt: number
  /** False for tables whose writes survive a ROLLBACK. */
  isTransactional(table: string): boolean
}

/**
 * The write half of the coherence protocol, for the statements of one database.
 *
 *     autocommit   mark -> send -> settle(touched) -> resolve
 *     transaction  statements gather what they touch -> mark -> COMMIT -> settle(touched) -> resolve
 *                  ROLLBACK -> settle(nothing), but for tables that cannot roll back
 *     no answer    reject; the marks stand for the settle delay, then every slot of theirs is touched
 *
 * A mark makes readers go to the database and fill nothing, so no reader sees a change before it is announced and none
 * keeps a result from before it. Statements that the database refused touch all the same: some engines keep part of them.
 */
export class StatementGuard {
  readonly #authority: VersionAuthority
  readonly #tags: TagSpace
  readonly #rules: EngineRules
  readonly #catalog: CatalogState
  readonly #listener: GuardListener

  constructor(parts: {
    readonly authority: VersionAuthority
    readonly tags: TagSpace
    readonly rules: EngineRules
    readonly catalog: CatalogState
    readonly listener: GuardListener
  }) {
    this.#authority = parts.authority
    this.#tags = parts.tags
    this.#rules = parts.rules
    this.#catalog = parts.catalog
    this.#listener = parts.listener
  }

  /** Sends a statement under the protocol. */
  async run<T>(session: SessionState, footprint: Footprint, run: StatementRun<T>): Promise<T> {
    if (!session.scope.isOpen && !session.autocommitOff && footprint.every(isPassive)) {
      return await run.send()
    }
    const writes = this.#touchedBy(session, footprint)
    try {
      await this.#announce(session, footprint, writes)
    } catch (error) {
      if (this.#ends(session, footprint)) await this.#abort(session, run)
      throw error
    }
    let result: T
    try {
      result = await run.send()
    } catch (error) {
      await this.#failed(session, footprint, writes, run, error)
      throw error
    }
    await this.#succeeded(session, footprint, run)
    return result
  }

  /** A connection is gone or is about to be closed: what its transaction announced is settled as unknown. */
  drop(session: SessionState): void {
    session.scope.end()
    this.#settleLater(session)
  }

  /** Announces what this statement may make visible; nothing for one that only gathers or only reads. */
  async #announce(session: SessionState, footprint: Footprint, writes: Touched): Promise<void> {
    const gathers = session.scope.isOpen || session.autocommitOff || footprint.some(isBegin)
    const commits =
      this.#ends(session, footprint) ||
      footprint.some((statement) => statement.commitsImplicitly) ||
      (this.#rules.beginCommits && footprint.some(isBegin))
    const visible = new Touched()
    if (commits) visible.add(session.scope.all())
    // Of several statements in one text, some may commit on their own: announce them all.
    if (commits || !gathers || this.#rules.marksEarly || session.doubtful || footprint.length > 1) {
      visible.add(writes)
    }
    if (!visible.isEmpty) await this.#mark(session, visible)
  }

  /** Whether the text commits the session's transaction. */
  #ends(session: SessionState, footprint: Footprint): boolean {
    return footprint.some(({ control }) => {
      if (control === undefined) return false
      if (control.op === 'release') return session.scope.isOutermost(control.name)
      return control.op === 'commit' || (control.op === 'autocommit' && control.on)
    })
  }

  async #mark(session: SessionState, touched: Touched): Promise<void> {
    const marked = session.marked()
    const missing = this.#slots(touched).filter((slot) => !marked.has(slot))
    if (missing.length === 0) return
    const { watched } = await this.#markSlots(session, missing, false)
    if (watched <= this.#catalog.loadedAt) return
    // Another process changed the schema: what this statement reaches (triggers, cascades) is no longer known.
    this.#listener.catalogOutdated()
    await this.#markSlots(session, [this.#tags.everything, this.#tags.any], true)
  }

  async #markSlots(session: SessionState, slots: readonly Slot[], whole: boolean): Promise<Mark> {
    const mark = await this.#authority.mark({
      slots,
      watch: this.#tags.schema,
      settleDelayMs: this.#rules.settleDelayMs,
    })
    session.marks.push({ mark, slots, whole })
    return mark
  }

  async #succeeded<T>(
    session: SessionState,
    footprint: Footprint,
    run: StatementRun<T>,
  ): Promise<void> {
    const committed = new Touched()
    const survives = new Touched()
    for (const statement of footprint) this.#step(session, statement, committed, survives)
    committed.add(survives)
    await this.#publish(session, committed, run)
  }

  /** Follows one statement that took effect: gathers what it touched, and what it committed. */
  #step(
    session: SessionState,
    statement: StatementFootprint,
    committed: Touched,
    survives: Touched,
  ): void {
    const { scope } = session
    if (statement.altersSession) session.altered = true
    if (statement.commitsImplicitly && scope.isOpen) committed.add(scope.end())
    if (statement.control !== undefined) this.#control(session, statement, committed, survives)
    const touched = this.#touchedBy(session, [statement])
    if (touched.isEmpty) return
    if (session.autocommitOff && !statement.commitsImplicitly) scope.begin()
    if (scope.isOpen) scope.touch(touched)
    if (!scope.isOpen || session.doubtful) committed.add(touched)
  }

  #control(
    session: SessionState,
    statement: StatementFootprint,
    committed: Touched,
    survives: Touched,
  ): void {
    const { scope } = session
    const { control } = statement
    switch (control?.op) {
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
        this.#keepSurvivors(scope.rollbackTo(control.name), survives)
        break
      case 'commit':
        committed.add(scope.end())
        session.doubtful = false
        if (control.chain) scope.begin()
        break
      case 'rollback':
        this.#keepSurvivors(scope.end(), survives)
        session.doubtful = false
        if (control.chain) scope.begin()
        break
      case 'autocommit':
        if (control.on) committed.add(scope.end())
        session.autocommitOff = !control.on
        break
      case undefined:
        break
    }
  }

  /** Tables without transactions keep what was written to them, whatever is rolled back. */
  #keepSurvivors(rolledBack: Touched, survives: Touched): void {
    if (rolledBack.tables === 'everything') survives.addTables('everything')
    else {
      survives.addTables(
        new Set([...rolledBack.tables].filter((table) => !this.#catalog.isTransactional(table))),
      )
    }
  }

  async #failed<T>(
    session: SessionState,
    footprint: Footprint,
    writes: Touched,
    run: StatementRun<T>,
    error: unknown,
  ): Promise<void> {
    if (run.isUnknown(error)) {
      if (session.marks.length > 0) this.#listener.outcomeUnknown(error)
      session.scope.end()
      this.#settleLater(session)
      return
    }
    const { scope } = session
    const open = run.inTransaction()
    const ended =
      open === undefined ? this.#ends(session, footprint) || footprint.some(isRollback) : !open
    scope.touch(writes)
    if (scope.isOpen && ended) writes.add(scope.end())
    if (scope.isOpen && open === undefined && run.endsTransaction(error)) session.doubtful = true
    if (!scope.isOpen || session.doubtful) await this.#publish(session, writes, run)
  }

  /** Touches what was committed and ends the marks; those of a transaction that goes on stand. */
  async #publish<T>(
    session: SessionState,
    committed: Touched,
    run: StatementRun<T>,
  ): Promise<void> {
    if (!committed.isEmpty) this.#listener.invalidated(committed)
    const touched = new Set(this.#slots(committed))
    const { scope } = session
    if (!scope.isOpen || (scope.all().isEmpty && !session.doubtful)) this.#settle(session, touched)
    if (touched.size > 0) await this.#authority.bump([...touched])
    if (!committed.schema) return
    if (scope.isOpen) this.#listener.catalogOutdated()
    else await run.schemaChanged()
  }

  /** Ends the session's marks, touching of their slots those in `touched` and taking these out of it. */
  #settle(session: SessionState, touched: Set<Slot>): void {
    const { marks } = session
    session.marks = []
    for (const { mark, slots, whole } of marks) {
      this.#authority.settle(mark, whole ? slots : slots.filter((slot) => touched.has(slot)))
      for (const slot of slots) touched.delete(slot)
    }
  }

  #settleLater(session: SessionState): void {
    for (const { mark } of session.marks) this.#authority.settleLater(mark)
    session.marks = []
  }

  async #abort<T>(session: SessionState, run: StatementRun<T>): Promise<void> {
    try {
      await run.rollBack()
      const survives = new Touched()
      this.#keepSurvivors(session.scope.end(), survives)
      await this.#publish(session, survives, run)
    } catch {
      // The connection is of no use any more; its transaction dies with it.
      this.drop(session)
    }
  }

  /**
   * What statements touch. After a schema change in the same transaction, and in a session whose names may mean something else
   * (another schema, temporary tables), it is not known what they reach.
   */
  #touchedBy(session: SessionState, footprint: Footprint): Touched {
    const touched = new Touched()
    for (const statement of footprint) touched.addStatement(statement)
    if (!touched.isEmpty && (session.altered || session.scope.all().schema)) {
      touched.addTables('everything')
    }
    return touched
  }

  #slots(touched: Touched): Slot[] {
    return this.#tags.slotsWritten(touched.tables, touched.schema)
  }
}

function isBegin({ control }: StatementFootprint): boolean {
  return control?.op === 'begin'
}

function isRollback({ control }: StatementFootprint): boolean {
  return control?.op === 'rollback'
}

/** Neither writes nor changes the session: nothing to announce and nothing to follow. */
function isPassive(statement: StatementFootprint): boolean {
  return (
    statement.control === undefined &&
    statement.writes !== 'everything' &&
    statement.writes.size === 0 &&
    !statement.changesSchema &&
    !statement.commitsImplicitly &&
    !statement.altersSession
  )
}
