import type { Slot, VersionAuthority } from '../contract/authority.ts'
import type { Footprint } from '../contract/footprint.ts'
import type { EngineRules } from './engine-rules.ts'
import { CommitPublisher } from './commit-publisher.ts'
import type { GuardListener } from './guard-listener.ts'
import { judge, noMarks } from './judged-statement.ts'
import type { Judged } from './judged-statement.ts'
import { SessionMarks } from './session-marks.ts'
import type { StandingMark } from './session-marks.ts'
import type { SessionState } from './session-state.ts'
import type { TagSpace } from './tag-space.ts'
import type { StatementRun } from './statement-run.ts'
import { TextPlans } from './text-plans.ts'
import { Touched } from './touched.ts'
import { TransactionFollower } from './transaction-follower.ts'
import type { TableEngines } from './transaction-follower.ts'
import type { WriteWatch } from './write-marker.ts'
import type { WritePlan } from './write-plan.ts'

export type { GuardListener } from './guard-listener.ts'
export type { StatementRun } from './statement-run.ts'

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
 * A mark belongs to its statement, unless it has to outlive it: SQLite's stand until the transaction ends. A connection's statements take
 * turns ({@link SessionTurns}), so that each is judged by the transaction that it meets.
 */
export class StatementGuard {
  readonly #tags: TagSpace
  readonly #rules: EngineRules
  readonly #catalog: CatalogState
  readonly #listener: GuardListener
  readonly #marks: SessionMarks
  readonly #follower: TransactionFollower
  readonly #plans: TextPlans
  readonly #publisher: CommitPublisher

