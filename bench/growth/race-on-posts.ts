import type { BenchSetting } from '../benchmark.ts'
import type { ContenderId } from '../contenders/contender.ts'
import { fieldOf, Grounds, type Field } from '../contenders/field.ts'
import { kindsOf } from '../contenders/order.ts'
import type { PostCounts, Question } from '../contenders/posts.ts'
import {
  compare,
  oneLife,
  type Comparison,
  type Life,
  type ProcessContender,
  type RoundPlan,
} from '../process-rounds.ts'

/** What came of a race. */
export interface RaceOutcome {
  readonly field: Field
  /** By kind of slice, then in the order of the field's contenders. Ratios are to the first. */
  readonly kinds: ReadonlyMap<string, readonly Comparison[]>
}

/** Lets contenders answer questions about posts, each in a process of its own; `inFlight` as in a contender's order. */
export async function raceOnPosts(
  setting: BenchSetting,
  plan: RoundPlan,
  counts: PostCounts,
  questions: readonly Question[],
  wanted: readonly ContenderId[],
  inFlight?: readonly number[],
): Promise<RaceOutcome> {
  const field = await fieldOf(wanted, setting)
  for (const line of field.missing) setting.progress(`left out: ${line}`)
  const concurrent = inFlight === undefined ? {} : { inFlight }
  const kinds = questions
    .flatMap((question) => kindsOf(question, concurrent))
    .map((kind) => kind.name)
  const lives: Life[] = []
  const grounds = await Grounds.open(counts)
  try {
    for (let life = 1; life <= plan.lives; life++) {
      setting.progress(`processes ${life} of ${plan.lives}: ${field.contenders.length} contenders`)
      const processes: ProcessContender[] = []
      for (const contender of field.contenders) {
        const workers = contender.id === 'millrace-worker' ? 1 : 0
        processes.push(await grounds.processOf(contender, { questions, workers, ...concurrent }))
      }
      lives.push(await oneLife(processes, kinds, plan, setting.progress))
    }
  } finally {
    await grounds.drop()
  }
  return { field, kinds: new Map(kinds.map((kind) => [kind, compare(lives, kind, 0)])) }
}
