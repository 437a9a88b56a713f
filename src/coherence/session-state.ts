import type { StandingMark } from './session-marks.ts'
import { TransactionScope } from './transaction-scope.ts'

/** What is known about one physical connection. */
export class SessionState {
  readonly scope: TransactionScope = new TransactionScope()
  /** Marks that stand until the connection's open transaction ends. */
  marks: StandingMark[] = []
  /** MySQL with autocommit off: the next statement opens a transaction. */
  autocommitOff = false
  /** A setting or temporary table made this session differ from its siblings: its results are nobody else's. */
  altered = false
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

  /** Whether a result read on this connection must stay out of the cache. */
  get isPrivate(): boolean {
    return this.scope.isOpen || this.autocommitOff || this.altered
  }

  /** Whether the next write is part of a transaction, an open one or one that it opens. */
  get isTransactional(): boolean {
    return this.scope.isOpen || this.autocommitOff
  }
}
