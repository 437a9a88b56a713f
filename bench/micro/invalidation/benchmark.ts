import { fileURLToPath } from 'node:url'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import {
  compare,
  oneLife,
  type Comparison,
  type Life,
  type RoundPlan,
} from '../../process-rounds.ts'
import { lineChart } from '../../chart/line-chart.ts'
import type { InvalidationOrder } from './contender.ts'

const kinds = ['20 times mark and settle', 'autocommit UPDATE'] as const

/** What an invalidation costs with so many entries in the cache. */
interface InvalidationCost {
  readonly kind: string
  readonly sizes: readonly ({ readonly entries: number } & Comparison)[]
}

/**
 * What an invalidation costs as the cache grows: the authority's part of a committed write, and an autocommit UPDATE by key through the
 * whole library on SQLite in memory. Each size has a process of its own; ratios are to the smallest.
 */
export async function benchmarkInvalidation({
  quick,
  progress,
}: BenchSetting): Promise<BenchOutcome> {
  const sizes = quick ? [1, 1e3, 1e5] : [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6]
  const plan: RoundPlan = quick
    ? { lives: 1, rounds: 6, sliceMs: 20, warmUpMs: 100 }
    : { lives: 4, rounds: 40, sliceMs: 20, warmUpMs: 400 }
  const program = fileURLToPath(new URL('contender.js', import.meta.url))
  const contenders = sizes.map((entries) => {
    const order: InvalidationOrder = { entries }
    return { program, order }
  })
  const lives: Life[] = []
  for (let life = 1; life <= plan.lives; life++) {
    progress(`processes ${life} of ${plan.lives}, up to ${Math.max(...sizes)} entries`)
    lives.push(await oneLife(contenders, kinds, plan))
  }
  const results = kinds.map((kind) => ({
    kind,
    sizes: compare(lives, kind, 0).map((cost, place) => ({ entries: sizes[place] ?? 0, ...cost })),
  }))
  return {
    text: tableOf(results),
    options: plan,
    results,
    files: { 'cost.svg': chartOf(results) },
  }
}

function tableOf(results: readonly InvalidationCost[]): string {
  const lines = ['An invalidation, by entries in the cache (95 % interval)']
  for (const { kind, sizes } of results) {
    lines.push('', `${kind.padEnd(26)}${'p50 us'.padStart(10)}   to the smallest`)
    for (const { entries, p50us, ratio } of sizes) {
      const range = `${ratio.median.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})`
      lines.push(`${String(entries).padStart(26)}${p50us.toFixed(3).padStart(10)}   ${range}`)
    }
  }
  return lines.join('\n')
}

function chartOf(results: readonly InvalidationCost[]): string {
  return lineChart({
    title: 'What an invalidation costs, by cached queries',
    panels: [
      {
        title: 'On SQLite in memory',
        lines: results.map(({ kind, sizes }) => ({
          label: kind,
          points: sizes.map(({ entries, p50us }) => ({ x: entries, y: p50us })),
        })),
      },
    ],
    x: { label: 'queries in the cache', format: (value) => value.toLocaleString('en') },
    y: { label: 'microseconds per call, median', format: String, scale: 'linear' },
    notes: [
      'Mark and settle are the authority’s part of a committed write of one row. Nothing goes through the entries:',
      'what an entry costs when it is found dead is the next reader’s, or the sweep’s, and not in here.',
    ],
  })
}
