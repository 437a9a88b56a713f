import { readFrame, writeFrame } from './frame.ts'
import type { FrameReading } from './frame.ts'

/** What is kept about a lane beside its turns. */
export interface LaneRecord {
  /** The position up to which turns were dropped. */
  readonly checkpoint: number
  /** A position that is known to be synced: damage up to here has hit acknowledged writes. */
  readonly synced: number
}

/** Body: checkpoint u64 | synced u64. */
export function writeLane(record: LaneRecord): Buffer {
  const body = Buffer.alloc(16)
  body.writeBigUInt64BE(BigInt(record.checkpoint), 0)
  body.writeBigUInt64BE(BigInt(record.synced), 8)
  return writeFrame('lane', body)
}

/** What a read of a lane's record finds. */
export type LaneReading =
  | { readonly state: 'whole'; readonly record: LaneRecord }
  | Exclude<FrameReading, { state: 'whole' }>

export function readLane(value: Buffer): LaneReading {
  const reading = readFrame('lane', value)
  if (reading.state !== 'whole') return reading
  if (reading.body.length < 16) return { state: 'damaged' }
  return {
    state: 'whole',
    record: {
      checkpoint: Number(reading.body.readBigUInt64BE(0)),
      synced: Number(reading.body.readBigUInt64BE(8)),
    },
  }
}
