import type { Slot } from '../contract/authority.ts'
import type { StandingMark } from './session-marks.ts'
import { SessionTurns } from './session-turns.ts'
import { TransactionScope } from './transaction-scope.ts'

/** What is known about one physical connection. */
export class SessionState {
  readonly scope: TransactionScope = new TransactionScope()
  /** Its statements' order. The guard takes the turn; whoever calls the guard waits for it first. */
  readonly turns: SessionTurns = new SessionTurns()
  #marks: StandingMark[] = []
  readonly #marked = new Set<Slot>()
  /** MySQL with autocommit off: the next statement opens a transaction. */
  autocommitOff = false
  /** A setting or temporary table made this session differ from its siblings: its results are nobody else's. */
  altered = false
  /** The open transaction made settings of its own (`SET LOCAL ROLE`): it may lack rights that the pool's sessions have. */
  setLocally = false
  /**
   * Whether the transaction still stands is not known (a MySQL deadlock, a statement without an answer): each statement counts both
   * as committed and as part of the transaction until that ends.
   */
  doubtful = false
  /**
   * The oldest catalog that a write of the open transaction, or the running one, was judged by: what the catalog has learnt
   * since says nothing about those.
   */
  judgedAt: number = Infinity

  /** Marks that stand until the connection's open transaction ends. */
  get marks(): readonly StandingMark[] {
    return this.#marks
  }

  /** The slots of those marks. */
  get marked(): ReadonlySet<Slot> {
    return this.#marked
  }

  /** A mark is to stand until the transaction ends. */
  keep(mark: StandingMark): void {
    this.#marks.push(mark)
    for (const slot of mark.slots) this.#marked.add(slot)
  }

  /** Nothing of the transaction stands any more: it is over, has touched nothing so far, or its marks end by themselves. */
  forget(): void {
    if (this.scope.isEmpty) this.judgedAt = Infinity
    if (this.#marks.length === 0) return
    this.#marks = []
    this.#marked.clear()
  }

  /** Whether a result read on this connection must stay out of the cache. */
  get isPrivate(): boolean {
    return this.scope.isOpen || this.autocommitOff || this.altered
  }

  /** Whether the next write stands alone: it commits by itself, and nothing of earlier statements is left. */
  get isPlain(): boolean {
    return !this.isPrivate && !this.doubtful && this.#marks.length === 0
  }

  /** Whether an open transaction stands for certain: a read in it changes nothing about that. */
  get isSettled(): boolean {
    return this.scope.isOpen && !this.doubtful
  }

  /** Whether a statement may be given a clause of ours: the session has the rights and names that the catalog was read with. */
  get isUsual(): boolean {
    return !this.altered && !this.setLocally
  }

  /** Whether the next write is part of a transaction, an open one or one that it opens. */
  get isTransactional(): boolean {
    return this.scope.isOpen || this.autocommitOff
  }
}
