import { MillraceError } from '../base/errors.ts'
import type { Claim } from './ledger.ts'
import type { Lane } from './lane.ts'

/**
 * Whether a journal's lane and the database's ledger belong together, judged when the lane is claimed.
 * - `MILLRACE_JOURNAL_FOREIGN`: the database never saw the lane, but the journal has applied writes somewhere, or holds
 *   writes that were accepted for another database.
 * - `MILLRACE_JOURNAL_GAP`: the ledger expects writes that the journal no longer has (the database was restored from an older
 *   copy), or has applied writes that the journal does not know (the journal was).
 */
export function checkPosition(lane: Lane, claim: Omit<Claim, 'epoch'>, identity: string): void {
  const foreign = [...lane.recoveredIdentities].some((other) => other !== identity)
  if (claim.fresh && (lane.checkpoint > 0 || foreign)) {
    throw new MillraceError(
      'MILLRACE_JOURNAL_FOREIGN',
      `The journal belongs to another database: it holds writes after position ${String(lane.checkpoint)}, and this database never applied one of them.`,
      {
        remedy:
          'Give this database a journal directory of its own, or open the one that the journal belongs to.',
      },
    )
  }
  if (claim.position > lane.recoveredTo) {
    throw gap(claim.position, lane.recoveredTo, 'The journal is older than the database.')
  }
  if (claim.position + 1 < lane.firstPending) {
    throw gap(claim.position, lane.firstPending - 1, 'The database is older than the journal.')
  }
}

/** The loud halt: what the database has applied, and where the journal stands. */
export function gap(ledger: number, journal: number, why: string): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_GAP',
    `The journal and the database do not fit together: the database has applied writes up to ${String(ledger)}, the journal stands at ${String(journal)}. ${why}`,
    {
      remedy:
        'Restore the two from copies of the same time, or start with an empty journal directory and accept the loss.',
    },
  )
}

/** The end of an owner whose lane somebody else has claimed. */
export function fenced(connection: string): MillraceError {
  return new MillraceError(
    'MILLRACE_FENCED',
    `Another process has taken over the buffer of connection "${connection}"; it applies what the journal holds.`,
    { remedy: 'Close this one.' },
  )
}
