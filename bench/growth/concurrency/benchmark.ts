import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { lineChart } from '../../chart/line-chart.ts'
import type { ContenderId } from '../../contenders/contender.ts'
import { kindsOf } from '../../contenders/order.ts'
import { countsOf, questionsOf } from '../../micro/hit/questions.ts'
import type { RoundPlan } from '../../process-rounds.ts'
import { tableLines } from '../../table.ts'
import { raceOnPosts } from '../race-on-posts.ts'

const wanted: readonly ContenderId[] = [
  'millrace-sqlite',
  'millrace-worker',
  'bentocache',
  'async-cache-dedupe',
  'drizzle',
  'knex-sqlite',
  'knex-postgres',
  'knex-mysql',
]

/** How many answers a process gives in a second to callers who ask at the same time. */
export async function benchmarkConcurrency(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 3, sliceMs: 20, warmUpMs: 40 }
    : { lives: 2, rounds: 20, sliceMs: 50, warmUpMs: 300 }
  const inFlight = [1, 8, 64]
  const counts = countsOf(setting.quick)
  const questions = questionsOf(counts)
  const { field, kinds } = await raceOnPosts(setting, plan, counts, questions, wanted, inFlight)
  const results = questions.map((question) => ({
    title: question.title,
    contenders: field.contenders.map(({ id, title }, place) => ({
      id,
      title,
      callers: kindsOf(question, { inFlight }).map(({ name, inFlight: callers = 1 }) => ({
        callers,
        perSecond: 1e6 / (kinds.get(name)?.[place]?.p50us ?? NaN),
      })),
    })),
  }))
  const lines = results.flatMap(({ title, contenders }) => {
    const head = ['', ...inFlight.map((callers) => `${callers} at once`)]
    const rows = contenders.map(({ title, callers }) => [
      title,
      ...callers.map(({ perSecond }) => perSecond.toFixed(0)),
    ])
    return ['', `${title}: answers per second`, ...tableLines([head, ...rows])]
  })
  return {
    text: ['Answers per second, by callers at once', ...lines, '', ...field.missing].join('\n'),
    options: { ...plan, ...counts },
    results,
    versions: field.versions,
    files: {
      'throughput.svg': lineChart({
        title: 'Answers per second, by callers at once',
        panels: results.map(({ title, contenders }) => ({
          title,
          lines: contenders.map(({ title, callers }) => ({
            label: title,
            points: callers.map(({ callers, perSecond }) => ({ x: callers, y: perSecond })),
          })),
        })),
        x: { label: 'callers at once, in one process', format: String },
        y: {
          label: 'answers per second',
          format: (value) => value.toLocaleString('en', { maximumFractionDigits: 0 }),
          scale: 'log',
        },
        notes: [
          'One process asks; servers are on the same machine, with pools of at most 8 connections. A hit in the process waits for nobody,',
          'so more callers do not make more of them; a worker asks its primary, and what is asked in one turn travels as one message.',
        ],
      }),
    },
  }
}
