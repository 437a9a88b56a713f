import type { Awaitable } from '../base/awaitable.ts'
import type { Slot, VersionAuthority } from '../contract/authority.ts'
import type { Footprint, StatementFootprint } from '../contract/footprint.ts'
import type { EngineRules } from './engine-rules.ts'
import { SessionMarks } from './session-marks.ts'
import type { StandingMark } from './session-marks.ts'
import type { SessionState } from './session-state.ts'
import type { TagSpace } from './tag-space.ts'
import { Touched } from './touched.ts'
import { TransactionFollower } from './transaction-follower.ts'
import type { TableEngines } from './transaction-follower.ts'
import type { WriteWatch } from './write-marker.ts'

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
  /** The driver's own word, after the statement, on whether a transaction is open; undefined where it cannot tell. */
  inTransaction(): Awaitable<boolean | undefined>
}

/** What the guard reports. */
export interface GuardListener {
  /** Tags were touched: for counting. */
  invalidated(touched: Touched): void
  /** The catalog that footprints are made from is older than the last schema change. */
  catalogOutdated(): void
  /** A write's outcome is unknown; its marks stand until they settle. */
  outcomeUnknown(error: unknown): void
  /** A committed write could not be told to the authority, because it is gone: every entry that it validated went with it. */
  authorityLost(error: unknown): void
}

/** What the guard knows about the catalog. */
export interface CatalogState extends TableEngines {
  /** The schema tag's sequence number at the time the catalog was read. */
  readonly loadedAt: number
}

/**
 * The write half of the coherence protocol, for the statements of one database.
 *
 *     autocommit   mark -> send -> settle(touched) -> resolve
 *     transaction  statements gather what they touch -> mark -> COMMIT -> settle(touched) -> resolve
 *                  ROLLBACK -> settle(nothing); tables that cannot roll back count as autocommit
 *     no answer    reject; the marks stand for the settle delay, then every slot of theirs is touched
 *
 * A mark makes readers go to the database and fill nothing, so no reader sees a change before it is announced and none
 * keeps a result from before it. Statements that the database refused touch all the same: some engines keep part of them.
 *
 * A mark belongs to its statement, unless it has to outlive it: SQLite's stand until the transaction ends. So two statements in
 * flight on one connection do not end each other's marks.
 */
export class StatementGuard {
  readonly #authority: VersionAuthority
  readonly #tags: TagSpace
  readonly #rules: EngineRules
  readonly #catalog: CatalogState
  readonly #listener: GuardListener
  readonly #marks: SessionMarks
  readonly #follower: TransactionFollower

