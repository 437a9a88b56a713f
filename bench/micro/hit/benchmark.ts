import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import type { Examination } from '../../contenders/examination.ts'
import { fieldOf, Grounds, type Field } from '../../contenders/field.ts'
import { allContenders } from '../../contenders/registry.ts'
import type { Question } from '../../contenders/posts.ts'
import {
  compare,
  oneLife,
  ratioOf,
  type Life,
  type ProcessContender,
  type RoundPlan,
} from '../../process-rounds.ts'
import { chartsOf } from './charts.ts'
import { goalsOf } from './goals.ts'
import { countsOf, questionsOf } from './questions.ts'
import { reportOf, type HitResult } from './report.ts'

/**
 * What a cached answer costs: Millrace, other caches, plain Knex and the drivers themselves, all with the same two questions, each in a
 * process of its own.
 */
export async function benchmarkHits(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 5, sliceMs: 10, warmUpMs: 50 }
    : { lives: 3, rounds: 30, sliceMs: 30, warmUpMs: 300 }
  const counts = countsOf(setting.quick)
  const questions = questionsOf(counts)
  const field = await fieldOf(allContenders, setting)
  for (const line of field.missing) setting.progress(`left out: ${line}`)
  const lives: Life[] = []
  const grounds = await Grounds.open(counts)
  try {
    for (let life = 1; life <= plan.lives; life++) {
      setting.progress(`processes ${life} of ${plan.lives}: ${field.contenders.length} contenders`)
      const processes: ProcessContender[] = []
      for (const contender of field.contenders) {
        const workers = contender.id === 'millrace-worker' ? 1 : 0
        const raced = await grounds.raceOf(contender, setting.databases)
        processes.push(await grounds.processOf(contender, { questions, workers, ...raced }))
      }
      const kinds = questions.map(({ name }) => name)
      lives.push(await oneLife(processes, kinds, plan, setting.progress))
    }
  } finally {
    await grounds.drop()
  }
  const results = questions.map((question) => resultOf(question, field, lives))
  return {
    text: reportOf(results, field.missing),
    options: { ...plan, ...counts, workingSet: counts.categories },
    results: { questions: results, missing: field.missing },
    versions: field.versions,
    goals: await goalsOf(field, lives),
    files: chartsOf(results),
  }
}

function resultOf(question: Question, { contenders }: Field, lives: readonly Life[]): HitResult {
  const { name, title, values, rows } = question
  const costs = compare(lives, name, placeOf(contenders, 'knex-sqlite'))
  return {
    title,
    rows,
    values: values.length,
    contenders: contenders.map(({ id, title, database, promises }, place) => {
      const { calls = 0, p50us = NaN, p99us = NaN } = costs[place] ?? {}
      return {
        id,
        title,
        database,
        calls,
        p50us,
        p99us,
        timesKnex: ratioOf(lives, name, placeOf(contenders, `knex-${database}`), place),
        promises: promises ?? null,
        seen: (lives[0]?.findings[place] as Examination | undefined) ?? null,
      }
    }),
  }
}

function placeOf(contenders: Field['contenders'], wanted: string): number {
  return contenders.findIndex(({ id }) => id === wanted)
}
