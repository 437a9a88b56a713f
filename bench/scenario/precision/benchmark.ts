import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { databaseTitles, type BenchDatabaseName } from '../../database.ts'
import { shuffle } from '../../interval.ts'
import { chartsOf } from './charts.ts'
import type { DatabaseResult, ModeResult, PrecisionPlan } from './findings.ts'
import { idealHitRatio } from './ideal.ts'
import { modes, type Mode } from './modes.ts'
import { readMix, writeMix } from './workload.ts'
import { World, type WorldOptions } from './world.ts'

/** Requests of one way of caching in a row: they take turns, so that what slows the machine down for a moment meets all. */
const chunk = 500

/**
 * What exact invalidation is worth: one workload, by key and by tenant, through Millrace as it is, with invalidation by table, and with
 * lifetimes alone.
 */
export async function benchmarkPrecision(setting: BenchSetting): Promise<BenchOutcome> {
  const plan = planOf(setting.quick)
  const results: DatabaseResult[] = []
  // What a file and memory differ in is not asked here.
  for (const database of setting.databases.filter((name) => name !== 'sqlite-memory')) {
    results.push(await onDatabase(database, plan, setting.progress))
  }
  return {
    text: tableOf(results, plan),
    options: { ...plan, readMix, writeMix },
    results,
    files: chartsOf(results, plan),
  }
}

function planOf(quick: boolean): PrecisionPlan {
  return {
    orders: quick ? 2000 : 100_000,
    tenants: quick ? 100 : 1000,
    skew: 0.99,
    seed: 20_261_120,
    requestsPerSecond: 1000,
    ttlSeconds: 10,
    censusEvery: quick ? 2 : 20,
    requests: quick ? 1000 : 40_000,
    sweepRequests: quick ? 300 : 20_000,
    writeShare: 0.1,
    sweepShares: quick ? [0.01, 0.1, 0.5] : [0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
  }
}

async function onDatabase(
  database: BenchDatabaseName,
  plan: PrecisionPlan,
  progress: (text: string) => void,
): Promise<DatabaseResult> {
  const title = databaseTitles[database]
  progress(`${title}: ${plan.writeShare * 100} % writes`)
  const main = await race(database, ['none', ...modes], plan, plan.requests)
  const sweep: DatabaseResult['sweep'][number][] = []
  for (const writeShare of plan.sweepShares) {
    progress(`${title}: sweep, ${writeShare * 100} % writes`)
    const options = { ...plan, writeShare, censusEvery: 0 }
    sweep.push({
      writeShare,
      idealHitRatio: idealHitRatio(options, plan.sweepRequests),
      modes: await race(database, ['none', ...modes], options, plan.sweepRequests),
    })
  }
  return { database: title, modes: main, idealHitRatio: idealHitRatio(plan, plan.requests), sweep }
}

async function race(
  database: BenchDatabaseName,
  ways: readonly (Mode | 'none')[],
  options: WorldOptions,
  requests: number,
): Promise<readonly ModeResult[]> {
  const worlds: World[] = []
  try {
    for (const way of ways) worlds.push(await World.create(database, way, options))
    await takeTurns(worlds, requests)
    for (const world of worlds) world.measure()
    await takeTurns(worlds, requests)
    return worlds.map((world) => resultOf(world, options))
  } finally {
    for (const world of worlds) await world.close()
  }
}

async function takeTurns(worlds: readonly World[], requests: number): Promise<void> {
  for (let done = 0; done < requests; done += chunk) {
    const size = Math.min(chunk, requests - done)
    for (const world of shuffle([...worlds])) await world.run(size)
  }
}

function resultOf({ name, counts }: World, { ttlSeconds }: WorldOptions): ModeResult {
  const titles: Readonly<Record<Mode | 'none', string>> = {
    none: 'Knex, no cache',
    rows: 'Millrace',
    tables: 'invalidation by table',
    ttl: `lifetime of ${ttlSeconds} s only`,
  }
  const { reads, hits, writes, staleHits, seconds, survival } = counts
  return {
    mode: name,
    title: titles[name],
    hitRatio: hits / reads,
    staleShare: hits === 0 ? 0 : staleHits / hits,
    requestsPerSecond: (reads + writes) / seconds,
    kept: survival.survived / survival.unaffected,
    ...counts,
  }
}

function tableOf(results: readonly DatabaseResult[], plan: PrecisionPlan): string {
  const lines = [
    `${plan.orders} orders of ${plan.tenants} tenants, Zipf ${plan.skew}, ${plan.writeShare * 100} % writes, ${plan.requests} requests by one client after as many`,
  ]
  for (const { database, modes: ways, idealHitRatio: ideal, sweep } of results) {
    lines.push(
      '',
      `${database.padEnd(28)}${'hit ratio'.padStart(10)}${'requests/s'.padStart(12)}${'stale hits'.padStart(12)}${'kept'.padStart(9)}`,
    )
    for (const { mode, title, hitRatio, requestsPerSecond, staleHits, kept } of ways) {
      const ratio = mode === 'none' ? '' : percent(hitRatio)
      const stale = mode === 'none' ? '' : String(staleHits)
      const survived = mode === 'none' ? '' : percent(kept)
      lines.push(
        `${title.padEnd(28)}${ratio.padStart(10)}${requestsPerSecond.toFixed(0).padStart(12)}${stale.padStart(12)}${survived.padStart(9)}`,
      )
    }
    lines.push(
      `${'best possible'.padEnd(28)}${percent(ideal).padStart(10)}`,
      '',
      ...keptTable(ways.find(({ mode }) => mode === 'rows')?.survivalByKind ?? {}),
      '',
      `${'hit ratio by share of writes'.padEnd(28)}${sweep.map(({ writeShare }) => percent(writeShare, 0).padStart(10)).join('')}`,
    )
    for (const mode of modes) {
      const title = ways.find((way) => way.mode === mode)?.title ?? mode
      const ratios = sweep.map(({ modes: at }) => {
        const { hitRatio = NaN } = at.find((way) => way.mode === mode) ?? {}
        return percent(hitRatio).padStart(10)
      })
      lines.push(`${title.padEnd(28)}${ratios.join('')}`)
    }
    const best = sweep.map((at) => percent(at.idealHitRatio).padStart(10))
    lines.push(`${'best possible'.padEnd(28)}${best.join('')}`)
  }
  return lines.join('\n')
}

/** What Millrace kept of the entries that a write could not change: a line for each kind of write, a column for each kind of entry. */
function keptTable(survival: ModeResult['survivalByKind']): string[] {
  const reads = Object.keys(readMix)
  return [
    `${'kept, by write and entry'.padEnd(28)}${reads.map((read) => read.padStart(10)).join('')}`,
    ...Object.keys(writeMix).map((write) => {
      const shares = reads.map((read) => {
        const { survived = 0, unaffected = 0 } = survival[`${write}: ${read}`] ?? {}
        return percent(survived / unaffected).padStart(10)
      })
      return `${write.padEnd(28)}${shares.join('')}`
    }),
  ]
}

function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(digits)} %` : '-'
}