  constructor(parts: {
    readonly authority: VersionAuthority
    readonly tags: TagSpace
    readonly rules: EngineRules
    readonly catalog: CatalogState
    readonly listener: GuardListener
    /** Told of every mark before it is asked for, and when it ends; none where a dead process cannot commit. */
    readonly watch?: WriteWatch | undefined
  }) {
    this.#authority = parts.authority
    this.#tags = parts.tags
    this.#rules = parts.rules
    this.#catalog = parts.catalog
    this.#listener = parts.listener
    this.#follower = new TransactionFollower(parts.rules, parts.catalog)
    this.#marks = new SessionMarks({
      authority: parts.authority,
      watch: parts.watch,
      schemaSlot: parts.tags.schema,
      settleDelayMs: parts.rules.settleDelayMs,
    })
  }

  /** Sends a statement under the protocol. */
  async run<T>(session: SessionState, footprint: Footprint, run: StatementRun<T>): Promise<T> {
    if (!session.isTransactional && footprint.every(isPassive)) return await run.send()
    const writes = this.#follower.touchedBy(session, footprint)
    if (!writes.isEmpty) session.judgedAt = Math.min(session.judgedAt, this.#catalog.loadedAt)
    const own: StandingMark[] = []
    try {
      await this.#announce(session, footprint, writes, own)
    } catch (error) {
      this.#marks.settle(own, [])
      if (this.#follower.mayCommit(session, footprint)) await this.#abort(session, run)
      throw error
    }
    // Before it is answered: a COMMIT that is sent meanwhile must count it.
    session.scope.touch(writes)
    let result: T
    try {
      result = await run.send()
    } catch (error) {
      await this.#failed(session, footprint, own, run, error)
      throw error
    }
    const committed = this.#follower.succeeded(session, footprint, await run.inTransaction())
    await this.#publish(session, committed, own, run)
    return result
  }

  /** A connection is gone or is about to be closed: what its transaction announced is settled as unknown. */
  drop(session: SessionState): void {
    session.scope.end()
    this.#settleLater(session, [])
  }

  async #announce(
    session: SessionState,
    footprint: Footprint,
    writes: Touched,
    own: StandingMark[],
  ): Promise<void> {
    const visible = this.#follower.visibleBy(session, footprint, writes)
    if (visible.isEmpty) return
    const marks = this.#rules.marksEarly && session.isTransactional ? session.marks : own
    const marked = new Set(session.marks.flatMap(({ slots }) => slots))
    const missing = this.#slots(visible).filter((slot) => !marked.has(slot))
    if (missing.length === 0) return
    const first = await this.#marks.raise(missing, false)
    marks.push(first)
    if (first.mark.watched <= Math.min(session.judgedAt, this.#catalog.loadedAt)) return
    // The schema has changed since these statements were judged: what they reach (triggers, cascades) is not known.
    this.#listener.catalogOutdated()
    marks.push(await this.#marks.raise([this.#tags.everything, this.#tags.any], true))
  }

  async #failed<T>(
    session: SessionState,
    footprint: Footprint,
    own: readonly StandingMark[],
    run: StatementRun<T>,
    error: unknown,
  ): Promise<void> {
    if (run.isUnknown(error)) {
      if (own.length + session.marks.length > 0) this.#listener.outcomeUnknown(error)
      // The connection may live on (a time limit of the driver), and its transaction with it.
      session.doubtful = session.scope.isOpen
      this.#settleLater(session, own)
      return
    }
    const open = await run.inTransaction()
    const endsTransaction = run.endsTransaction(error)
    const committed = this.#follower.failed(session, footprint, { open, endsTransaction })
    await this.#publish(session, committed, own, run)
  }

  /** Touches what was committed and ends the statement's marks, and those of the transaction if it is over. */
  async #publish<T>(
    session: SessionState,
    committed: Touched,
    own: readonly StandingMark[],
    run: StatementRun<T>,
  ): Promise<void> {
    if (!committed.isEmpty) this.#listener.invalidated(committed)
    const { scope } = session
    const isOver = !scope.isOpen || (scope.all().isEmpty && !session.doubtful)
    const left = this.#marks.settle(
      isOver ? [...own, ...session.marks] : own,
      this.#slots(committed),
    )
    if (isOver) {
      session.marks = []
      session.judgedAt = Infinity
    }
    if (left.size > 0) await this.#bump([...left])
    if (!committed.schema) return
    if (scope.isOpen) this.#listener.catalogOutdated()
    else await run.schemaChanged()
  }

  /** The write is committed: whatever happens here, its caller must not hear that it failed. */
  async #bump(slots: readonly Slot[]): Promise<void> {
    try {
      await this.#authority.bump(slots)
    } catch (error) {
      this.#listener.authorityLost(error)
    }
  }

  #settleLater(session: SessionState, own: readonly StandingMark[]): void {
    this.#marks.settleLater([...own, ...session.marks])
    session.marks = []
    session.judgedAt = Infinity
  }

  async #abort<T>(session: SessionState, run: StatementRun<T>): Promise<void> {
    try {
      await run.rollBack()
      session.scope.end()
      await this.#publish(session, new Touched(), [], run)
    } catch {
      // The connection is of no use any more; its transaction dies with it.
      this.drop(session)
    }
  }

  #slots(touched: Touched): Slot[] {
    return this.#tags.slotsWritten(touched.tables, touched.schema)
  }
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
