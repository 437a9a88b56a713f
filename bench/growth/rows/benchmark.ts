import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import { lineChart } from '../../chart/line-chart.ts'
import type { ContenderId } from '../../contenders/contender.ts'
import { postColumns, type PostCounts, type Question } from '../../contenders/posts.ts'
import type { RoundPlan } from '../../process-rounds.ts'
import { figure, tableLines } from '../../table.ts'
import { raceOnPosts } from '../race-on-posts.ts'

const wanted: readonly ContenderId[] = [
  'knex-sqlite',
  'millrace-sqlite',
  'millrace-frozen',
  'bentocache',
  'cacheable',
  'async-cache-dedupe',
]

/** What an answer costs as it has more rows. */
export async function benchmarkRows(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 4, sliceMs: 10, warmUpMs: 40 }
    : { lives: 2, rounds: 20, sliceMs: 30, warmUpMs: 300 }
  const sizes = [1, 10, 50, 200]
  const counts: PostCounts = { categories: setting.quick ? 20 : 100, perCategory: 200 }
  const questions = sizes.map((rows): Question => ({
    name: `rows-${rows}`,
    title: `${rows} rows of 8 columns`,
    columns: postColumns,
    by: 'category',
    rows,
    limit: rows,
    values: Array.from({ length: counts.categories }, (_, place) => place),
  }))
  const { field, kinds } = await raceOnPosts(setting, plan, counts, questions, wanted)
  const results = field.contenders.map(({ id, title }, place) => ({
    id,
    title,
    sizes: questions.map(({ name, rows }) => ({ rows, ...kinds.get(name)?.[place] })),
  }))
  const head = ['median us', ...sizes.map((rows) => `${rows} rows`)]
  const lines = results.map(({ title, sizes }) => [
    title,
    ...sizes.map(({ p50us = NaN }) => figure(p50us)),
  ])
  return {
    text: ['An answer, by its rows', ...tableLines([head, ...lines]), ...field.missing].join('\n'),
    options: { ...plan, ...counts },
    results,
    versions: field.versions,
    files: {
      'cost.svg': lineChart({
        title: 'What an answer costs, by its rows',
        panels: [
          {
            title: 'A filtered, ordered list of 8 columns',
            lines: results.map(({ title, sizes }) => ({
              label: title,
              points: sizes.map(({ rows, p50us = NaN }) => ({ x: rows, y: p50us })),
            })),
          },
        ],
        x: { label: 'rows in the answer', format: String },
        y: { label: 'microseconds per answer, median', format: String, scale: 'log' },
        notes: [
          `${counts.categories} different answers of each size in turn, all in the cache. Both axes have equal factors.`,
        ],
      }),
    },
  }
}
