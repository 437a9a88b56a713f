import type { BufferStats, DeadLetter } from '../contract/buffer-port.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { CacheStats } from '../contract/cache-stats.ts'

/** `DB.cache`: the read cache as a whole. */
export interface CacheControl {
  /**
   * Drops every cached query that depends on the table, on any table of the connection, or all of them. In every process
   * that shares the store, and also those being filled just now. A table that no query reads clears nothing. Rejects with
   * `MILLRACE_CONNECTION_UNKNOWN`.
   */
  clear(connection?: string, table?: string): Promise<void>
  /** Counts of this process since it opened, and what the store holds now. */
  stats(): Promise<CacheStats>
  /**
   * What the query depends on, and why a cached read of it would be a hit, a miss or a bypass now. Takes a builder or a raw
   * query and does not run it.
   */
  explain(query: ExplainableQuery): Promise<Explanation>
}

/** A builder or a raw query of one of the connections. */
export interface ExplainableQuery {
  toSQL(): unknown
}

/** `DB.buffer`: the write buffer as a whole. */
export interface BufferControl {
  /**
   * Resolves when every write accepted before the call (of the table, of the connection, or of all) is applied or a dead
   * letter. Rejects with `MILLRACE_FLUSH_FAILED`, keeping the writes, if the database cannot be reached.
   */
  flush(connection?: string, table?: string): Promise<void>
  /** What is pending, how old it is, how well writes merge, and what became of the others. */
  stats(): Promise<BufferStats>
  /** Writes that a database refused for good. */
  readonly deadLetters: DeadLetterControl
}

/** `DB.buffer.deadLetters`. An unknown id rejects with `MILLRACE_DEAD_LETTER_UNKNOWN`. */
export interface DeadLetterControl {
  /** The dead letters of all connections, oldest first. */
  list(): Promise<readonly DeadLetter[]>
  /** Queues the write once more; resolves when it is applied, rejects with `MILLRACE_WRITE_REFUSED` if it is refused again. */
  retry(id: string): Promise<void>
  /** Drops it for good. */
  discard(id: string): Promise<void>
}

/** `DB.<connection>.cache`: the read cache as far as one connection goes. */
export interface ConnectionCacheControl {
  /** {@link CacheControl.clear} for this connection. */
  clear(table?: string): Promise<void>
}

/** `DB.<connection>.buffer`: the write buffer as far as one connection goes. */
export interface ConnectionBufferControl {
  /** {@link BufferControl.flush} for this connection. */
  flush(table?: string): Promise<void>
}
