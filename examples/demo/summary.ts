import { pageKinds } from './pages.ts'
import type { PageKind } from './pages.ts'
import { milliseconds, whole } from './text.ts'
import type { Results, Verdict } from './verdicts.ts'

type Row = readonly [label: string, before: string, after: string, note?: string]

const pageTitles: Readonly<Record<PageKind, string>> = {
  city: 'a city, by key',
  country: 'a filtered list',
  region: 'a join of three tables',
  figures: "a country's figures",
  world: "the world's figures",
}

export function printSummary(results: Results, verdicts: readonly Verdict[]): void {
  console.log()
  for (const [label, before, after, note = ''] of [...speed(results), ...savings(results)]) {
    const line = `  ${label.padEnd(26)}${before.padStart(16)}${after.padStart(16)}   ${note}`
    console.log(line.trimEnd())
  }
  console.log()
  for (const { claim, finding, holds } of verdicts) {
    console.log(`  ${holds ? 'ok   ' : 'WRONG'}  ${claim.padEnd(24)}${finding}`)
  }
  console.log()
}

function speed({ uncached, cached }: Results): Row[] {
  const faster = cached.readsPerSecond / uncached.readsPerSecond
  const durations = (label: string, share: number, kind?: PageKind): Row => {
    const [before, after] = [uncached, cached].map(({ latencies, byPage }) =>
      milliseconds((kind === undefined ? latencies : byPage[kind]).percentile(share)),
    )
    return [label, before ?? '', after ?? '', `p${share * 100}`]
  }
  return [
    ['', 'without a cache', 'with Millrace'],
    [
      'Reads per second',
      whole(uncached.readsPerSecond),
      whole(cached.readsPerSecond),
      `${faster.toFixed(1)}x`,
    ],
    durations('Half are faster than', 0.5),
    durations('99 % are faster than', 0.99),
    ...pageKinds.map((kind) => durations(`  ${pageTitles[kind]}`, 0.5, kind)),
  ]
}

function savings({ cached }: Results): Row[] {
  const reads = cached.latencies.count
  return [
    ['Hit ratio', '', `${((100 * cached.hits) / reads).toFixed(1)} %`],
    ['Queries saved', '', whole(cached.hits), `of ${whole(reads)}`],
  ]
}
