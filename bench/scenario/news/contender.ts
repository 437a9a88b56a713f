import { repeatable } from '../../random.ts'
import { closedLoop, openLoop } from './traffic.ts'
import type { ContenderOrder, SliceOrder, SliceResult } from './contender-process.ts'
import { openSite } from './contenders.ts'
import { makeDataset } from './dataset.ts'
import { Ledger } from './ledger.ts'
import { answer, type Page } from './requests.ts'
import { samplePages } from './sample.ts'
import { noneStale, watched } from './watched-site.ts'
import { Workload } from './workload.ts'

/*
 * The process of one contender: the site, and the visitors who ask it. A buffered write that the database refuses ends it, as nobody waits
 * for its rejection; so does a request that fails.
 */

const order = JSON.parse(process.argv[2] ?? '') as ContenderOrder
const dataset = makeDataset(order.scale, order.seed)
const workload = new Workload(dataset, order.seed)
const gaps = repeatable(order.seed + 3)
const ledger = new Ledger()
const opened = await openSite(order.way, order.address, order.lifetimeSeconds)

async function slice(wanted: SliceOrder): Promise<SliceResult> {
  const { requests } = wanted
  const stale = noneStale()
  const site = watched(opened.site, ledger, dataset, stale)
  const send = (): Promise<Page> => answer(site, workload.next())
  const before = await opened.figures()
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const latencies =
    wanted.kind === 'open'
      ? await openLoop(send, { ...wanted, random: gaps })
      : await closedLoop(send, wanted.clients, requests)
  const answered = performance.now()
  // What was put off is work too, and must not fall into the next contender's slice.
  await opened.settle()
  const settled = performance.now()
  const cpu = process.cpuUsage(cpuBefore)
  const after = await opened.figures()
  return {
    requests,
    seconds: ((wanted.kind === 'open' ? answered : settled) - begun) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    latencies: latencies.map((ms) => Number(ms.toFixed(3))),
    statements: after.statements - before.statements,
    cachedReads: after.cachedReads - before.cachedReads,
    hits: after.hits - before.hits,
    ...stale,
  }
}

process.on('message', (message: SliceOrder | 'sample' | 'close') => {
  void (async () => {
    if (message === 'close') {
      await opened.close()
      process.disconnect()
    } else if (message === 'sample') {
      await opened.settle()
      process.send?.(await samplePages(opened.site, dataset, order.seed))
    } else {
      process.send?.(await slice(message))
    }
  })()
})
// Whoever started it is gone, or has let it go.
process.on('disconnect', () => process.exit())
process.send?.('ready')
