import { MillraceError } from '../../base/errors.ts'
import type { JournalTurn } from '../../contract/journal.ts'
import { unwritable } from './journal-fault.ts'
import { laneKey, ownerKey, turnKey, turnNumbers } from './journal-keys.ts'
import type { JournalFile } from './journal-keys.ts'
import { writeLane } from './lane-record.ts'
import type { LaneState } from './lane-state.ts'
import { writeTurn } from './turn-record.ts'

/** What one commit does to one lane. */
export interface LaneChange {
  readonly turns: readonly JournalTurn[]
  /** Turns that end here or before are dropped. */
  readonly checkpoint: number
}

/** Writes to the journal's file, as long as it is ours. */
export class JournalWriter {
  readonly #file: JournalFile
  readonly #token: number
  readonly #directory: string

  constructor(file: JournalFile, token: number, directory: string) {
    this.#file = file
    this.#token = token
    this.#directory = directory
  }

  /**
   * Makes the changes in one commit; resolves when it is synced, and the states of the lanes say so then.
   * Rejects with `MILLRACE_JOURNAL_UNWRITABLE` or, when another process has taken the journal over, `MILLRACE_JOURNAL_LOCKED`.
   */
  async write(changes: ReadonlyMap<LaneState, LaneChange>): Promise<void> {
    let ours: boolean
    try {
      ours = await this.#file.ifVersion(ownerKey, this.#token, () => {
        for (const [lane, change] of changes) this.#writeLane(lane, change)
      })
    } catch (error) {
      throw unwritable(this.#directory, await commitCause(error))
    }
    if (!ours) throw this.#ousted()
    for (const [lane, change] of changes) settle(lane, change)
  }

  #writeLane(lane: LaneState, { turns, checkpoint }: LaneChange): void {
    if (lane.hasLeftovers) {
      for (const last of turnNumbers(this.#file, lane.name, lane.durable)) this.#drop(lane, last)
    }
    if (checkpoint > lane.checkpoint) {
      for (const last of turnNumbers(this.#file, lane.name, 0, checkpoint)) this.#drop(lane, last)
    }
    for (const turn of turns) {
      this.#put(turnKey(lane.name, turn.last), writeTurn(lane.name, turn))
    }
    const synced = Math.max(checkpoint, lane.durable)
    this.#put(laneKey(lane.name), writeLane({ checkpoint, synced }))
  }

  #put(key: (string | number)[], value: Buffer): void {
    quiet(this.#file.put(key, value, 0))
  }

  #drop(lane: LaneState, last: number): void {
    quiet(this.#file.remove(turnKey(lane.name, last)))
  }

  #ousted(): MillraceError {
    return new MillraceError(
      'MILLRACE_JOURNAL_LOCKED',
      `Another process has taken over the journal in ${this.#directory}.`,
      {
        remedy:
          'One process at a time owns a journal; give processes in different containers a directory each.',
      },
    )
  }
}

function settle(lane: LaneState, { turns, checkpoint }: LaneChange): void {
  lane.recorded = Math.max(checkpoint, lane.durable)
  lane.hasLeftovers = false
  lane.checkpoint = checkpoint
  lane.durable = Math.max(lane.durable, checkpoint, turns.at(-1)?.last ?? 0)
  lane.queued = Math.max(lane.queued ?? 0, lane.durable)
}

/** The parts of a commit fail with the whole, which is the one that is awaited. */
function quiet(part: Promise<unknown> | undefined): void {
  part?.catch(() => undefined)
}

/** lmdb rejects with a wrapper that promises the reason. */
async function commitCause(error: unknown): Promise<unknown> {
  if (typeof error !== 'object' || error === null || !('commitError' in error)) return error
  try {
    await error.commitError
    return error
  } catch (reason) {
    return reason
  }
}
