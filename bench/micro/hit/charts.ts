import { barChart } from '../../chart/bar-chart.ts'
import { figure } from '../../table.ts'
import type { ContenderResult, HitResult } from './report.ts'

/** The medians of all contenders as bars. */
export function chartsOf(results: readonly HitResult[]): Readonly<Record<string, string>> {
  const groups = results.map(({ title, values, contenders }) => ({
    title: `${title}; ${values} values in turn`,
    bars: contenders.map((contender) => ({
      label: contender.title,
      value: contender.p50us,
      kind: kindOf(contender),
    })),
  }))
  return {
    'cost.svg': barChart({
      title: 'What an answer costs',
      groups,
      label: 'microseconds per answer, median; less is better; the axis has equal factors',
      format: figure,
      notes: [
        'Each contender in a process of its own, in turns of one run. Contenders without a cache ask their database, on the same machine, each time.',
        'A shared answer is poisoned by a caller who changes it. What each cache promises beside its cost is in the table of the same run.',
      ],
    }),
  }
}

function kindOf({ id, promises }: ContenderResult): string {
  if (id.startsWith('millrace')) return 'Millrace, a hit'
  if (promises === null) return 'no cache'
  return promises.answer === 'shared'
    ? 'other caches, one answer shared by all'
    : 'other caches, a copy for each caller'
}
