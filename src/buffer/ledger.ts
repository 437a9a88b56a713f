import { MillraceError } from '../base/errors.ts'
import type { Session, Target } from '../contract/target.ts'
import { ensureTables, ledgerTable } from './ledger-tables.ts'

/** A lane of one journal, as the ledger knows it. */
export interface LaneName {
  readonly source: string
  readonly lane: string
}

/** The right to move a lane's position, until somebody else claims it. */
export interface Claim {
  readonly epoch: number
  /** The last sequence number that the database has applied; 0 for none. */
  readonly position: number
  /** Whether the database did not know the lane before. */
  readonly fresh: boolean
}

/** What the ledger says when it did not move. */
export type Standing =
  /** A newer owner has claimed the lane. */
  | { readonly kind: 'fenced' }
  /** The range, or part of it, is applied already: up to `position`. */
  | { readonly kind: 'applied'; readonly position: number }
  /** Writes before the range were never applied: the last one applied is `position`. */
  | { readonly kind: 'gap'; readonly position: number }

/** Thrown inside a flush transaction to roll it back when the ledger did not move. */
export class LedgerStands extends Error {}

/**
 * The applied position of one lane, kept in the target database and moved in the same transaction as the writes: this is
 * what makes a flush happen exactly once.
 */
export class Ledger {
  readonly #target: Target
  readonly #name: LaneName

  constructor(target: Target, name: LaneName) {
    this.#target = target
    this.#name = name
  }

  /**
   * Makes the tables if need be and takes the lane over: every older claim is fenced from here on. `accept` may throw, for a
   * journal that does not belong to this database; then nothing is changed.
   */
  async claim(accept: (claim: Omit<Claim, 'epoch'>) => void): Promise<Claim> {
    await ensureTables(this.#target)
    return this.#target.transaction(async (session) => {
      const inserted = await session.query(this.#insertSql(), [this.#name.source, this.#name.lane])
      const fresh = inserted.affected === 1
      await session.query(
        `UPDATE ${ledgerTable} SET epoch = epoch + 1 WHERE source = ? AND lane = ?`,
        [this.#name.source, this.#name.lane],
      )
      const row = await this.#read(session)
      if (row === undefined)
        throw new MillraceError('MILLRACE_FLUSH_FAILED', 'The ledger lost its row.')
      accept({ position: row.position, fresh })
      return { ...row, fresh }
    })
  }

  /**
   * The first statement of a flush: moves the position from `from - 1` to `to`. Throws {@link LedgerStands} when it does not
   * move, so that the transaction rolls back; {@link standing} then tells why. A flush of unknown outcome goes through the
   * same statement again: it waits for the first one to end, and finds the position moved if that one committed.
   */
  async advance(session: Session, epoch: number, from: number, to: number): Promise<void> {
    const { affected } = await session.query(
      `UPDATE ${ledgerTable} SET last_seq = ? WHERE source = ? AND lane = ? AND epoch = ? AND last_seq = ?`,
      [to, this.#name.source, this.#name.lane, epoch, from - 1],
    )
    if (affected !== 1) throw new LedgerStands('the ledger did not move')
  }

  /** Why {@link advance} did not move the position. */
  async standing(epoch: number, from: number): Promise<Standing> {
    const row = await this.#read(this.#target)
    if (row === undefined) return { kind: 'gap', position: 0 }
    if (row.epoch !== epoch) return { kind: 'fenced' }
    return row.position >= from
      ? { kind: 'applied', position: row.position }
      : { kind: 'gap', position: row.position }
  }

  async #read(session: Session): Promise<{ epoch: number; position: number } | undefined> {
    const { rows } = await session.query(
      `SELECT epoch, last_seq FROM ${ledgerTable} WHERE source = ? AND lane = ?`,
      [this.#name.source, this.#name.lane],
    )
    const row = rows[0]
    return row && { epoch: Number(row['epoch']), position: Number(row['last_seq']) }
  }

  #insertSql(): string {
    const values = `INTO ${ledgerTable} (source, lane, epoch, last_seq) VALUES (?, ?, 0, 0)`
    return this.#target.dialect === 'mysql'
      ? `INSERT IGNORE ${values}`
      : `INSERT ${values} ON CONFLICT DO NOTHING`
  }
}
