import type { Crew } from './crew.ts'
import { countStaleReads } from './evidence.ts'
import { Latencies } from './latencies.ts'
import type { Progress } from './progress.ts'
import type { ReaderName } from './readers.ts'

/** A round of traffic over all workers. */
export interface Round {
  readonly reads: number
  readonly readsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Reads that Millrace answered without a query. */
  readonly hits: number
  /** Sightings of watched cities that were checked. */
  readonly checked: number
  readonly stale: number
}

export async function runRound(
  crew: Crew,
  reader: ReaderName,
  seconds: number,
  progress: Progress,
): Promise<Round> {
  const begunAt = performance.now()
  const elapsed = (): number => (performance.now() - begunAt) / 1000
  const ticker = setInterval(() => {
    const now = Math.min(elapsed(), seconds)
    progress.show(now / seconds, `${now.toFixed(0)} of ${seconds} s`)
  }, 100)
  const reports = await crew.serve(reader, seconds).finally(() => clearInterval(ticker))

  const reads = sum(reports.map((report) => report.reads))
  const latencies = reports.reduce(
    (merged, report) => merged.merge(new Latencies(report.latencies)),
    new Latencies(),
  )
  progress.end(`${reads.toLocaleString('en')} reads`)
  return {
    reads,
    readsPerSecond: reads / seconds,
    p50Ms: latencies.percentile(0.5),
    p99Ms: latencies.percentile(0.99),
    hits: sum(reports.map((report) => report.hits)),
    checked: sum(reports.map((report) => report.sightings.length)),
    stale: countStaleReads(reports),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
