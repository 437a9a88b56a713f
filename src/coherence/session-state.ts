import type { Mark, Slot } from '../contract/authority.ts'
import { TransactionScope } from './transaction-scope.ts'

/** A standing mark of a session, with the slots that it announced. */
export interface StandingMark {
  readonly mark: Mark
  readonly slots: readonly Slot[]
  /** Touch all its slots when it ends, whatever the statements say: what they reach was not known. */
  readonly whole: boolean
}

/** What is known about one physical connection. */
export class SessionState {
  readonly scope: TransactionScope = new TransactionScope()
  /** Marks that stand for this connection's open transaction or running statement. */
  marks: StandingMark[] = []
  /** MySQL with autocommit off: the next statement opens a transaction. */
  autocommitOff = false
  /** A setting or temporary table made this session differ from its siblings: its results are nobody else's. */
  altered = false
  /**
   * The engine may have ended the transaction on its own (a MySQL deadlock): each statement counts both as committed and
   * as part of the transaction until that ends.
   */
  doubtful = false

  /** Whether a result read on this connection must stay out of the cache. */
  get isPrivate(): boolean {
    return this.scope.isOpen || this.autocommitOff || this.altered
  }

  /** The slots that this session has announced. */
  marked(): Set<Slot> {
    return new Set(this.marks.flatMap((standing) => standing.slots))
  }
}
