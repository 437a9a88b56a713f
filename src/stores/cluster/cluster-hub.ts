import type { Awaitable } from '../../base/awaitable.ts'
import { MillraceError } from '../../base/errors.ts'
import type { BusHub, Message } from '../../contract/bus.ts'
import { attempt } from './attempt.ts'
import { readFrame, tagged } from './frame.ts'
import type { Frame, Item } from './frame.ts'
import { Outbox } from './outbox.ts'
import type { Defer } from './outbox.ts'
import type { PrimaryChannel } from './primary-channel.ts'
import { packError } from './wire-error.ts'

/** What a {@link ClusterHub} is made of. */
export interface ClusterHubOptions {
  readonly channel: PrimaryChannel
  /** Which Millrace this is; workers ask for theirs by the same text. */
  readonly identity: string
  /** When what was said in a turn is sent; `setImmediate` unless a test decides. */
  readonly defer?: Defer
}

interface Peer {
  readonly id: number
  readonly worker: number
  readonly link: string
  readonly outbox: Outbox
}

type RequestHandler = (payload: Message, peer: number) => Awaitable<Message>
type NoticeHandler = (payload: Message, peer: number) => void

/**
 * The primary's end of its workers' lines.
 *
 * - *made*: its identity is known to the other hubs of this primary, but it answers nobody; workers go on asking. Handlers are registered now.
 * - *listening* (`listen`): a worker's `hello` makes a peer; its batches are handled in order.
 * - *closed* (`close`): every worker is told, so that nobody waits for an answer that will not come.
 *
 * A peer is one link of one worker, not the worker: a worker that closed and opened again is a new peer. It is gone when it says so or
 * when its process has exited, never because its channel broke: a process that lost its channel may still commit.
 *
 * Of several hubs in a primary each answers its own identity, and of several with one identity the oldest. Only if none has the asked one, the
 * first of them says so.
 */
export class ClusterHub implements BusHub {
  readonly #options: ClusterHubOptions
  readonly #self: { readonly identity: string }
  readonly #byLink = new Map<string, Peer>()
  readonly #byId = new Map<number, Peer>()
  readonly #requests = new Map<string, RequestHandler>()
  readonly #notices = new Map<string, NoticeHandler[]>()
  readonly #goneHandlers: ((peer: number) => void)[] = []
  #lastPeer = 0

  constructor(options: ClusterHubOptions) {
    this.#options = options
    this.#self = { identity: options.identity }
    options.channel.open.add(this.#self)
  }

  /** Begins to answer workers; call it when every handler is registered. */
  listen(): void {
    this.#options.channel.onMessage((worker, message) => {
      const frame = readFrame(message)
      if (frame !== undefined) this.#receive(worker, frame)
    })
    this.#options.channel.onExit((worker) => {
      for (const peer of [...this.#byId.values()]) if (peer.worker === worker) this.#forget(peer)
    })
  }

  /** Workers that are connected now. */
  get peers(): number {
    return this.#byId.size
  }

  onRequest(topic: string, handler: RequestHandler): void {
    this.#requests.set(topic, handler)
  }

  onNotice(topic: string, handler: NoticeHandler): void {
    const handlers = this.#notices.get(topic)
    if (handlers === undefined) this.#notices.set(topic, [handler])
    else handlers.push(handler)
  }

  notify(peer: number, topic: string, payload: Message): void {
    this.#byId.get(peer)?.outbox.push([3, topic, payload])
  }

  onPeerGone(handler: (peer: number) => void): void {
    this.#goneHandlers.push(handler)
  }

  /** Tells every worker that this Millrace is closed, and stops listening. */
  close(): void {
    const { channel } = this.#options
    channel.open.delete(this.#self)
    for (const peer of this.#byId.values()) {
      peer.outbox.flush()
      channel.send(peer.worker, tagged({ kind: 'bye', link: peer.link }))
    }
    this.#byId.clear()
    this.#byLink.clear()
    channel.close()
  }

  #receive(worker: number, frame: Frame): void {
    if (frame.kind === 'hello') {
      this.#greet(worker, frame.link, frame.identity)
      return
    }
    const peer = this.#byLink.get(frame.link)
    if (peer?.worker !== worker) return // another hub's, or of a peer that is gone
    if (frame.kind === 'bye') this.#forget(peer)
    else if (frame.kind === 'batch') for (const item of frame.items) this.#handle(peer, item)
  }

  #greet(worker: number, link: string, identity: string): void {
    const { channel, defer } = this.#options
    if (identity !== this.#options.identity) {
      const [first] = channel.open
      const known = [...channel.open].some((hub) => hub.identity === identity)
      if (!known && first === this.#self) channel.send(worker, tagged({ kind: 'foreign', link }))
      return
    }
    // Two stores for one worker would each miss what it writes through the other.
    if ([...channel.open].find((hub) => hub.identity === identity) !== this.#self) return
    if (!this.#byLink.has(link)) {
      const send = (items: readonly Item[]): void =>
        channel.send(worker, tagged({ kind: 'batch', link, items }))
      const peer: Peer = { id: ++this.#lastPeer, worker, link, outbox: new Outbox(send, defer) }
      this.#byLink.set(link, peer)
      this.#byId.set(peer.id, peer)
    }
    channel.send(worker, tagged({ kind: 'welcome', link }))
  }

  #forget(peer: Peer): void {
    this.#byLink.delete(peer.link)
    this.#byId.delete(peer.id)
    for (const handler of this.#goneHandlers) handler(peer.id)
  }

  #handle(peer: Peer, item: Item): void {
    if (item[0] === 0) this.#answer(peer, item[1], item[2], item[3])
    else if (item[0] === 3) {
      for (const handler of this.#notices.get(item[1]) ?? [])
        attempt(() => handler(item[2], peer.id))
    }
  }

  /** Answers in the same turn where the handler can; otherwise when it is done, if the peer is still there. */
  #answer(peer: Peer, id: number, topic: string, payload: Message): void {
    const { outbox } = peer
    const fail = (error: unknown): void => outbox.push([2, id, packError(error)])
    const handler = this.#requests.get(topic)
    if (handler === undefined) {
      fail(
        new MillraceError('MILLRACE_PRIMARY_MISMATCH', `The primary does not offer '${topic}'.`, {
          remedy:
            'Open Millrace with the same options and version in the primary and in its workers.',
        }),
      )
      return
    }
    try {
      const result = handler(payload, peer.id)
      if (result instanceof Promise) result.then((value) => outbox.push([1, id, value]), fail)
      else outbox.push([1, id, result])
    } catch (error) {
      fail(error)
    }
  }
}
