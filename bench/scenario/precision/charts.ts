import { lineChart, type ChartLine, type LineChart } from '../../chart/line-chart.ts'
import type { DatabaseResult, ModeResult, PrecisionPlan } from './findings.ts'
import { modes, type Mode } from './modes.ts'

/** What one way of caching did at one share of writes. */
/** Hit ratio and throughput by share of writes, a panel for each database. */
export function chartsOf(
  results: readonly DatabaseResult[],
  plan: PrecisionPlan,
): Readonly<Record<string, string>> {
  const x: LineChart['x'] = { label: 'writes per 100 requests', format: (share) => hundred(share) }
  return {
    'hit-ratio.svg': lineChart({
      title: 'Hit ratio by share of writes',
      panels: panelsOf(results, modes, ({ hitRatio }) => hitRatio),
      x,
      y: { label: 'hits per 100 reads', format: hundred, scale: 'linear', end: 1 },
      notes: [...staleNotes(results), conditions(plan)],
    }),
    'throughput.svg': lineChart({
      title: 'Requests per second by share of writes',
      panels: panelsOf(results, [...modes, 'none'], ({ requestsPerSecond }) => requestsPerSecond),
      x,
      y: {
        label: 'requests per second, one client',
        format: (value) => value.toLocaleString('en'),
        scale: 'linear',
      },
      notes: [
        'One client, one request after the other, the database on the same machine.',
        conditions(plan),
      ],
    }),
  }
}

function panelsOf(
  results: readonly DatabaseResult[],
  ways: readonly (Mode | 'none')[],
  figure: (result: ModeResult) => number,
): LineChart['panels'] {
  return results.map(({ database, sweep }) => ({
    title: database,
    lines: ways.map((way): ChartLine => {
      const points = sweep.map(({ writeShare, modes: at }) => {
        const result = at.find(({ mode }) => mode === way)
        return { title: result?.title ?? way, x: writeShare, y: result ? figure(result) : 0 }
      })
      return { label: points[0]?.title ?? way, points }
    }),
  }))
}

function staleNotes(results: readonly DatabaseResult[]): string[] {
  const swept = results.flatMap(({ sweep }) => sweep.flatMap(({ modes: at }) => at))
  const byLifetime = swept.filter(({ mode }) => mode === 'ttl').map(({ staleShare }) => staleShare)
  const others = swept
    .filter(({ mode }) => mode !== 'ttl')
    .reduce((sum, { staleHits }) => sum + staleHits, 0)
  return [
    `Stale hits, each hit compared with the database: up to ${(Math.max(...byLifetime) * 100).toFixed(1)} % of the hits with a lifetime only; ${others} with Millrace and with invalidation by table.`,
  ]
}

function conditions({ orders, tenants, skew, sweepRequests }: PrecisionPlan): string {
  return `${orders.toLocaleString('en')} orders of ${tenants.toLocaleString('en')} tenants, Zipf ${skew}, ${sweepRequests.toLocaleString('en')} requests after as many to warm up.`
}

function hundred(share: number): string {
  return (share * 100).toFixed(0)
}
