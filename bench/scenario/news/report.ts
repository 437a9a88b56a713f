import { estimate, medianOf, type Estimate } from '../../interval.ts'
import type { SliceResult } from './contender-process.ts'
import { contenders, type Contender } from './contenders.ts'
import type { NewsPlan } from './plan.ts'
import { percentile } from './traffic.ts'

/** What one contender did on one database. */
export interface ContenderResult extends Contender {
  /** Requests per second, as fast as it goes. */
  readonly throughput: Estimate
  /** The same over that of the first contender in the same round. */
  readonly ratio: Estimate
  /** Milliseconds of the process's CPU per request, as fast as it goes. */
  readonly cpuPerRequest: number
  /** Milliseconds from arrival to answer, at the fixed rate: of all requests of all rounds. */
  readonly p50: number
  readonly p99: number
  /** Whether it was done with the requests soon after the last one had come. */
  readonly keptUp: boolean
  /** Of the queries that asked a cache at the fixed rate, the part that it answered; `undefined` where there is none. */
  readonly hitRatio: number | undefined
  /** Sent to the database per request, at the fixed rate. */
  readonly statementsPerRequest: number
  /** Answers that were looked at, and those that were older than what had been acknowledged; both phases. */
  readonly answers: number
  readonly stale: number
  readonly staleBy: Readonly<Record<string, number>>
  readonly slices: {
    readonly closed: readonly SliceFigures[]
    readonly open: readonly SliceFigures[]
  }
}

/** Every latency would make the file too long. */
type SliceFigures = Omit<SliceResult, 'latencies'> & { readonly p50: number; readonly p99: number }

/** What was found on one database. */
export interface DatabaseResult {
  readonly database: string
  readonly rows: Readonly<Record<string, number>>
  /** The fixed rate, in requests per second. */
  readonly rate: number
  readonly contenders: readonly ContenderResult[]
  /** Who is not there, and why. */
  readonly notes: readonly string[]
}

export function resultOf(
  contender: Contender,
  closed: readonly SliceResult[],
  open: readonly SliceResult[],
  { base, rate }: { readonly base: readonly SliceResult[]; readonly rate: number },
): ContenderResult {
  const latencies = open.flatMap((slice) => slice.latencies)
  const all = [...closed, ...open]
  const cachedReads = sum(open, 'cachedReads')
  const staleBy: Record<string, number> = {}
  for (const slice of all) {
    for (const [query, count] of Object.entries(slice.staleBy)) {
      staleBy[query] = (staleBy[query] ?? 0) + count
    }
  }
  return {
    ...contender,
    throughput: estimate([closed.map(({ requests, seconds }) => requests / seconds)]),
    ratio: estimate([closed.map(({ seconds }, round) => (base[round]?.seconds ?? NaN) / seconds)]),
    cpuPerRequest: (1000 * sum(closed, 'cpuSeconds')) / sum(closed, 'requests'),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    keptUp: medianOf(open.map(({ requests, seconds }) => (seconds * rate) / requests)) < 1.2,
    hitRatio: cachedReads === 0 ? undefined : sum(open, 'hits') / cachedReads,
    statementsPerRequest: sum(open, 'statements') / sum(open, 'requests'),
    answers: sum(all, 'answers'),
    stale: sum(all, 'stale'),
    staleBy,
    slices: { closed: closed.map(figuresOf), open: open.map(figuresOf) },
  }
}

function figuresOf({ latencies, ...figures }: SliceResult): SliceFigures {
  return { ...figures, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) }
}

export function tableOf(results: readonly DatabaseResult[], plan: NewsPlan): string {
  const { scale, seed, requests, rounds, clients, lifetimeSeconds } = plan
  const lines = [
    `News site, scale ${scale}, --seed=${seed}; ${rounds} rounds of ${requests} requests by ${clients} clients as fast as it goes, and as many at a fixed rate`,
    `Ratios are to ${contenders[0]?.title ?? ''}, round by round, with the interval that holds them with 95 %. Entries that nothing invalidates live for ${lifetimeSeconds} s.`,
  ]
  for (const { database, rows, rate, contenders: measured, notes } of results) {
    const filled = Object.entries(rows).filter(([, count]) => count > 0)
    lines.push(
      '',
      `${database}: ${filled.map(([table, count]) => `${count.toLocaleString('en')} ${table}`).join(', ')}`,
      headingOf(rate),
      line(
        '',
        'requests/s',
        'ratio',
        'CPU ms',
        'p50 ms',
        'p99 ms',
        'hits',
        'queries',
        'stale',
        'of',
      ),
      ...measured.map(lineOf),
    )
    if (measured.some(({ keptUp }) => !keptUp)) {
      lines.push(
        '* did not keep up with this rate: its requests waited for each other, longer and longer.',
      )
    }
    lines.push(...notes)
  }
  return lines.join('\n')
}

function lineOf(result: ContenderResult): string {
  const { title, throughput, ratio, cpuPerRequest, p50, p99, keptUp } = result
  const { hitRatio, statementsPerRequest, stale, answers } = result
  return line(
    title,
    throughput.median.toFixed(0),
    `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)})`,
    cpuPerRequest.toFixed(2),
    p50.toFixed(2),
    `${p99.toFixed(2)}${keptUp ? ' ' : '*'}`,
    hitRatio === undefined ? '-' : `${(hitRatio * 100).toFixed(1)} %`,
    statementsPerRequest.toFixed(2),
    String(stale),
    String(answers),
  )
}

const widths = [24, 12, 19, 8, 9, 10, 9, 9, 8, 8] as const

function line(...cells: readonly string[]): string {
  const [title = '', ...figures] = cells
  const padded = figures.map((figure, at) => figure.padStart(widths[at + 1] ?? 0))
  return title.padEnd(widths[0]) + padded.join('')
}

/** What columns have in common, above them. */
function headingOf(rate: number): string {
  const over = (words: string, from: number, to: number): string => {
    const width = widths.slice(from, to).reduce((sum, one) => sum + one, 0)
    return `   ${words} `.padEnd(width, '-')
  }
  const fixed = `at ${rate.toFixed(0)} requests/s`
  return `${''.padEnd(widths[0])}${over('as fast as it goes', 1, 4)}${over(fixed, 4, 8)}${over('answers', 8, 10)}`
}

function sum(
  slices: readonly SliceResult[],
  figure: 'requests' | 'cpuSeconds' | 'statements' | 'cachedReads' | 'hits' | 'answers' | 'stale',
): number {
  return slices.reduce((total, slice) => total + slice[figure], 0)
}
