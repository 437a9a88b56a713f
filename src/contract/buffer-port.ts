import type { Row } from './target.ts'

/**
 * How far a write had come when it was acknowledged.
 * - `memory`: accepted in this process; lost with it.
 * - `process`: survives the death of the process.
 * - `disk`: the journal is synced; survives power loss of the machine.
 * - `store`: survives the loss of the machine.
 */
export type AckLevel = 'memory' | 'process' | 'disk' | 'store'

/** What becomes of an update or increment whose row is not there: nothing, a dead letter, or a new row. */
export type OnMissing = 'ignore' | 'dead' | 'insert'

/** A key as the caller names it: the value of a key of one column, or an object with every column of the key. */
export type KeyInput = string | number | bigint | Date | Uint8Array | Row

/**
 * One call of the buffer as plain data: everything in it has type-true bytes in the codec, so it crosses to another process.
 * The values were captured by the front; the owner of the buffer judges table, columns and key.
 */
export type WriteRequest =
  | { readonly kind: 'insert'; readonly table: string; readonly rows: readonly Row[] }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly key: KeyInput
      readonly set: Row
      readonly onMissing: OnMissing
    }
  | {
      readonly kind: 'increment'
      readonly table: string
      readonly key: KeyInput
      readonly column: string
      /** What is added; negative for a decrement. */
      readonly by: number | bigint
      readonly onMissing: OnMissing
      /** Answer with the new value: database plus pending. */
      readonly returning: boolean
    }
  | { readonly kind: 'delete'; readonly table: string; readonly key: KeyInput }

/** The owner's answer to a {@link WriteRequest} that it accepted. */
export interface Submitted {
  /** The level reached, at least the one asked for. */
  readonly ack: AckLevel
  /**
   * Resolves when the database has committed every write of the request. Rejects with `MILLRACE_WRITE_REFUSED` when it
   * refused one of them for good. Left alone, it never raises an unhandled rejection.
   */
  readonly applied: Promise<void>
  /** For an increment with `returning`: the column's value, database plus pending. */
  readonly value?: unknown
}

/**
 * Where a connection's buffer stands.
 * - `unassigned`: nothing was written yet; no journal is open for it.
 * - `waiting`: there are writes, but the database cannot be reached.
 * - `bootstrapping`: the ledger tables are made and the position is read.
 * - `ready`: flushing.
 * - `error`: halted until someone looks; see `lastError`.
 */
export type LaneState = 'unassigned' | 'waiting' | 'bootstrapping' | 'ready' | 'error'

/** Figures of one connection's buffer, or of all together. */
export interface BufferCounts {
  /** Writes accepted and not yet applied. */
  readonly pending: number
  /** Age of the oldest pending write in milliseconds; 0 where nothing is pending. */
  readonly oldestAgeMs: number
  /** Writes applied per row change sent to the database; 1 where nothing was merged yet. */
  readonly coalesceRatio: number
  /** Writes that the database committed. */
  readonly applied: number
  /** Flushes that were tried again. */
  readonly retries: number
  /** Writes found applied already and not sent a second time. */
  readonly duplicatesSkipped: number
  /** Writes that became dead letters. */
  readonly dead: number
}

/** Figures of one connection. */
export interface LaneStats extends BufferCounts {
  readonly state: LaneState
  /** The message of the last failure, while it lasts. */
  readonly lastError: string | undefined
}

/** What `DB.buffer.stats()` answers; counted since this process opened the buffer. */
export interface BufferStats extends BufferCounts {
  readonly connections: Readonly<Record<string, LaneStats>>
}

/** A write that the database refused for good. */
export interface DeadLetter {
  /** Identifies it for `retry` and `discard`; unique over all journals. */
  readonly id: string
  readonly connection: string
  readonly table: string
  readonly kind: WriteRequest['kind']
  /** The key that it names; `undefined` for an insert. */
  readonly key: Row | undefined
  /** What it would have written: the row, the changed columns, or the amount by column. */
  readonly values: Row
  /** The database's message. */
  readonly error: string
  /** The driver's error code, where there is one. */
  readonly code: string | undefined
}

/**
 * The buffer as its front sees it, whether it is in this process or in the primary of a cluster. All arguments and answers
 * are plain data (the codec carries them), but for `applied`.
 *
 * Writes of one caller are accepted in the order of the calls. A rejected `submit` left nothing behind.
 */
export interface BufferPort {
  /**
   * Accepts one request; resolves at the level asked for (the buffer's own where `ack` is left out).
   * Rejects with the codes of {@link WriteRequest}'s validation, `MILLRACE_BUFFER_FULL`, `MILLRACE_CLOSED`,
   * `MILLRACE_CONNECTION_UNKNOWN`, or the journal's failure.
   */
  submit(connection: string, request: WriteRequest, ack?: AckLevel): Promise<Submitted>
  /** The column's value, database plus pending, exact at every instant; `undefined` for a row that is in neither. */
  get(connection: string, table: string, key: KeyInput, column: string): Promise<unknown>
  /**
   * Resolves when every write accepted before the call (of the connection, of the table, or of all) is applied or a dead
   * letter. Rejects with `MILLRACE_FLUSH_FAILED`, keeping the writes, when the database cannot be reached.
   */
  flush(connection?: string, table?: string): Promise<void>
  stats(): Promise<BufferStats>
  /** The dead letters kept in the databases, oldest first. */
  deadLetters(connection?: string): Promise<readonly DeadLetter[]>
  /** Queues a dead letter once more and resolves when it is applied; rejects with `MILLRACE_WRITE_REFUSED` if it is refused again. */
  retryDeadLetter(id: string): Promise<void>
  /** Drops a dead letter for good. */
  discardDeadLetter(id: string): Promise<void>
}
