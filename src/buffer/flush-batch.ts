import type { Codec } from '../contract/codec.ts'
import type { Target } from '../contract/target.ts'
import type { Refusal } from './apply-range.ts'
import { applyRange } from './apply-range.ts'
import { keepLetters } from './dead-letters.ts'
import type { LaneName, Ledger, Standing } from './ledger.ts'
import { LedgerStands } from './ledger.ts'
import type { QueuedOperation } from './operation.ts'

/** Consecutive writes, frozen until their outcome is known. */
export interface Batch {
  readonly from: number
  readonly to: number
  readonly entries: readonly QueuedOperation[]
}

/** What became of a batch. */
export type BatchOutcome =
  /** Committed: every write is applied or refused. */
  | { readonly kind: 'ok'; readonly refused: readonly Refusal[]; readonly rowsSent: number }
  /** COMMIT itself refused the data (a deferred constraint): nothing was applied, and no write can be blamed yet. */
  | { readonly kind: 'refused-at-commit'; readonly error: Error }
  /** The ledger did not move. */
  | Standing

/** What {@link flushBatch} works with. */
export interface FlushContext {
  readonly target: Target
  readonly ledger: Ledger
  readonly codec: Codec
  readonly lane: LaneName
  readonly epoch: number
}

/**
 * One flush transaction: moves the ledger, applies the batch, keeps what was refused, commits. Rejects when the outcome is
 * unknown or nothing was applied; the same batch is then given again, and the ledger tells whether it was applied already.
 * With `blame`, nothing is applied: the batch's writes are kept as dead letters with that error.
 */
export async function flushBatch(
  batch: Batch,
  context: FlushContext,
  blame?: Error,
): Promise<BatchOutcome> {
  const { target, ledger, codec, lane, epoch } = context
  try {
    return await target.transaction(async (session): Promise<BatchOutcome> => {
      await ledger.advance(session, epoch, batch.from, batch.to)
      const outcome =
        blame === undefined
          ? await applyRange(session, batch.entries, {
              dialect: target.dialect,
              describe: (name) => target.table(name),
              classify: (error) => target.classify(error),
            })
          : { refused: batch.entries.map((entry) => ({ entry, error: blame })), rowsSent: 0 }
      await keepLetters(session, lane, codec, outcome.refused)
      return { kind: 'ok', ...outcome }
    })
  } catch (error) {
    if (error instanceof LedgerStands) return ledger.standing(epoch, batch.from)
    if (target.classify(error) === 'permanent') {
      return {
        kind: 'refused-at-commit',
        error: error instanceof Error ? error : new Error(String(error)),
      }
    }
    throw error
  }
}
