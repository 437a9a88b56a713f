import type { VersionAuthority } from '../contract/authority.ts'
import type { Dialect } from '../contract/dialect.ts'

/** How a database engine's transactions differ where coherence must know. */
export interface EngineRules {
  /** An outermost SAVEPOINT opens a transaction, and releasing it commits (SQLite). */
  readonly savepointOpens: boolean
  /** BEGIN inside a transaction commits it first (MySQL). */
  readonly beginCommits: boolean
  /** Tables without transactions may stand beside others (MySQL): what is written to them shows at once and stays. */
  readonly mixesEngines: boolean
  /** A refused statement may take its transaction along (MySQL: a deadlock), and the driver does not tell. */
  readonly refusalsMayEnd: boolean
  /**
   * Announce before the first statement that takes the database's write lock, instead of before COMMIT. SQLite waits for its lock
   * synchronously: a process blocked on it could not answer the announcement of the one that holds it, if that has to ask another.
   */
  readonly marksEarly: boolean
  /** Milliseconds for which a COMMIT without an answer may still land. */
  readonly settleDelayMs: number
}

/** The rules of a dialect. `settleDelayMs` counts only where a server may go on without its client. */
export function engineRules(
  dialect: Dialect,
  settleDelayMs: number,
  authority: Pick<VersionAuthority, 'isLocal'>,
): EngineRules {
  const embedded = dialect === 'sqlite'
  const mysql = dialect === 'mysql'
  return {
    savepointOpens: embedded,
    beginCommits: mysql,
    mixesEngines: mysql,
    refusalsMayEnd: mysql,
    marksEarly: embedded && !authority.isLocal,
    settleDelayMs: embedded ? 0 : settleDelayMs,
  }
}
