import { randomInt } from 'node:crypto'
import { readFrame, writeFrame } from './frame.ts'
import { ownerKey } from './journal-keys.ts'
import type { JournalFile } from './journal-keys.ts'
import { isAlive, thisProcess } from '../../base/process-identity.ts'
import type { ProcessIdentity } from '../../base/process-identity.ts'

/**
 * Who may write a journal. The record lies in the journal's own file and is claimed in one of its write transactions, which
 * the file orders over all processes of the machine: two claims never both succeed, by whatever path the file was reached.
 * A dead owner's record is simply taken over, so a SIGKILL locks nothing.
 *
 * The record's version is a token, and every write to the journal is conditional on it: an owner that was taken for dead
 * (one in another container, whose processes cannot be seen) finds itself shut out instead of writing beside its successor.
 */
export type Claim =
  | { readonly state: 'ours'; readonly token: number }
  | { readonly state: 'taken'; readonly pid: number }

/** Claims the journal for this process. */
export function claim(file: JournalFile): Claim {
  return file.transactionSync((): Claim => {
    const owner = readOwner(file.get(ownerKey))
    if (owner !== undefined && isAlive(owner)) return { state: 'taken', pid: owner.pid }
    const token = randomInt(1, 2 ** 48 - 1)
    const body = Buffer.from(JSON.stringify(thisProcess()))
    void file.put(ownerKey, writeFrame('owner', body), token)
    return { state: 'ours', token }
  })
}

/** Gives the journal back, if it is still ours. */
export async function release(file: JournalFile, token: number): Promise<void> {
  await file.remove(ownerKey, token)
}

/** A record that cannot be read protects nothing: nobody could say whose it is. */
function readOwner(value: Buffer | undefined): ProcessIdentity | undefined {
  if (value === undefined) return undefined
  const reading = readFrame('owner', value)
  if (reading.state !== 'whole') return undefined
  return JSON.parse(reading.body.toString()) as ProcessIdentity
}
