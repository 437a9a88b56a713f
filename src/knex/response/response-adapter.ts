import type { SnapshotMeta } from '../../contract/snapshot.ts'

/**
 * How much of a response has to come back on a hit: `'whole'` for raw queries, whose callers get everything that the driver
 * returned; `'rows'` for builders, of which Knex's `processResponse` takes the rows only.
 */
export type ResponseScope = 'whole' | 'rows'

/** A driver's response in two parts: what a snapshot keeps beside the rows, and the rows. */
export interface CapturedResponse {
  /** Plain data of its own, that the codec can encode. */
  readonly meta: SnapshotMeta | undefined
  /** The driver's rows, still shared with the caller: take the snapshot before anyone can change them. */
  readonly body: unknown
}

/** What is used of the Knex client to find the driver's classes. */
export interface DriverHolder {
  /** The driver module that Knex loaded. */
  readonly driver: unknown
  readonly connectionSettings?: unknown
}

/**
 * Takes the response of one database driver apart and puts it together again, so that Knex's own `processResponse` gets on a hit
 * what the driver gave on the miss: equal in every own property, and an instance of the same classes.
 *
 * The classes are learnt from the responses that this adapter captures. A process that is given a snapshot before its first own
 * response makes the driver produce an instance, without a connection.
 */
export interface ResponseAdapter {
  /** `undefined`: a response that is not kept (several results, a write's outcome, unknown properties). */
  capture(response: unknown, scope: ResponseScope): CapturedResponse | undefined
  /**
   * A response around `rows`, which must be a fresh copy of the captured body. `undefined`: this process cannot find the
   * driver's classes, so the query has to run.
   */
  revive(meta: SnapshotMeta | undefined, rows: unknown, client: DriverHolder): unknown
  /** Whether a builder's rows are the body as it is: then nothing has to be put together for them. */
  hasPlainRows(meta: SnapshotMeta | undefined): boolean
}
