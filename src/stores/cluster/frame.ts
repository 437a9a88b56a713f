import type { Message } from '../../contract/bus.ts'

/** The version of these frames, and the tag that tells them from an application's own messages. */
const protocol = 2

/**
 * One item of a batch: a request with its number, its result, its error, or a notice. Arrays with a number in front, because they are the
 * bulk of the traffic.
 */
export type Item =
  | readonly [kind: 0, id: number, topic: string, payload: Message]
  | readonly [kind: 1, id: number, result: Message]
  | readonly [kind: 2, id: number, error: Message]
  | readonly [kind: 3, topic: string, payload: Message]

/**
 * What travels over the processes' message channel:
 *
 * - `hello` (worker): asks for the Millrace of this identity. Repeated until answered.
 * - `welcome` (primary): answers it; the link stands.
 * - `foreign` (primary): a Millrace is open there, but none of this identity.
 * - `batch` (both): everything that was said in one event-loop turn, in order.
 * - `bye` (both): this end of the link closes in good order.
 *
 * `link` is a random text made by the worker. It tells links apart: of several Millraces in one process, and of a worker that closed and opened again.
 */
export type Frame =
  | { readonly kind: 'hello'; readonly link: string; readonly identity: string }
  | { readonly kind: 'welcome' | 'foreign' | 'bye'; readonly link: string }
  | { readonly kind: 'batch'; readonly link: string; readonly items: readonly Item[] }

/** A frame as it travels. */
export function tagged(frame: Frame): Message {
  return { millrace: protocol, ...frame }
}

/** Reads a message of the channel; `undefined` for messages that are not ours. */
export function readFrame(message: unknown): Frame | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const frame = message as { readonly millrace?: unknown; readonly kind?: unknown }
  // The tag is ours alone, so the shape behind it is too: both ends are this file, or one of another protocol number.
  return frame.millrace === protocol ? (message as Frame) : undefined
}
