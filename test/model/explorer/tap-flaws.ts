import type { Footprint } from '../../../src/contract/footprint.ts'

/** Rules of the tap that a flawed one breaks; all absent in the real one. */
export interface TapFlaws {
  /** Reads inside of transactions are looked up and stored like any other. */
  readonly cachesInTransactions?: boolean
  /** Queries are answered by a replica. */
  readonly loadsFromReplica?: boolean
  /** The caller hears of a COMMIT's end before the guard does. */
  readonly answersEarly?: boolean
  /** Writes go to the database like reads, as an UPDATE would that carries `.cache()`. */
  readonly announcesNothing?: boolean
  /** A refused statement is believed to have changed nothing. */
  readonly forgivesRefusals?: boolean
  /** Fills are not held back when the catalog is older than the schema. */
  readonly trustsOldCatalog?: boolean
  /** A connection's statements are judged when they are called, not when those before them are answered. */
  readonly takesNoTurns?: boolean
  /** Every table is believed to have transactions. */
  readonly trustsEngines?: boolean
  /** What statements do is read wrongly. */
  readonly misreads?: (footprint: Footprint) => Footprint
  /** `clear()` drops the entries and bumps nothing. */
  readonly clearsWithoutBump?: boolean
}
