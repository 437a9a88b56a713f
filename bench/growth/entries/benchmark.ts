import { fileURLToPath } from 'node:url'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { lineChart } from '../../chart/line-chart.ts'
import type { Goal } from '../../goal.ts'
import { compare, oneLife, ratioOf, type Life, type RoundPlan } from '../../process-rounds.ts'
import { figure, tableLines } from '../../table.ts'
import { entryKinds, type EntriesOrder } from './order.ts'

const ways = ['millrace', 'map'] as const
const titles = { millrace: 'Millrace', map: 'a Map, keys by hand' }

/** What a hit costs as the cache has more entries, beside a `Map` with as many. */
export async function benchmarkEntries(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 5, sliceMs: 15, warmUpMs: 100 }
    : { lives: 2, rounds: 40, sliceMs: 25, warmUpMs: 500 }
  const sizes = setting.quick ? [1e3, 1e4] : [1e3, 1e4, 1e5, 1e6]
  const orders = ways.flatMap((way) => sizes.map((entries): EntriesOrder => ({ way, entries })))
  const program = fileURLToPath(new URL('contender.js', import.meta.url))
  const names = entryKinds.map(({ name }) => name)
  const lives: Life[] = []
  for (let life = 1; life <= plan.lives; life++) {
    setting.progress(`processes ${life} of ${plan.lives}: up to ${Math.max(...sizes)} entries`)
    const processes = orders.map((order) => ({ program, order }))
    lives.push(await oneLife(processes, names, plan, setting.progress))
  }
  const results = entryKinds.map(({ name, title }) => ({
    title,
    ways: ways.map((way) => {
      const smallest = orders.findIndex((order) => order.way === way)
      const costs = compare(lives, name, smallest)
      const ofWay = orders.flatMap((order, place) => {
        const cost = costs[place]
        return order.way === way && cost !== undefined ? { entries: order.entries, ...cost } : []
      })
      return { way, title: titles[way], sizes: ofWay }
    }),
  }))
  const lines = results.flatMap(({ title, ways }) => {
    const head = ['entries', ...ways.flatMap((way) => [`${way.title} us`, 'to the smallest'])]
    const rows = sizes.map((entries, place) => [
      entries.toLocaleString('en'),
      ...ways.flatMap(({ sizes }) => {
        const { p50us = NaN, ratio } = sizes[place] ?? {}
        const range =
          ratio && `${figure(ratio.median)} (${figure(ratio.low)} to ${figure(ratio.high)})`
        return [figure(p50us), range ?? '']
      }),
    ])
    return ['', title, ...tableLines([head, ...rows])]
  })
  return {
    text: ['A hit, by entries in the cache (95 % interval)', ...lines].join('\n'),
    options: plan,
    results,
    goals: setting.quick ? [] : goalsOf(lives, sizes),
    files: {
      'cost.svg': lineChart({
        title: 'What a hit costs, by entries in the cache',
        panels: results.map(({ title, ways }) => ({
          title,
          lines: ways.map(({ title, sizes }) => ({
            label: title,
            points: sizes.map(({ entries, p50us }) => ({ x: entries, y: p50us })),
          })),
        })),
        x: { label: 'entries', format: (value) => value.toLocaleString('en') },
        y: { label: 'microseconds per hit, median', format: String, scale: 'linear' },
        notes: [
          'One row of two columns by key, from memory. Who asks for all entries in turn finds none of them in the processor’s own caches:',
          'what a Map costs then is what memory costs.',
        ],
      }),
    },
  }
}

/** The first contenders are Millrace's sizes, the smallest first. */
function goalsOf(lives: readonly Life[], sizes: readonly number[]): Goal[] {
  return entryKinds.map(({ name, title }) => ({
    title: `${(sizes.at(-1) ?? 0).toLocaleString('en')} entries, times the cost of ${(sizes[0] ?? 0).toLocaleString('en')}: ${title}`,
    bound: 'at most',
    limit: 1.5,
    measured: ratioOf(lives, name, sizes.length - 1, 0),
  }))
}
