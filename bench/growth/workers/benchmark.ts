import { availableParallelism } from 'node:os'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { lineChart } from '../../chart/line-chart.ts'
import { Grounds } from '../../contenders/field.ts'
import { kindsOf } from '../../contenders/order.ts'
import { contenderOf } from '../../contenders/registry.ts'
import { countsOf, questionsOf } from '../../micro/hit/questions.ts'
import {
  compare,
  oneLife,
  type Life,
  type ProcessContender,
  type RoundPlan,
} from '../../process-rounds.ts'
import { tableLines } from '../../table.ts'

const ways = ['millrace-worker', 'knex-sqlite'] as const
const titles = { 'millrace-worker': 'Millrace, hits', 'knex-sqlite': 'Knex, SQLite, no cache' }

/** How many answers the workers of a cluster give in a second, all together. */
export async function benchmarkWorkers(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 3, sliceMs: 30, warmUpMs: 40 }
    : { lives: 2, rounds: 20, sliceMs: 100, warmUpMs: 300 }
  const sizes = setting.quick ? [1, 2] : [1, 2, 4, 8]
  const inFlight = [8]
  const counts = countsOf(setting.quick)
  const questions = questionsOf(counts)
  const kinds = questions.flatMap((question) => kindsOf(question, { inFlight }))
  const teams = ways.flatMap((way) => sizes.map((workers) => ({ way, workers })))
  const lives: Life[] = []
  const grounds = await Grounds.open(counts)
  try {
    for (let life = 1; life <= plan.lives; life++) {
      setting.progress(`processes ${life} of ${plan.lives}: up to ${Math.max(...sizes)} workers`)
      const processes: ProcessContender[] = []
      for (const { way, workers } of teams) {
        const contender = await contenderOf(way)
        processes.push(await grounds.processOf(contender, { questions, workers, inFlight }))
      }
      const names = kinds.map(({ name }) => name)
      lives.push(await oneLife(processes, names, plan, setting.progress))
    }
  } finally {
    await grounds.drop()
  }
  const results = questions.map((question, place) => {
    const costs = compare(lives, kinds[place]?.name ?? '', 0)
    const perSecond = teams.map((team, at) => ({
      ...team,
      perSecond: 1e6 / (costs[at]?.p50us ?? NaN),
    }))
    return { title: question.title, teams: perSecond }
  })
  const lines = results.flatMap(({ title, teams }) => {
    const head = ['', ...sizes.map((size) => `${size} workers`)]
    const rows = ways.map((way) => [
      titles[way],
      ...teams.filter((team) => team.way === way).map(({ perSecond }) => perSecond.toFixed(0)),
    ])
    return ['', `${title}: answers per second of all workers`, ...tableLines([head, ...rows])]
  })
  return {
    text: ['Answers per second of a cluster, by its workers', ...lines].join('\n'),
    options: { ...plan, ...counts, inFlight, processors: availableParallelism() },
    results,
    files: {
      'throughput.svg': lineChart({
        title: 'Answers per second of a cluster, by its workers',
        panels: results.map(({ title, teams }) => ({
          title,
          lines: ways.map((way) => ({
            label: titles[way],
            points: teams
              .filter((team) => team.way === way)
              .map(({ workers, perSecond }) => ({ x: workers, y: perSecond })),
          })),
        })),
        x: { label: 'workers', format: String },
        y: {
          label: 'answers per second, all workers',
          format: (value) => value.toLocaleString('en'),
          scale: 'linear',
        },
        notes: [
          `${availableParallelism()} processors for the workers and their primary; 8 callers at once in each worker. Every worker reads the same answers.`,
        ],
      }),
    },
  }
}
