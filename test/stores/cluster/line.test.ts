import { expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { MillraceError } from '../../../src/base/errors.ts'
import { createValueCodec } from '../../../src/codec/value-codec.ts'
import { ClusterHub } from '../../../src/stores/cluster/cluster-hub.ts'
import { openClusterStore } from '../../../src/stores/cluster/cluster-store.ts'
import { openClusterBus } from '../../../src/stores/cluster/open-cluster-bus.ts'
import { serveStore } from '../../../src/stores/cluster/serve-store.ts'
import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import {
  ask,
  assertBypass,
  fewTurns,
  markOf,
  put,
  result,
  ticketOf,
} from '../../../src/testing/conformance/rig.ts'
import { until } from '../../support/wait.ts'
import { LocalCluster } from './channel-pair.ts'

const clock = systemClock
const codec = createValueCodec()
const bounds = { maxEntries: 100, maxBytes: 1e6, maxKeysByTable: new Map<string, number>() }

function hubOf(cluster: LocalCluster, identity = 'shop'): ClusterHub {
  const hub = new ClusterHub({ channel: cluster.primary(), identity })
  hub.onRequest('echo', (payload) => payload)
  hub.onRequest('later', async (payload) => {
    await fewTurns()
    return payload
  })
  hub.onRequest('fail', () => {
    throw new MillraceError('MILLRACE_BUFFER_FULL', 'Full.', { remedy: 'Wait.' })
  })
  hub.onRequest('crash', () => Promise.reject(new RangeError('no such thing')))
  return hub
}

async function lineTo(cluster: LocalCluster, identity = 'shop') {
  const worker = cluster.worker()
  const bus = await openClusterBus({ channel: worker.channel, identity, clock })
  return { worker, bus }
}

test('of two hubs with one identity the older has all workers, until it closes', async () => {
  const cluster = new LocalCluster()
  const [older, newer] = [hubOf(cluster), hubOf(cluster)]
  newer.listen()
  older.listen()
  const first = await lineTo(cluster)
  expect(await first.bus.request('echo', 1)).toBe(1)
  expect([older.peers, newer.peers]).toEqual([1, 0])
  older.close()
  const second = await lineTo(cluster)
  expect(await second.bus.request('echo', 2)).toBe(2)
  expect([older.peers, newer.peers]).toEqual([0, 1])
  newer.close()
})

test('everything said in one turn travels as one message, in order, and so do the answers', async () => {
  const cluster = new LocalCluster()
  const hub = hubOf(cluster)
  const heard: unknown[] = []
  hub.onNotice('tell', (payload, peer) => heard.push([payload, peer]))
  hub.listen()
  const { bus } = await lineTo(cluster)
  const before = cluster.sent
  bus.notify('tell', 'first')
  const answers = [bus.request('echo', { a: [1, null, 'x'] }), bus.request('echo', 2)]
  bus.notify('tell', 'second')
  expect(await Promise.all(answers)).toEqual([{ a: [1, null, 'x'] }, 2])
  expect(heard).toEqual([
    ['first', 1],
    ['second', 1],
  ])
  expect(cluster.sent - before).toBe(2)
})

test('a read is one round trip', async () => {
  const cluster = new LocalCluster()
  const hub = hubOf(cluster)
  serveStore(hub, createMemoryStore({ bounds, clock }), codec)
  hub.listen()
  const { bus } = await lineTo(cluster)
  const store = await openClusterStore({ bus, codec, clock })
  expect(store.authority.slotCount).toBe(2 ** 20)
  await put(store, 'k', 'value')
  const before = cluster.sent
  const hits = await Promise.all(Array.from({ length: 64 }, () => store.lookup(ask('k'))))
  expect(hits.every(({ kind }) => kind === 'hit')).toBe(true)
  expect(cluster.sent - before).toBe(2)
})

test('errors arrive with code and remedy, other errors with their message', async () => {
  const cluster = new LocalCluster()
  hubOf(cluster).listen()
  const { bus } = await lineTo(cluster)
  await expect(bus.request('fail', null)).rejects.toMatchObject({
    code: 'MILLRACE_BUFFER_FULL',
    message: 'Full. Wait.',
    remedy: 'Wait.',
  })
  await expect(bus.request('crash', null)).rejects.toMatchObject({
    name: 'RangeError',
    message: 'no such thing',
  })
  await expect(bus.request('unheard of', null)).rejects.toMatchObject({
    code: 'MILLRACE_PRIMARY_MISMATCH',
  })
})

test('the hub tells one worker, and messages of others are left alone', async () => {
  const cluster = new LocalCluster()
  const hub = hubOf(cluster)
  hub.onRequest('me', (_payload, peer) => {
    hub.notify(peer, 'news', peer)
    return peer
  })
  hub.listen()
  const [one, two] = [await lineTo(cluster), await lineTo(cluster)]
  const heard: unknown[] = []
  one.bus.onNotice('news', (payload) => heard.push(['one', payload]))
  two.bus.onNotice('news', (payload) => heard.push(['two', payload]))
  for (const odd of [
    null,
    'text',
    7,
    { cmd: 'app' },
    { millrace: 1, link: 'x', kind: 'batch', items: [[3, 'tell', 'of another version']] },
    { millrace: 2 },
    { millrace: 2, link: 'x' },
  ]) {
    one.worker.channel.send(odd, () => undefined)
  }
  expect(await two.bus.request('me', null)).toBe(2)
  expect(heard).toEqual([['two', 2]])
})

test('a worker may start before its primary has finished opening', async () => {
  const cluster = new LocalCluster()
  const early = lineTo(cluster)
  const hub = hubOf(cluster)
  await fewTurns()
  hub.listen()
  const { bus } = await early
  expect(await bus.request('echo', 1)).toBe(1)
})

test('a primary that never opened Millrace is an error, not a hang', async () => {
  const { channel } = new LocalCluster().worker()
  const opening = openClusterBus({ channel, identity: 'shop', clock, helloTimeoutMs: 120 })
  await expect(opening).rejects.toMatchObject({ code: 'MILLRACE_PRIMARY_NOT_OPEN' })
})

test('a primary with other databases says so, however many it has', async () => {
  const cluster = new LocalCluster()
  const hubs = ['one', 'two', 'three'].map((identity) => hubOf(cluster, identity))
  hubs.forEach((hub) => hub.listen())
  const { channel } = cluster.worker()
  const options = { channel, identity: 'shop', clock, mismatchGraceMs: 60 }
  await expect(openClusterBus(options)).rejects.toMatchObject({ code: 'MILLRACE_PRIMARY_MISMATCH' })
  const { bus } = await lineTo(cluster, 'three')
  expect(await bus.request('echo', 3)).toBe(3)
  expect(hubs.map((hub) => hub.peers)).toEqual([0, 0, 1])
})

test('a primary that opens its Millraces one after the other is waited for', async () => {
  const cluster = new LocalCluster()
  hubOf(cluster, 'one').listen()
  const line = lineTo(cluster, 'two')
  const second = hubOf(cluster, 'two')
  await new Promise((resolve) => setTimeout(resolve, 150))
  second.listen()
  expect(await (await line).bus.request('echo', 2)).toBe(2)
})

test.each(['disconnect', 'hub closes'])(
  'G7: %s: requests reject, reads bypass, writes are refused',
  async (how) => {
    const cluster = new LocalCluster()
    const hub = hubOf(cluster)
    const primary = createMemoryStore({ bounds, clock })
    serveStore(hub, primary, codec)
    hub.listen()
    const { bus, worker } = await lineTo(cluster)
    const store = await openClusterStore({ bus, codec, clock })
    const ticket = ticketOf(await store.lookup(ask('k')))
    const waiting = store.lookup(ask('k'))
    const open = bus.request('later', null)
    const lost: string[] = []
    bus.onLost(({ code }) => lost.push(code))
    await fewTurns()
    if (how === 'disconnect') worker.disconnect()
    else hub.close()
    await Promise.allSettled([open])
    assertBypass(await waiting, 'store-lost')
    assertBypass(await store.lookup(ask('k')), 'store-lost')
    expect(await store.fill(ticket, result(1))).toBe(false)
    const gone = { code: 'MILLRACE_STORE_LOST' }
    await expect(store.authority.mark(markOf([5]))).rejects.toMatchObject(gone)
    await expect(store.authority.bump([5])).rejects.toMatchObject(gone)
    await expect(store.clear({ kind: 'all' })).rejects.toMatchObject(gone)
    await expect(bus.request('echo', 1)).rejects.toMatchObject(gone)
    store.authority.settle({ id: 1, watched: 0 }, [5])
    store.authority.settleLater({ id: 1, watched: 0 })
    expect(lost).toEqual(['MILLRACE_STORE_LOST'])
  },
)

test('G3: a channel that breaks is not death: marks stand until the process has exited', async () => {
  const cluster = new LocalCluster()
  const hub = hubOf(cluster)
  const primary = createMemoryStore({ bounds, clock })
  serveStore(hub, primary, codec)
  hub.listen()
  const { bus, worker } = await lineTo(cluster)
  const store = await openClusterStore({ bus, codec, clock })
  await put(primary, 'k', 1)
  await store.authority.mark(markOf([5], 0))
  worker.disconnect()
  await fewTurns()
  assertBypass(await primary.lookup(ask('k')), 'pending')
  worker.kill()
  await until(() => hub.peers === 0)
  expect((await primary.lookup(ask('k'))).kind).toBe('miss')
})

test('a worker that closes its line gives back what it held', async () => {
  const cluster = new LocalCluster()
  const hub = hubOf(cluster)
  const primary = createMemoryStore({ bounds, clock })
  serveStore(hub, primary, codec)
  hub.listen()
  const { bus } = await lineTo(cluster)
  const store = await openClusterStore({ bus, codec, clock })
  await store.lookup(ask('k'))
  const waiting = Promise.resolve(primary.lookup(ask('k')))
  bus.close()
  assertBypass(await waiting, 'contended')
  expect(hub.peers).toBe(0)
})

test('a primary that does not answer in time: reads bypass; a late mark is lifted and a late ticket given back', async () => {
  let held: (() => void)[] | undefined
  const cluster = new LocalCluster((deliver) => {
    if (held === undefined) setImmediate(deliver)
    else held.push(deliver)
  })
  const hub = hubOf(cluster)
  const primary = createMemoryStore({ bounds, clock })
  serveStore(hub, primary, codec)
  hub.listen()
  const { bus } = await lineTo(cluster)
  const store = await openClusterStore({ bus, codec, clock, answerTimeoutMs: 50 })
  held = []
  const mark = store.authority.mark(markOf([9]))
  const lookup = store.lookup(ask('k'))
  await expect(mark).rejects.toMatchObject({ code: 'MILLRACE_STORE_LOST' })
  assertBypass(await lookup, 'store-lost')
  const late = held
  held = undefined
  late.forEach((deliver) => deliver())
  await until(() => primary.authority.standingMarks === 0)
  await put(primary, 'k', 1)
})
