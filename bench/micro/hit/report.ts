import { race } from '../../contenders/burst.ts'
import type { Promises } from '../../contenders/contender.ts'
import type { Examination } from '../../contenders/examination.ts'
import type { Estimate } from '../../interval.ts'
import { figure, tableLines } from '../../table.ts'

/** What all contenders took for one question. */
export interface HitResult {
  readonly title: string
  readonly rows: number
  /** How many different values were asked for in turn. */
  readonly values: number
  readonly contenders: readonly ContenderResult[]
}

export interface ContenderResult {
  readonly id: string
  readonly title: string
  readonly database: string
  readonly calls: number
  readonly p50us: number
  readonly p99us: number
  /** How many times as fast as Knex on the same database. */
  readonly timesKnex: Estimate
  /** `null` where nothing is cached. */
  readonly promises: Promises | null
  /** What was seen before the measurement. */
  readonly seen: Examination | null
}

/** Tables for people: one for each question, and one for what the caches promise. */
export function reportOf(results: readonly HitResult[], missing: readonly string[]): string {
  const lines = ['A cached answer beside the question without a cache (95 % interval)']
  for (const { title, values, contenders } of results) {
    const rows = contenders.map(({ title, p50us, p99us, timesKnex }) => {
      const { median, low, high } = timesKnex
      return [
        title,
        figure(p50us),
        figure(p99us),
        `${figure(median)} (${figure(low)} to ${figure(high)})`,
      ]
    })
    const head = ['', 'median us', 'p99 us', 'times as fast as Knex on the same database']
    lines.push('', `${title}; ${values} values in turn`, ...tableLines([head, ...rows], [0, 3]))
  }
  lines.push('', ...promisesTable(results[0]?.contenders ?? []))
  if (missing.length > 0) {
    lines.push('', 'NOT COMPLETE. Missing above:', ...missing.map((line) => `  ${line}`))
  }
  return lines.join('\n')
}

function promisesTable(contenders: readonly ContenderResult[]): string[] {
  const rows = [['', 'invalidation', 'a caller gets', 'stale reads']]
  for (const { title, promises, seen } of contenders) {
    if (promises === null || seen === null) continue
    const { invalidation, answer, stale } = promises
    rows.push([
      title,
      `${invalidation} (${seen.seesWrites ? 'the write was seen' : 'the old answer came'})`,
      `${answer} (${seen.isolates ? 'isolated' : 'the next caller saw the change'})`,
      seen.race === null
        ? stale
        : `${stale} (${seen.race.stale} of ${seen.race.reads.toLocaleString('en')})`,
    ])
  }
  return [
    'What the caches promise (and what was seen before the measurement: the next answer after a write with no invalidation by hand;',
    `the next answer after a caller changed one; stale reads by ${race.readers} readers in ${race.bursts} bursts of ${race.writesPerBurst} writes, invalidated as documented)`,
    ...tableLines(rows, [0, 1, 2, 3]),
  ]
}