  constructor(parts: {
    readonly authority: VersionAuthority
    readonly tags: TagSpace
    readonly rules: EngineRules
    readonly catalog: CatalogState
    readonly listener: GuardListener
    /** Told of every mark before it is asked for, and when it ends; none where a dead process cannot commit. */
    readonly watch?: WriteWatch | undefined
  }) {
    this.#tags = parts.tags
    this.#rules = parts.rules
    this.#catalog = parts.catalog
    this.#listener = parts.listener
    this.#plans = new TextPlans(parts.tags)
    this.#follower = new TransactionFollower(parts.rules, parts.catalog)
    this.#marks = new SessionMarks({
      authority: parts.authority,
      watch: parts.watch,
      schemaSlot: parts.tags.schema,
      settleDelayMs: parts.rules.settleDelayMs,
    })
    this.#publisher = new CommitPublisher({
      authority: parts.authority,
      plans: this.#plans,
      marks: this.#marks,
      listener: parts.listener,
    })
  }

  /** Whether statements need no announcement on this connection, and change nothing about it: plain reads outside of a transaction. */
  ignores(session: SessionState, footprint: Footprint): boolean {
    return !session.isTransactional && this.#plans.traits(footprint).passive
  }

  /** Sends a statement under the protocol, in its session's turn: see {@link SessionTurns}. Its caller has seen that the turn is free. */
  run<T>(session: SessionState, footprint: Footprint, run: StatementRun<T>): Promise<T> {
    const { passive, sets, plan } = this.#plans.traits(footprint)
    if (passive && !session.isTransactional) return this.#pass(run)
    session.turns.take()
    const judgedAt = this.#catalog.loadedAt
    if (passive && !sets && session.isSettled && !run.isStream)
      return this.#read(session, footprint, run, judgedAt)
    if (plan !== undefined && session.isPlain) {
      return this.#write(session, footprint, plan, run, judgedAt)
    }
    return this.#follow(session, judge(footprint, plan, judgedAt), run)
  }

  /** A connection is gone or is about to be closed: what its transaction announced is settled as unknown. */
  drop(session: SessionState): void {
    session.scope.end()
    this.#publisher.settleLater(session, [])
  }

  /** One plain write that commits by itself: the short way, for what is most of all writes. */
  async #write<T>(
    session: SessionState,
    footprint: Footprint,
    plan: WritePlan,
    run: StatementRun<T>,
    judgedAt: number,
  ): Promise<T> {
    let result: T | undefined
    let isOutdated: boolean
    try {
      const { bindings } = run
      const may = plan.touch(bindings, undefined)
      const asked = this.#marks.ask(may.slots)
      const mark = asked instanceof Promise ? await asked : asked
      isOutdated = mark.watched > judgedAt
      if (isOutdated) this.#marks.end(mark, [])
      else {
        try {
          result = await run.send()
        } catch (error) {
          const own = [{ mark, slots: may.slots, whole: false }]
          await this.#failed(session, judge(footprint, plan, judgedAt, own), run, error)
          throw error
        }
        const told = run.inTransaction()
        const open = told instanceof Promise ? await told : told
        if (open === true || !session.isPlain) {
          const own = [{ mark, slots: may.slots, whole: false }]
          await this.#succeeded(session, judge(footprint, plan, judgedAt, own), run, open)
        } else {
          const answer = plan.heedsAnswer ? run.answer() : undefined
          const did = answer === undefined ? may : plan.touch(bindings, answer)
          this.#listener.invalidated(did.precision)
          this.#marks.end(mark, did.slots)
        }
      }
    } catch (error) {
      await this.#over(session, run, true, error)
      throw error
    }
    // The schema has changed since this was judged; nothing is sent yet.
    if (isOutdated) return await this.#follow(session, judge(footprint, plan, judgedAt), run)
    const more = this.#over(session, run, false, undefined)
    if (more !== undefined) await more
    return result as T
  }

  /** Nothing to announce and nothing to follow. */
  async #pass<T>(run: StatementRun<T>): Promise<T> {
    let result: T
    try {
      result = await run.send()
    } catch (error) {
      await run.over?.(true, error)
      throw error
    }
    const more = run.over?.(false, undefined)
    if (more !== undefined) await more
    return result
  }

  /** A read in a transaction: nothing to announce, and nothing to follow unless it fails or the driver says that the transaction is over. */
  async #read<T>(
    session: SessionState,
    footprint: Footprint,
    run: StatementRun<T>,
    judgedAt: number,
  ): Promise<T> {
    let result: T
    try {
      try {
        result = await run.send()
      } catch (error) {
        await this.#failed(session, judge(footprint, undefined, judgedAt), run, error)
        throw error
      }
      const told = run.inTransaction()
      const open = told instanceof Promise ? await told : told
      if (open === false) {
        await this.#succeeded(session, judge(footprint, undefined, judgedAt), run, open)
      }
    } catch (error) {
      await this.#over(session, run, true, error)
      throw error
    }
    const more = this.#over(session, run, false, undefined)
    if (more !== undefined) await more
    return result
  }

  /** Anything else: transactions, schema changes, settings, several statements. */
  async #follow<T>(session: SessionState, judged: Judged, run: StatementRun<T>): Promise<T> {
    let result: T
    let holdsTurn = true
    try {
      const writes = this.#follower.touchedBy(session, judged.footprint, { bindings: run.bindings })
      if (!writes.isEmpty) session.judgedAt = Math.min(session.judgedAt, judged.judgedAt)
      try {
        const announced = this.#announce(session, judged, writes)
        if (announced !== undefined) await announced
      } catch (error) {
        await this.#unannounced(session, judged, run)
        throw error
      }
      try {
        const sent = run.send()
        if (run.isStream && session.isTransactional) {
          this.#letPass(session, writes)
          holdsTurn = false
        }
        result = await sent
      } catch (error) {
        // Counted for good: nobody will tell what it did touch of what it may touch.
        session.scope.touch(writes)
        await this.#failed(session, judged, run, error)
        throw error
      }
      const told = run.inTransaction()
      const open = told instanceof Promise ? await told : told
      const published = this.#succeeded(session, judged, run, open, judged.plan && writes)
      if (published !== undefined) await published
    } catch (error) {
      await this.#over(session, run, true, error, holdsTurn)
      throw error
    }
    const more = this.#over(session, run, false, undefined, holdsTurn)
    if (more !== undefined) await more
    return result
  }

  /**
   * A stream in a transaction gives its turn back as soon as it is sent. What comes meanwhile counts what this may touch and, where this may
   * be refused and take the transaction along, counts both ways.
   */
  #letPass(session: SessionState, writes: Touched): void {
    session.scope.begin()
    session.scope.touch(writes)
    session.doubtful ||= this.#rules.refusalsMayEnd
    session.turns.release()
  }

  /** The statement is over: the session's next one may start. */
  #over<T>(
    session: SessionState,
    run: StatementRun<T>,
    failed: boolean,
    error: unknown,
    holdsTurn = true,
  ): Promise<void> | undefined {
    const more = run.over?.(failed, error)
    if (!holdsTurn) return more
    if (more !== undefined) return more.finally(() => session.turns.release())
    session.turns.release()
    return undefined
  }

  /** An announcement failed, and nothing was sent. */
  async #unannounced<T>(
    session: SessionState,
    judged: Judged,
    run: StatementRun<T>,
  ): Promise<void> {
    this.#marks.settle(judged.own, [])
    judged.own = noMarks
    if (this.#follower.mayCommit(session, judged.footprint)) await this.#abort(session, judged, run)
  }

  /** Announces what the statements may make visible, beside what stands; `undefined`: all that there is to announce is. */
  #announce(session: SessionState, judged: Judged, writes: Touched): Promise<void> | undefined {
    const visible = this.#follower.visibleBy(session, judged.footprint, writes)
    if (visible.isEmpty) return undefined
    const missing = this.#missing(session, judged, visible)
    if (missing.length === 0) return undefined
    const stays = this.#rules.marksEarly && session.isTransactional
    const mark = this.#marks.raise(missing, false)
    return mark instanceof Promise
      ? mark.then((given) => this.#raised(session, judged, given, stays))
      : this.#raised(session, judged, mark, stays)
  }

  #missing(session: SessionState, judged: Judged, visible: Touched): readonly Slot[] {
    if (session.marks.length > 0) return this.#plans.missing(visible, session.marked)
    const touch = this.#plans.touch(visible)
    judged.announced = { visible, touch }
    return touch.slots
  }

  /** A mark stands now: until the transaction ends, or with its statement. */
  #raised(
    session: SessionState,
    judged: Judged,
    given: StandingMark,
    stays: boolean,
  ): Promise<void> | undefined {
    if (stays) session.keep(given)
    else judged.own = [...judged.own, given]
    const judgedAt = Math.min(session.judgedAt, this.#catalog.loadedAt)
    if (given.whole || given.mark.watched <= judgedAt) return undefined
    // The schema has changed since these statements were judged: what they reach (triggers, cascades) is not known.
    this.#listener.catalogOutdated()
    return this.#raiseWhole(session, judged, stays)
  }

  async #raiseWhole(session: SessionState, judged: Judged, stays: boolean): Promise<void> {
    const given = await this.#marks.raise([this.#tags.everything, this.#tags.any], true)
    await this.#raised(session, judged, given, stays)
  }

  async #failed<T>(
    session: SessionState,
    judged: Judged,
    run: StatementRun<T>,
    error: unknown,
  ): Promise<void> {
    const { footprint, own } = judged
    if (run.isUnknown(error)) {
      if (own.length + session.marks.length > 0) this.#listener.outcomeUnknown(error)
      // The connection may live on (a time limit of the driver), and its transaction with it.
      session.doubtful = session.scope.isOpen
      this.#publisher.settleLater(session, own)
      return
    }
    const open = await run.inTransaction()
    const endsTransaction = run.endsTransaction(error)
    const values = { bindings: run.bindings }
    const failure = { open, endsTransaction }
    const committed = this.#follower.failed(session, footprint, values, failure)
    if (session.isSettled && this.#follower.mayCommit(session, footprint)) {
      // A COMMIT that was refused may be tried again (SQLite): what it announced stands until the transaction ends.
      for (const mark of own) session.keep(mark)
      judged.own = noMarks
    }
    await this.#publisher.publish(session, judged, committed, run)
  }

  /** `counted`: what a single write was counted as before it was answered. */
  #succeeded<T>(
    session: SessionState,
    judged: Judged,
    run: StatementRun<T>,
    open: boolean | undefined,
    counted?: Touched,
  ): Promise<void> | undefined {
    const answer = run.answer()
    const same = answer === undefined || judged.plan?.heedsAnswer === false
    const values = { bindings: run.bindings, answer, counted: same ? counted : undefined }
    const committed = this.#follower.succeeded(session, judged.footprint, values, open)
    return this.#publisher.publish(session, judged, committed, run)
  }

  async #abort<T>(session: SessionState, judged: Judged, run: StatementRun<T>): Promise<void> {
    try {
      await run.rollBack()
      session.scope.end()
      await this.#publisher.publish(session, judged, new Touched(), run)
    } catch {
      // The connection is of no use any more; its transaction dies with it.
      this.drop(session)
    }
  }
}
