import type { Message } from '../../contract/bus.ts'
import type { Codec } from '../../contract/codec.ts'
import type { AckLevel, BufferPort, WriteRequest } from '../../contract/buffer-port.ts'
import type { PackedError } from './packed-error.ts'

/** Topics of the buffer on the line between a worker and the owner. */
export const topics = {
  /** Request: a {@link SubmitMessage}; answered with a {@link SubmitAnswer} when the owner's journal is synced. */
  submit: 'buffer.submit',
  /** Notice of the owner: an {@link AppliedNotice}. */
  applied: 'buffer.applied',
  /** Request: a {@link CallMessage}; answered with what the method gave, packed. */
  call: 'buffer.call',
  /** Request that is never answered: it rejects when the line is lost. */
  hold: 'buffer.hold',
} as const

/** One write of a worker. */
export interface SubmitMessage {
  /** The worker's life, random. */
  readonly incarnation: string
  /** Number of the write in that life, from 1. */
  readonly sequence: number
  /** Every write below this one has had its answer: the owner may forget them. */
  readonly answeredBelow: number
  readonly connection: string
  readonly request: WriteRequest
  readonly ack: AckLevel | undefined
}

/** The owner's answer to a write that it accepted. */
export interface SubmitAnswer {
  readonly ack: AckLevel
  /** For an increment with `returning`. */
  readonly value: unknown
}

/** A write is applied, or refused for good. */
export interface AppliedNotice {
  readonly incarnation: string
  readonly sequence: number
  readonly error: PackedError | undefined
}

/** The methods of the buffer that are plain questions and answers. */
export type CallName = Exclude<keyof BufferPort, 'submit'>

/** Names of {@link CallName}, to check what arrives. */
export const callNames: readonly CallName[] = [
  'get',
  'flush',
  'stats',
  'deadLetters',
  'retryDeadLetter',
  'discardDeadLetter',
]

/** A question. */
export interface CallMessage {
  readonly method: CallName
  readonly args: readonly unknown[]
}

/** Packs a value with its types. Throws a `TypeError` for what the codec cannot keep. */
export function pack(codec: Codec, value: unknown): Message {
  return Buffer.from(codec.encode(value)).toString('base64')
}

/** Unpacks what {@link pack} made; the caller knows what it is. */
export function unpack(codec: Codec, message: Message): unknown {
  if (typeof message !== 'string') throw new TypeError('The message holds no packed value.')
  return codec.decode(Buffer.from(message, 'base64'))
}
