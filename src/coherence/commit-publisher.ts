import type { Slot, VersionAuthority } from '../contract/authority.ts'
import type { GuardListener } from './guard-listener.ts'
import type { Judged } from './judged-statement.ts'
import type { SessionMarks, StandingMark } from './session-marks.ts'
import type { SessionState } from './session-state.ts'
import type { StatementRun } from './statement-run.ts'
import type { TextPlans } from './text-plans.ts'
import type { Touched } from './touched.ts'

/** Tells the authority what statements have committed, and ends their marks with it. */
export class CommitPublisher {
  readonly #authority: VersionAuthority
  readonly #plans: TextPlans
  readonly #marks: SessionMarks
  readonly #listener: GuardListener

  constructor(parts: {
    readonly authority: VersionAuthority
    readonly plans: TextPlans
    readonly marks: SessionMarks
    readonly listener: GuardListener
  }) {
    this.#authority = parts.authority
    this.#plans = parts.plans
    this.#marks = parts.marks
    this.#listener = parts.listener
  }

  /** Touches what was committed and ends the statement's marks, and those of the transaction if it is over. */
  publish<T>(
    session: SessionState,
    judged: Judged,
    committed: Touched,
    run: StatementRun<T>,
  ): Promise<void> | undefined {
    const { scope, marks } = session
    const { announced, own } = judged
    const isOver = !scope.isOpen || (scope.isEmpty && !session.doubtful)
    const isAsAnnounced = announced?.visible === committed
    const { slots, precision } = isAsAnnounced ? announced.touch : this.#plans.touch(committed)
    if (slots.length > 0) this.#listener.invalidated(precision)
    const ended = isOver && marks.length > 0 ? [...own, ...marks] : own
    const taken = this.#marks.settle(ended, slots)
    if (isOver) session.forget()
    if (!committed.schema && (taken || slots.length === 0)) return undefined
    return this.#tell(session, committed, taken ? [] : slots, run)
  }

  /** What is left to tell of a commit: slots that no mark took along, a new schema. */
  async #tell<T>(
    session: SessionState,
    committed: Touched,
    untaken: readonly Slot[],
    run: StatementRun<T>,
  ): Promise<void> {
    if (untaken.length > 0) await this.#bump(untaken)
    if (!committed.schema) return
    if (session.scope.isOpen) this.#listener.catalogOutdated()
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

  /** The outcome is unknown: what the session and the statement have announced ends after the settle delay. */
  settleLater(session: SessionState, own: readonly StandingMark[]): void {
    this.#marks.settleLater([...own, ...session.marks])
    session.forget()
  }
}
