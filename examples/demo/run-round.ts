import type { Crew } from './crew.ts'
import { countStaleReads } from './evidence.ts'
import { Latencies } from './latencies.ts'
import { perPage } from './pages.ts'
import type { PageKind } from './pages.ts'
import type { Progress } from './progress.ts'
import type { ReaderName } from './readers.ts'
import { whole } from './text.ts'

/** A round of traffic over all workers. */
export interface Round {
  readonly readsPerSecond: number
  /** How long all reads took, and those of each kind of page. */
  readonly latencies: Latencies
  readonly byPage: Readonly<Record<PageKind, Latencies>>
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

  const byPage = perPage((kind) =>
    Latencies.sum(reports.map((report) => new Latencies(report.latencies[kind]))),
  )
  const latencies = Latencies.sum(Object.values(byPage))
  progress.end(`${whole(latencies.count)} reads`)
  return {
    readsPerSecond: latencies.count / seconds,
    latencies,
    byPage,
    hits: sum(reports.map((report) => report.hits)),
    checked: sum(reports.map((report) => report.sightings.length)),
    stale: countStaleReads(reports),
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
