import type { ContenderId } from '../../contenders/contender.ts'
import type { Field } from '../../contenders/field.ts'
import { contenderOf } from '../../contenders/registry.ts'
import type { Goal } from '../../goal.ts'
import { ratioOf, type Life } from '../../process-rounds.ts'

/** `[question, who is measured, beside whom, bound, limit]`. A bound of `at least`: times as fast; `at most`: times the cost. */
type Aim = readonly [
  question: 'row' | 'list',
  measured: ContenderId,
  beside: ContenderId,
  bound: Goal['bound'],
  limit: number,
]

const aims: readonly Aim[] = [
  ['row', 'millrace-sqlite', 'knex-sqlite', 'at least', 20],
  ['list', 'millrace-sqlite', 'knex-sqlite', 'at least', 40],
  ['list', 'millrace-frozen', 'knex-sqlite', 'at least', 100],
  ['row', 'millrace-postgres', 'knex-postgres', 'at least', 60],
  ['list', 'millrace-postgres', 'knex-postgres', 'at least', 60],
  ['row', 'millrace-sqlite', 'bentocache', 'at least', 5],
  ['list', 'millrace-sqlite', 'bentocache', 'at least', 5],
  ['row', 'millrace-sqlite', 'cacheable', 'at least', 5],
  ['list', 'millrace-sqlite', 'cacheable', 'at least', 5],
  ['row', 'millrace-sqlite', 'async-cache-dedupe', 'at most', 1.5],
  ['list', 'millrace-frozen', 'async-cache-dedupe', 'at most', 1.5],
]

/** The project's goals for hits, not measured where one that they are about took no part. */
export async function goalsOf({ contenders }: Field, lives: readonly Life[]): Promise<Goal[]> {
  const titles = new Map<ContenderId, string>()
  for (const id of aims.flatMap((aim) => [aim[1], aim[2]])) {
    titles.set(id, (await contenderOf(id)).title)
  }
  return aims.map(([question, measured, beside, bound, limit]) => {
    const place = contenders.findIndex(({ id }) => id === measured)
    const base = contenders.findIndex(({ id }) => id === beside)
    const [over, under] = bound === 'at least' ? [base, place] : [place, base]
    const rows = question === 'row' ? '1 row' : '50 rows'
    const relation = bound === 'at least' ? 'times as fast as' : 'times the cost of'
    return {
      title: `${rows}: ${titles.get(measured) ?? ''}, ${relation} ${titles.get(beside) ?? ''}`,
      bound,
      limit,
      measured: place < 0 || base < 0 ? undefined : ratioOf(lives, question, over, under),
    }
  })
}
