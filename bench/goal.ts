import type { Estimate } from './interval.ts'
import { figure, tableLines } from './table.ts'

/** Something that the project has set itself, and what a run measured of it. */
export interface Goal {
  readonly title: string
  /** `at least`: as many times as fast, or more. `at most`: as many times the cost, or less. */
  readonly bound: 'at least' | 'at most'
  readonly limit: number
  /** `undefined`: a contender that it is about did not take part. */
  readonly measured: Estimate | undefined
}

/** Whether the median is on the right side of the limit. */
export function isReached({ bound, limit, measured }: Goal): boolean {
  if (measured === undefined) return false
  return bound === 'at least' ? measured.median >= limit : measured.median <= limit
}

/** The goals as a table, each with what was measured in this run. */
export function goalsBlock(goals: readonly Goal[], remark = ''): string {
  const rows = goals.map((goal) => {
    const { title, bound, limit, measured } = goal
    if (measured === undefined) return ['not measured', title, `${bound} ${limit}`]
    const { median, low, high } = measured
    const unsure = low < limit && limit < high ? ', the limit is within the interval' : ''
    return [
      isReached(goal) ? 'reached' : 'NOT REACHED',
      title,
      `${bound} ${limit}`,
      `${figure(median)} (${figure(low)} to ${figure(high)})${unsure}`,
    ]
  })
  const head = ['', 'goal', 'limit', 'measured (95 % interval)']
  return [
    `Goals, by what this run measured${remark}`,
    '',
    ...tableLines([head, ...rows], [0, 1, 2, 3]),
  ].join('\n')
}
