import { crc32 } from 'node:zlib'

/**
 * The format of everything in a journal that this version writes, and the newest that it reads. A change of the frame, of a
 * record or of the keys raises it; `test/formats` keeps bytes of every one.
 */
const formatVersion = 1

/** What a frame holds. */
export type FrameKind = 'header' | 'owner' | 'lane' | 'turn'

const kindCodes: Readonly<Record<FrameKind, number>> = { header: 1, owner: 2, lane: 3, turn: 4 }

/** What a read of a frame finds. */
export type FrameReading =
  | { readonly state: 'whole'; readonly body: Buffer }
  /** Cut off, overwritten, or not a frame at all. */
  | { readonly state: 'damaged' }
  /** A newer version of Millrace wrote it. */
  | { readonly state: 'newer'; readonly version: number }

/*
 * Layout: "MR" | version u8 | kind u8 | length of the body u32 | CRC-32 u32 | body. The CRC covers the first eight bytes and
 * the body, so that a frame of another kind or length never passes.
 */
const headLength = 8
const bodyOffset = headLength + 4
const magic = 0x4d52

/** Frames a body. */
export function writeFrame(kind: FrameKind, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafeSlow(bodyOffset + body.length)
  frame.writeUInt16BE(magic, 0)
  frame.writeUInt8(formatVersion, 2)
  frame.writeUInt8(kindCodes[kind], 3)
  frame.writeUInt32BE(body.length, 4)
  frame.set(body, bodyOffset)
  frame.writeUInt32BE(checksum(frame), headLength)
  return frame
}

/** Reads a frame of the kind that is expected. */
export function readFrame(kind: FrameKind, frame: Buffer): FrameReading {
  if (frame.length < bodyOffset || frame.readUInt16BE(0) !== magic) return { state: 'damaged' }
  const version = frame.readUInt8(2)
  if (version > formatVersion) return { state: 'newer', version }
  const whole =
    frame.readUInt8(3) === kindCodes[kind] &&
    frame.readUInt32BE(4) === frame.length - bodyOffset &&
    frame.readUInt32BE(headLength) === checksum(frame)
  return whole ? { state: 'whole', body: frame.subarray(bodyOffset) } : { state: 'damaged' }
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(bodyOffset), crc32(frame.subarray(0, headLength)))
}
