import { fileURLToPath } from 'node:url'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { lineChart } from '../../chart/line-chart.ts'
import { compare, oneLife, type Life, type RoundPlan } from '../../process-rounds.ts'
import { figure, tableLines } from '../../table.ts'
import { tableKinds, type TablesOrder } from './order.ts'

const ways = ['millrace', 'knex'] as const
const titles: Readonly<Record<'read' | 'write', Readonly<Record<(typeof ways)[number], string>>>> =
  {
    read: { millrace: 'Millrace, hit', knex: 'Knex, no cache' },
    write: { millrace: 'Millrace', knex: 'Knex' },
  }

/** What a hit and a write cost as the cached queries join more tables. */
export async function benchmarkTables(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 4, sliceMs: 10, warmUpMs: 60 }
    : { lives: 2, rounds: 30, sliceMs: 25, warmUpMs: 400 }
  const sizes = setting.quick ? [1, 5, 20] : [1, 2, 5, 10, 20]
  const orders = ways.flatMap((way) => sizes.map((tables): TablesOrder => ({ way, tables })))
  const program = fileURLToPath(new URL('contender.js', import.meta.url))
  const lives: Life[] = []
  for (let life = 1; life <= plan.lives; life++) {
    setting.progress(`processes ${life} of ${plan.lives}: up to ${Math.max(...sizes)} tables`)
    const processes = orders.map((order) => ({ program, order }))
    const names = tableKinds.map(({ name }) => name)
    lives.push(await oneLife(processes, names, plan, setting.progress))
  }
  const results = tableKinds.map(({ name, title }) => {
    const costs = compare(lives, name, 0)
    return {
      title,
      ways: ways.map((way) => ({
        way,
        title: titles[name][way],
        sizes: orders.flatMap((order, place) =>
          order.way === way ? { tables: order.tables, p50us: costs[place]?.p50us ?? NaN } : [],
        ),
      })),
    }
  })
  const lines = results.flatMap(({ title, ways }) => {
    const head = ['median us', ...sizes.map((tables) => `${tables} tables`)]
    const rows = ways.map(({ title, sizes }) => [title, ...sizes.map(({ p50us }) => figure(p50us))])
    return ['', title, ...tableLines([head, ...rows])]
  })
  return {
    text: ['A query, by the tables that it joins', ...lines].join('\n'),
    options: plan,
    results,
    files: {
      'cost.svg': lineChart({
        title: 'What a hit and a write cost, by the tables of the cached query',
        panels: results.map(({ title, ways }) => ({
          title,
          lines: ways.map(({ title, sizes }) => ({
            label: title,
            points: sizes.map(({ tables, p50us }) => ({ x: tables, y: p50us })),
          })),
        })),
        x: { label: 'tables that the query joins', format: String },
        y: { label: 'microseconds per call, median', format: String, scale: 'log' },
        notes: [
          'SQLite in memory; 500 cached joins by key, and an UPDATE of a row that none of them shows. Building the query is part of its cost.',
        ],
      }),
    },
  }
}
