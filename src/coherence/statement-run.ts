import type { Awaitable } from '../base/awaitable.ts'
import type { Answer } from '../contract/rows.ts'

/** What the guard asks of the room that talks to the driver. */
export interface StatementRun<T> {
  /** The values of the text's placeholders. */
  readonly bindings: readonly unknown[]
  /** Its rows go to a caller who may send others before he has read them all: those must not wait for its end. */
  readonly isStream: boolean
  /** Sends the statement. */
  send(): Promise<T>
  /** What the answer told of the changed rows, for the footprint's `answer` plan; undefined if it was not asked. */
  answer(): Answer | undefined
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
  /** Called once when all is done, whatever became of the statement, and before its caller hears of it. Must not fail. */
  over?(failed: boolean, error: unknown): Promise<void> | undefined
}
