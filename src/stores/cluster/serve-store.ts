import type { BusHub } from '../../contract/bus.ts'
import type { Codec } from '../../contract/codec.ts'
import type { Lookup, StoredValue } from '../../contract/store.ts'
import { chain } from './chain.ts'
import type { OwnedStore } from './owned-store.ts'
import { number, numbers } from './message-fields.ts'
import * as messages from './store-messages.ts'
import type { LookupAnswer } from './store-messages.ts'

const { topics } = messages

/**
 * Serves the primary's store to its workers: every hit of a worker is validated here, in the primary's heap.
 *
 * A snapshot of this heap is encoded when a worker hits it; what a worker filled stays bytes and is decoded by whoever reads it. When a
 * worker is dead, those who wait for its queries go on by themselves, and the slots of its marks are touched after their settle delay.
 */
export function serveStore(hub: BusHub, store: OwnedStore, codec: Codec): void {
  const { authority } = store

  hub.onRequest(topics.open, () => [authority.slotCount, authority.epoch])
  hub.onRequest(topics.lookup, (payload, peer) =>
    chain(store.lookupFor(peer, messages.readLookup(payload)), (lookup) =>
      messages.packAnswer(answerOf(lookup, codec)),
    ),
  )
  hub.onRequest(topics.fill, (payload) => {
    const { ticket, fill } = messages.readFill(payload)
    const { text, ...rest } = fill
    return store.fill(ticket, { ...rest, value: Buffer.from(text, 'base64') })
  })
  hub.onNotice(topics.abandon, (payload) => store.abandon(messages.readTicket(payload)))

  hub.onRequest(topics.mark, (payload, peer) =>
    chain(authority.markFor(peer, messages.readMarkRequest(payload)), messages.packMark),
  )
  hub.onNotice(topics.settle, (payload) => {
    const { mark, touched } = messages.readSettle(payload)
    authority.settle(mark, touched)
  })
  hub.onNotice(topics.settleLater, (payload) => authority.settleLater(messages.readMark(payload)))
  hub.onRequest(topics.lastTouch, (payload) => authority.lastTouch(number(payload)))
  hub.onRequest(topics.bump, (payload) => chain(authority.bump(numbers(payload)), () => null))

  hub.onRequest(topics.clear, (payload) =>
    chain(store.clear(messages.readClear(payload)), () => null),
  )
  hub.onRequest(topics.stats, () => chain(store.stats(), messages.packStats))
  hub.onPeerGone((peer) => store.ownerGone(peer))
}

function answerOf(lookup: Lookup, codec: Codec): LookupAnswer {
  if (lookup.kind !== 'hit') return lookup
  try {
    return { kind: 'hit', text: toText(lookup.value, codec), stamp: lookup.stamp }
  } catch {
    // The primary can serve this value to itself, but it has no bytes: the worker has to ask the database.
    return { kind: 'bypass', reason: 'contended' }
  }
}

/** A value as it travels. */
export function toText(value: StoredValue, codec: Codec): string {
  const bytes = value instanceof Uint8Array ? value : codec.encode(value)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
