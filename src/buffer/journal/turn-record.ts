import type { JournalTurn } from '../../contract/journal.ts'
import { readFrame, writeFrame } from './frame.ts'
import type { FrameReading } from './frame.ts'

/*
 * Body: length of the lane's name u16 | name | first u64 | last u64 | bytes. Lane and numbers repeat what the key says, so
 * that a value under a wrong key is found.
 */

/** A turn as it is kept. */
export function writeTurn(lane: string, turn: JournalTurn): Buffer {
  const name = Buffer.from(lane)
  const head = Buffer.alloc(2 + name.length + 16)
  head.writeUInt16BE(name.length, 0)
  head.set(name, 2)
  head.writeBigUInt64BE(BigInt(turn.first), 2 + name.length)
  head.writeBigUInt64BE(BigInt(turn.last), 10 + name.length)
  return writeFrame('turn', Buffer.concat([head, turn.bytes]))
}

/** What a read of a turn finds. */
export type TurnReading =
  | { readonly state: 'whole'; readonly turn: JournalTurn }
  | Exclude<FrameReading, { state: 'whole' }>

/** Reads the turn that is kept for a lane under its last number. */
export function readTurn(lane: string, last: number, value: Buffer): TurnReading {
  const reading = readFrame('turn', value)
  if (reading.state !== 'whole') return reading
  const { body } = reading
  const name = Buffer.from(lane)
  const numbers = 2 + name.length
  const belongs =
    body.length >= numbers + 16 &&
    body.readUInt16BE(0) === name.length &&
    body.subarray(2, numbers).equals(name) &&
    Number(body.readBigUInt64BE(numbers + 8)) === last
  if (!belongs) return { state: 'damaged' }
  const first = Number(body.readBigUInt64BE(numbers))
  return { state: 'whole', turn: { first, last, bytes: body.subarray(numbers + 16) } }
}
