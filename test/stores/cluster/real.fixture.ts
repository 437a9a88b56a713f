/** A primary with real workers; see `real.test.ts`. The first argument names the scenario, the second the serialization. */
import cluster from 'node:cluster'
import Database from 'better-sqlite3'
import { systemClock as clock } from '../../../src/base/clock.ts'
import { createValueCodec } from '../../../src/codec/value-codec.ts'
import type { Lookup } from '../../../src/contract/store.ts'
import { ClusterHub } from '../../../src/stores/cluster/cluster-hub.ts'
import { openClusterStore } from '../../../src/stores/cluster/cluster-store.ts'
import { openClusterBus } from '../../../src/stores/cluster/open-cluster-bus.ts'
import { clusterChannel } from '../../../src/stores/cluster/primary-channel.ts'
import { serveStore } from '../../../src/stores/cluster/serve-store.ts'
import { processChannel } from '../../../src/stores/cluster/worker-channel.ts'
import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import { allOf, ask, markOf, put, result, valueOf } from '../../../src/testing/conformance/rig.ts'

const [, , scenario = '', serialization = 'json', file = ''] = process.argv
const codec = createValueCodec()
const bounds = { maxEntries: 1000, maxBytes: 1e8, maxKeysByTable: new Map<string, number>() }
const rows = 4
const tell = (report: unknown): void => void process.send?.({ report })
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function primary(): Promise<void> {
  cluster.setupPrimary({ serialization: serialization as 'json' | 'advanced' })
  const workers = Array.from({ length: scenario === 'death' ? 1 : 4 }, () => cluster.fork())
  const reports: unknown[] = []
  let appMessages = 0
  cluster.on('message', (_worker, message: { app?: string; report?: unknown }) => {
    if (message.app !== undefined) appMessages++
    if (message.report !== undefined) reports.push(message.report)
  })
  await pause(150) // workers ask before anyone answers
  const hub = new ClusterHub({ channel: clusterChannel(cluster), identity: 'real' })
  const store = createMemoryStore({ bounds, clock })
  serveStore(hub, store, codec)
  hub.listen()
  const kind = async (): Promise<string> => {
    const lookup = await store.lookup(ask('k'))
    if (lookup.kind === 'miss') store.abandon(lookup.ticket)
    return lookup.kind === 'bypass' ? lookup.reason : lookup.kind
  }
  while (appMessages < 2 * workers.length) await pause(1) // every worker has its store
  if (scenario === 'death') {
    await put(store, 'k', 'before')
    workers[0]?.send('mark')
    while (reports.length < 1) await pause(1)
    const seen = [await kind()]
    const exited = new Promise((resolve) => cluster.once('exit', resolve))
    workers[0]?.process.kill('SIGKILL')
    await exited
    seen.push(await kind())
    while ((await kind()) === 'pending') await pause(5)
    seen.push(await kind())
    tell({ seen })
    process.exit(0)
  }
  if (scenario === 'lost') hub.close()
  while (reports.length < 4) await pause(2)
  tell({ reports, appMessages, stats: store.stats(), marks: store.authority.standingMarks })
  process.exit(0)
}

async function worker(): Promise<void> {
  process.send?.({ app: 'hello' })
  const channel = processChannel(process)
  const bus = await openClusterBus({ channel, identity: 'real', clock })
  const store = await openClusterStore({ bus, codec, clock })
  process.on('message', (message) => {
    if (message !== 'mark') return // Millrace's own messages are heard by every listener
    void Promise.resolve(store.authority.mark(markOf([5], 300))).then(tell)
  })
  process.send?.({ app: 'ready' })
  if (scenario === 'death') await new Promise(() => undefined)
  else if (scenario === 'herd') {
    const answers = Array.from({ length: 250 }, () => store.lookup(ask('k')))
    let queries = 0
    const value = {
      n: 12345678901234567890n,
      at: new Date(7),
      bytes: Buffer.from([1, 2, 255]),
      u: undefined,
    }
    const run = async (lookup: Lookup): Promise<boolean> => {
      if (lookup.kind === 'miss') {
        queries++
        await pause(50)
        return store.fill(lookup.ticket, result(value))
      }
      if (lookup.kind !== 'hit') return false
      const { n, at, bytes } = valueOf(lookup.value, codec) as typeof value
      return n === value.n && at.getTime() === 7 && Buffer.isBuffer(bytes) && bytes[2] === 255
    }
    const good = await Promise.all(answers.map(async (answer) => run(await answer)))
    tell({ queries, good: good.filter(Boolean).length })
  } else if (scenario === 'lost') {
    await new Promise<void>((resolve) => bus.onLost(() => resolve()))
    const mark = await Promise.resolve(store.authority.mark(markOf([5]))).catch(
      (error: unknown) => (error as { code: string }).code,
    )
    tell({ lookup: await store.lookup(ask('k')), mark })
  } else await traffic(store)
}

/** Reads and writes through the cache, checked against what was acknowledged, which the database itself keeps. */
async function traffic(store: Awaited<ReturnType<typeof openClusterStore>>): Promise<void> {
  const db = new Database(file, { timeout: 10_000 })
  const load = db.prepare<[number], { v: number }>('select v from data where id = ?')
  const floorOf = db.prepare<[number], { v: number }>('select v from acknowledged where id = ?')
  const write = db.prepare<[number], { v: number }>(
    'update data set v = v + 1 where id = ? returning v',
  )
  const acknowledge = db.prepare('update acknowledged set v = max(v, ?) where id = ?')
  const found = { reads: 0, hits: 0, stale: 0, writes: 0 }
  const until = Date.now() + 1500
  const reader = async (): Promise<void> => {
    while (Date.now() < until) {
      const row = Math.floor(Math.random() * rows)
      const floor = floorOf.get(row)?.v ?? 0
      const program = allOf(0, 1, 5 + row)
      const lookup = await store.lookup(ask(`r${row}`, { program }))
      let value: number
      if (lookup.kind === 'hit') {
        found.hits++
        value = valueOf(lookup.value, codec) as number
      } else {
        if (Math.random() < 0.5) await pause(Math.random() * 4)
        value = load.get(row)?.v ?? -1
        if (Math.random() < 0.5) await pause(Math.random() * 4)
        if (lookup.kind === 'miss') await store.fill(lookup.ticket, result(value, { program }))
      }
      found.reads++
      if (value < floor) found.stale++
    }
  }
  const writer = async (): Promise<void> => {
    while (Date.now() < until) {
      await pause(Math.random() * 60)
      const row = Math.floor(Math.random() * rows)
      for (let burst = 0; burst < 5; burst++) {
        const mark = await store.authority.mark(markOf([5 + row], 0))
        const value = write.get(row)?.v ?? -1
        if (process.env['MILLRACE_TEST_NAIVE'] === '1') store.authority.settle(mark, [])
        else store.authority.settle(mark, [5 + row])
        acknowledge.run(value, row)
        found.writes++
      }
    }
  }
  await Promise.all([...Array.from({ length: 8 }, reader), writer()])
  await store.stats() // behind everything queued
  db.close()
  tell(found)
}

await (cluster.isPrimary ? primary() : worker())
