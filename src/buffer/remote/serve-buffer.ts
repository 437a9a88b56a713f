import type { BusHub, Message } from '../../contract/bus.ts'
import type { Codec } from '../../contract/codec.ts'
import type { BufferPort } from '../../contract/buffer-port.ts'
import { callNames, pack, topics, unpack } from './buffer-messages.ts'
import type { AppliedNotice, CallMessage, SubmitAnswer, SubmitMessage } from './buffer-messages.ts'
import { packError } from './packed-error.ts'
import { SeenWrites } from './seen-writes.ts'

/**
 * Lets workers use the buffer of this process. Writes are handed to it in the order in which they arrive; each is answered when
 * it is acknowledged, and a notice tells when it is applied or refused. A write that arrives a second time (same worker life,
 * same number) gets the first one's answer and is not written again.
 */
export function serveBuffer(hub: BusHub, port: BufferPort, codec: Codec): void {
  const seen = new SeenWrites()

  const submit = async (message: SubmitMessage, peer: number): Promise<Message> => {
    const { incarnation, sequence, connection, request, ack } = message
    const { ack: level, applied, value } = await port.submit(connection, request, ack)
    const tell = (error: AppliedNotice['error']): void => {
      const notice: AppliedNotice = { incarnation, sequence, error }
      hub.notify(peer, topics.applied, pack(codec, notice))
    }
    void applied.then(
      () => {
        tell(undefined)
      },
      (error: unknown) => {
        tell(packError(error))
      },
    )
    const answer: SubmitAnswer = { ack: level, value }
    return pack(codec, answer)
  }

  hub.onRequest(topics.submit, (payload, peer) => {
    const message = unpack(codec, payload) as SubmitMessage
    return seen.once(peer, message, () => submit(message, peer))
  })
  hub.onRequest(topics.call, async (payload) => {
    const { method, args } = unpack(codec, payload) as CallMessage
    if (!callNames.includes(method)) throw new TypeError(`The buffer has no method ${method}.`)
    const call = port[method].bind(port) as (...args: readonly unknown[]) => Promise<unknown>
    return pack(codec, await call(...args))
  })
  hub.onRequest(topics.hold, () => new Promise<never>(() => undefined))
  hub.onPeerGone((peer) => {
    seen.forget(peer)
  })
}
