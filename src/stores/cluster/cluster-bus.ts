import { deferred } from '../../base/deferred.ts'
import type { Deferred } from '../../base/deferred.ts'
import { MillraceError } from '../../base/errors.ts'
import type { Bus, Message } from '../../contract/bus.ts'
import { attempt } from './attempt.ts'
import { readFrame, tagged } from './frame.ts'
import type { Item } from './frame.ts'
import { Outbox } from './outbox.ts'
import type { Defer } from './outbox.ts'
import { reviveError } from './wire-error.ts'
import type { WorkerChannel } from './worker-channel.ts'

/**
 * A worker's line to its primary, made by `openClusterBus` when the primary has answered.
 *
 * - *up*: requests and notices leave at the end of the turn, in the order in which they were made.
 * - *lost*: the channel closed or broke, or the primary's Millrace closed. Open requests reject with `MILLRACE_STORE_LOST`, later ones at once,
 *   notices vanish. There is no way back: a worker whose primary is gone has to be started again by the next one.
 * - *closed*: by `close`; as lost, but nobody is told.
 */
export class ClusterBus implements Bus {
  readonly #channel: WorkerChannel
  readonly #link: string
  readonly #outbox: Outbox
  readonly #answers = new Map<number, Deferred<Message>>()
  readonly #notices = new Map<string, ((payload: Message) => void)[]>()
  readonly #lostHandlers: ((error: MillraceError) => void)[] = []
  #lost: MillraceError | undefined
  #lastId = 0

  constructor(channel: WorkerChannel, link: string, defer?: Defer) {
    this.#channel = channel
    this.#link = link
    this.#outbox = new Outbox((items) => this.#send(items), defer)
    channel.onMessage((message) => this.#receive(message))
    channel.onClosed(() => this.#lose('The channel to the primary is closed.'))
  }

  /** Why the line is lost; `undefined` while it is up. */
  get lost(): MillraceError | undefined {
    return this.#lost
  }

  /** Called when the line is lost, at once if it already is; not when it was closed here. */
  onLost(handler: (error: MillraceError) => void): void {
    if (this.#lost === undefined) this.#lostHandlers.push(handler)
    else handler(this.#lost)
  }

  request(topic: string, payload: Message): Promise<Message> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    const id = ++this.#lastId
    const answer = deferred<Message>()
    this.#answers.set(id, answer)
    this.#outbox.push([0, id, topic, payload])
    return answer.promise
  }

  notify(topic: string, payload: Message): void {
    if (this.#lost === undefined) this.#outbox.push([3, topic, payload])
  }

  onNotice(topic: string, handler: (payload: Message) => void): void {
    const handlers = this.#notices.get(topic)
    if (handlers === undefined) this.#notices.set(topic, [handler])
    else handlers.push(handler)
  }

  /** Sends what is queued, says goodbye and stops listening. Open requests reject. */
  close(): void {
    if (this.#lost === undefined) {
      this.#outbox.flush()
      this.#channel.send(tagged({ kind: 'bye', link: this.#link }), () => {
        // The primary is gone already: it needs no goodbye.
      })
    }
    this.#lostHandlers.length = 0
    this.#lose('This worker has closed its line to the primary.')
  }

  #send(items: readonly Item[]): void {
    if (this.#lost !== undefined) return
    this.#channel.send(tagged({ kind: 'batch', link: this.#link, items }), (error) =>
      this.#lose('A message to the primary could not be sent.', error),
    )
  }

  #receive(message: unknown): void {
    const frame = readFrame(message)
    if (frame === undefined || frame.link !== this.#link || this.#lost !== undefined) return
    if (frame.kind === 'bye') this.#lose('The primary has closed Millrace.')
    else if (frame.kind === 'batch') for (const item of frame.items) this.#handle(item)
  }

  #handle(item: Item): void {
    if (item[0] === 3) {
      for (const handler of this.#notices.get(item[1]) ?? []) attempt(() => handler(item[2]))
      return
    }
    const answer = this.#answers.get(item[1])
    this.#answers.delete(item[1])
    if (item[0] === 1) answer?.resolve(item[2])
    else if (item[0] === 2) answer?.reject(reviveError(item[2]))
  }

  #lose(what: string, cause?: Error): void {
    if (this.#lost !== undefined) return
    const error = new MillraceError('MILLRACE_STORE_LOST', what, {
      remedy:
        'Reads go to the database; start this worker again from a primary that has Millrace open.',
      ...(cause === undefined ? {} : { cause }),
    })
    this.#lost = error
    this.#channel.close()
    for (const answer of this.#answers.values()) answer.reject(error)
    this.#answers.clear()
    for (const handler of this.#lostHandlers.splice(0)) attempt(() => handler(error))
  }
}
