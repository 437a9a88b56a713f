import type { Awaitable } from '../base/awaitable.ts'

/** What travels between processes: JSON values; bytes travel as base64 text. */
export type Message =
  string | number | boolean | null | readonly Message[] | { readonly [key: string]: Message }

/** A worker's line to the process that owns the shared parts. Messages of one event-loop turn travel as one. */
export interface Bus {
  /** Asks and awaits the answer. A `MillraceError` on the other side is one here, with its code; a lost line rejects with `MILLRACE_STORE_LOST`. */
  request(topic: string, payload: Message): Promise<Message>
  /** Tells, without an answer. Messages of one process arrive in the order in which they were sent. */
  notify(topic: string, payload: Message): void
  /** Hears what the owner tells. */
  onNotice(topic: string, handler: (payload: Message) => void): void
}

/** The owner's end of every worker's line. */
export interface BusHub {
  /** Answers requests of a topic. `peer` identifies the worker for as long as it lives. */
  onRequest(topic: string, handler: (payload: Message, peer: number) => Awaitable<Message>): void
  /** Hears notices of a topic. */
  onNotice(topic: string, handler: (payload: Message, peer: number) => void): void
  /** Tells one worker. */
  notify(peer: number, topic: string, payload: Message): void
  /** Called once a worker is dead (exited, not merely disconnected). */
  onPeerGone(handler: (peer: number) => void): void
}
