import { readLane } from './lane-record.ts'
import type { LaneRecord } from './lane-record.ts'
import { tooNew, unreadable } from './journal-fault.ts'
import { laneKey, turnKey, turnNumbers } from './journal-keys.ts'
import type { JournalFile } from './journal-keys.ts'
import { readTurn } from './turn-record.ts'

/** A lane as the open journal knows it. */
export interface LaneState {
  readonly name: string
  /** Turns up to here are dropped. */
  checkpoint: number
  /** The last number that is synced. */
  durable: number
  /** The last number that was handed in; from `durable` on not synced yet. `undefined` while the lane is new. */
  queued: number | undefined
  /** What the file says is synced; behind `durable` until the next write. */
  recorded: number
  /** There may be turns above `durable` that count for nothing: they go with the next write. */
  hasLeftovers: boolean
}

/** A lane without turns. */
export function newLane(name: string): LaneState {
  return {
    name,
    checkpoint: 0,
    durable: 0,
    queued: undefined,
    recorded: 0,
    hasLeftovers: false,
  }
}

/**
 * Finds out where a lane ends. A damaged turn at the end that was never known to be synced is a torn tail: nobody got an
 * acknowledgement for it, so it counts for nothing (`hasLeftovers`). Throws `MILLRACE_JOURNAL_UNREADABLE` for any other damage.
 */
export function openLane(file: JournalFile, directory: string, name: string): LaneState {
  const record = laneRecord(file, directory, name)
  let durable = record.checkpoint
  let hasLeftovers = false
  for (const last of turnNumbers(file, name, record.checkpoint).reverse()) {
    const reading = readTurn(name, last, file.get(turnKey(name, last)) ?? Buffer.alloc(0))
    if (reading.state === 'newer') throw tooNew(directory, reading.version)
    if (reading.state === 'whole') {
      durable = last
      break
    }
    if (last <= record.synced) {
      throw unreadable(directory, `writes up to ${String(last)} of lane ${name} are damaged`)
    }
    hasLeftovers = true
  }
  if (durable < record.synced) {
    throw unreadable(
      directory,
      `writes ${String(durable + 1)} to ${String(record.synced)} of lane ${name} are missing`,
    )
  }
  return {
    name,
    checkpoint: record.checkpoint,
    durable,
    queued: durable,
    recorded: record.synced,
    hasLeftovers,
  }
}

function laneRecord(file: JournalFile, directory: string, name: string): LaneRecord {
  const reading = readLane(file.get(laneKey(name)) ?? Buffer.alloc(0))
  if (reading.state === 'newer') throw tooNew(directory, reading.version)
  if (reading.state === 'damaged') {
    throw unreadable(directory, `the position of lane ${name} is damaged`)
  }
  return reading.record
}
