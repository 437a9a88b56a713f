import { isDeepStrictEqual } from 'node:util'
import knexFactory from 'knex'
import { configOf } from '../../../test/support/database-config.ts'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { installedVersion } from '../../contenders/peers/peer-package.ts'
import { createBenchDatabase, databaseTitles, type BenchDatabaseName } from '../../database.ts'
import { medianOf, shuffle } from '../../interval.ts'
import { drawNewsChart } from './chart.ts'
import { contenders, leftOut, type Contender } from './contenders.ts'
import { ContenderProcess, type SliceResult } from './contender-process.ts'
import { makeDataset, type Dataset } from './dataset.ts'
import { knexReads } from './knex-site.ts'
import { planFrom, type NewsPlan } from './plan.ts'
import { resultOf, tableOf, type ContenderResult, type DatabaseResult } from './report.ts'
import { samplePages } from './sample.ts'
import { createNews } from './schema.ts'
import { requestMix } from './shape.ts'

/** A contender that runs, on a database of its own. */
interface Running {
  readonly contender: Contender
  readonly process: ContenderProcess
  /** The same pages past every cache, from the same database. */
  truth(): Promise<unknown>
  close(): Promise<void>
}

/** A news site under the traffic of one: the same requests through Knex alone, through Millrace, and through others' caches. */
export async function benchmarkNews(setting: BenchSetting): Promise<BenchOutcome> {
  const plan = planFrom(process.argv, setting.quick)
  setting.progress(`scale ${plan.scale}, --seed=${plan.seed}`)
  const dataset = makeDataset(plan.scale, plan.seed)
  const results: DatabaseResult[] = []
  // What a file and memory differ in is not asked here.
  for (const database of setting.databases.filter((name) => name !== 'sqlite-memory')) {
    results.push(await onDatabase(database, plan, dataset, setting.progress))
  }
  const versions: Record<string, string> = {}
  for (const { peer } of contenders) {
    const version = peer === undefined ? undefined : await installedVersion(peer)
    if (peer !== undefined && version !== undefined) versions[peer] = version
  }
  return {
    text: tableOf(results, plan),
    options: { ...plan, requestMix },
    results,
    versions,
    files: { 'chart.svg': drawNewsChart(results, plan) },
  }
}

async function onDatabase(
  database: BenchDatabaseName,
  plan: NewsPlan,
  dataset: Dataset,
  progress: (text: string) => void,
): Promise<DatabaseResult> {
  const title = databaseTitles[database]
  const notes: string[] = []
  const running: Running[] = []
  let rows: Readonly<Record<string, number>> = {}
  const say = (text: string): void => progress(`${title}: ${text}`)
  try {
    for (const contender of contenders.filter(({ way }) => plan.ways.includes(way))) {
      const reason = await leftOut(contender, database)
      if (reason === undefined) {
        say(`${contender.title}: tables and rows`)
        const { started, rows: filled } = await start(contender, database, plan, dataset)
        running.push(started)
        rows = filled
      } else {
        notes.push(`Left out ${contender.title}: ${reason}.`)
      }
    }
    for (const one of running) await compare(one, true)
    const { closed, open, rate } = await measure(running, plan, say)
    for (const one of running) await compare(one, one.contender.exact)
    const measured = running.map(({ contender }, place): ContenderResult =>
      resultOf(contender, closed[place] ?? [], open[place] ?? [], { base: closed[0] ?? [], rate }),
    )
    return { database: title, rows, rate, contenders: measured, notes }
  } finally {
    for (const one of running) await one.close()
  }
}

/** Slices of each contender, by their places, in rounds: neighbours in time meet the same machine. */
async function measure(
  running: readonly Running[],
  plan: NewsPlan,
  say: (text: string) => void,
): Promise<{
  readonly closed: readonly (readonly SliceResult[])[]
  readonly open: readonly (readonly SliceResult[])[]
  readonly rate: number
}> {
  const { warmUpRequests, requests, rounds, clients, rateShare } = plan
  const closed = running.map((): SliceResult[] => [])
  const open = running.map((): SliceResult[] => [])
  say(`${warmUpRequests} requests each to warm up`)
  for (const { process: contender } of running) {
    await contender.slice({ kind: 'closed', requests: warmUpRequests, clients })
  }
  for (let round = 1; round <= rounds; round++) {
    say(`as fast as it goes, round ${round} of ${rounds}`)
    for (const [place, one] of shuffle([...running.entries()])) {
      closed[place]?.push(await one.process.slice({ kind: 'closed', requests, clients }))
    }
  }
  const fastest = medianOf((closed[0] ?? []).map((slice) => slice.requests / slice.seconds))
  const rate = plan.rate ?? rateShare * fastest
  for (let round = 1; round <= rounds; round++) {
    say(`${rate.toFixed(0)} requests/s, round ${round} of ${rounds}`)
    for (const [place, one] of shuffle([...running.entries()])) {
      open[place]?.push(await one.process.slice({ kind: 'open', requests, rate }))
    }
  }
  return { closed, open, rate }
}

async function start(
  contender: Contender,
  database: BenchDatabaseName,
  { scale, seed, lifetimeSeconds }: NewsPlan,
  dataset: Dataset,
): Promise<{ readonly started: Running; readonly rows: Readonly<Record<string, number>> }> {
  const { address, drop } = await createBenchDatabase(database)
  const knex = knexFactory(configOf(address))
  const leave = async (): Promise<void> => {
    await knex.destroy()
    await drop()
  }
  try {
    const rows = await createNews(knex, dataset, seed)
    const order = { way: contender.way, address, scale, seed, lifetimeSeconds }
    const child = await ContenderProcess.start(order)
    const started: Running = {
      contender,
      process: child,
      truth: () =>
        samplePages(
          knexReads(knex, (query) => query),
          dataset,
          seed,
        ),
      close: async () => {
        await child.stop()
        await leave()
      },
    }
    return { started, rows }
  } catch (error) {
    await leave()
    throw error
  }
}

/** Answers are looked at, before and after: a contender that does something else measures nothing. */
async function compare(
  { contender, process: child, truth }: Running,
  exact: boolean,
): Promise<void> {
  const answers = await child.sample()
  if (!exact) return
  // What came from another process has lost its `undefined`s.
  const right: unknown = JSON.parse(JSON.stringify(await truth()))
  if (isDeepStrictEqual(JSON.parse(JSON.stringify(answers)), right)) return
  throw new Error(`${contender.title} answers otherwise than its database.`)
}
