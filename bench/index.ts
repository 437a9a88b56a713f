import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, BenchSetting } from './benchmark.ts'
import { chooseDatabases } from './database.ts'
import { goalsBlock, type Goal } from './goal.ts'
import { saveResults } from './results-file.ts'

/** Every benchmark by name; the part before the slash names a group. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
  'micro/hit': async () => (await import('./micro/hit/benchmark.ts')).benchmarkHits,
  'micro/statements': async () =>
    (await import('./micro/statements/benchmark.ts')).benchmarkStatements,
  'micro/invalidation': async () =>
    (await import('./micro/invalidation/benchmark.ts')).benchmarkInvalidation,
  'micro/tags': async () => (await import('./micro/tags/benchmark.ts')).benchmarkTags,
  'micro/entries': async () => (await import('./micro/entries/benchmark.ts')).benchmarkEntryMemory,
  'growth/rows': async () => (await import('./growth/rows/benchmark.ts')).benchmarkRows,
  'growth/entries': async () => (await import('./growth/entries/benchmark.ts')).benchmarkEntries,
  'growth/tables': async () => (await import('./growth/tables/benchmark.ts')).benchmarkTables,
  'growth/concurrency': async () =>
    (await import('./growth/concurrency/benchmark.ts')).benchmarkConcurrency,
  'growth/workers': async () => (await import('./growth/workers/benchmark.ts')).benchmarkWorkers,
  'scenario/precision': async () =>
    (await import('./scenario/precision/benchmark.ts')).benchmarkPrecision,
  'scenario/news': async () => (await import('./scenario/news/benchmark.ts')).benchmarkNews,
}

// npm run bench -- [names or groups; micro/hit if none] [--quick] [--save] [--databases=sqlite,postgres]
const args = process.argv.slice(2)
const flags = args.filter((arg) => arg.startsWith('--'))
const wanted = args.filter((arg) => !arg.startsWith('--'))
const names = chosen(wanted.length === 0 ? ['micro/hit'] : wanted)
const setting: BenchSetting = {
  quick: flags.includes('--quick'),
  databases: await chooseDatabases(valueOf('--databases')),
  progress: (text) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`),
}
// A place of its own for databases and for what Millrace leaves beside a server: killed programs of others must not hold its cache back.
const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
process.env['TMPDIR'] = directory
const goals: Goal[] = []
try {
  for (const name of names) await run(name)
  const remark = setting.quick ? ' (--quick: to see that it runs, not to quote)' : ''
  if (goals.length > 0) console.log(`\n${goalsBlock(goals, remark)}`)
} finally {
  await rm(directory, { recursive: true, force: true })
}

async function run(name: string): Promise<void> {
  setting.progress(name)
  const benchmark = await benchmarks[name]?.()
  const outcome = await benchmark?.(setting)
  if (outcome === undefined) return
  console.log(`\n${outcome.text}`)
  goals.push(...(outcome.goals ?? []))
  if (!flags.includes('--save')) return
  for (const file of await saveResults(name, outcome, setting)) console.log(`Saved ${file}`)
}

function chosen(names: readonly string[]): readonly string[] {
  const known = Object.keys(benchmarks)
  return names.flatMap((wanted) => {
    const found = known.filter((name) => name === wanted || name.startsWith(`${wanted}/`))
    if (found.length > 0) return found
    console.error(`There is no benchmark ${wanted}; there are ${known.join(', ')}.`)
    process.exit(2)
  })
}

function valueOf(flag: string): string | undefined {
  return flags.find((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1)
}
