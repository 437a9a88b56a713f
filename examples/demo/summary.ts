import type { BufferStats } from 'millrace'
import type { Match, Proof } from './proof.ts'
import type { Round } from './run-round.ts'
import type { Tally } from './tally.ts'

export interface Results {
  readonly uncached: Round
  readonly cached: Round
  readonly naive: Round
  readonly tally: Tally
  readonly buffer: BufferStats
  readonly proof: Proof
}

/** One claim of the summary, and whether it holds. */
export interface Verdict {
  readonly claim: string
  readonly finding: string
  readonly holds: boolean
}

/** Everything that has to add up. */
export function judge({ uncached, cached, naive, tally, buffer, proof }: Results): Verdict[] {
  const accepted = proof.views.acknowledged + proof.visits.acknowledged
  return [
    {
      claim: 'No stale reads',
      finding: `${whole(cached.stale)} of ${whole(cached.checked)} checked (${whole(uncached.stale)} of ${whole(uncached.checked)} without a cache)`,
      holds: cached.stale === 0 && cached.checked > 0 && uncached.stale === 0,
    },
    {
      claim: 'The checker finds them',
      finding: `a plain TTL cache gave ${whole(naive.stale)} stale reads of ${whole(naive.checked)}`,
      holds: naive.stale > 0,
    },
    {
      claim: 'Buffered writes',
      finding: `${whole(accepted)} accepted, ${whole(tally.applied)} applied, ${whole(tally.refused + buffer.dead)} refused, ${whole(buffer.pending)} left`,
      holds:
        accepted > 0 &&
        tally.applied === accepted &&
        tally.refused + buffer.dead + buffer.pending === 0,
    },
    match('View counters', 'views', proof.views),
    match('Visit log', 'visits', proof.visits),
    match('Direct updates', 'updates', proof.versions),
  ]
}

function match(claim: string, what: string, found: Match): Verdict {
  const { acknowledged, inDatabase, different } = found
  return {
    claim,
    finding: `${whole(acknowledged)} ${what} acknowledged, ${whole(inDatabase)} in the database, ${whole(different)} rows differ`,
    holds: acknowledged > 0 && inDatabase === acknowledged && different === 0,
  }
}

export function printSummary({ uncached, cached }: Results, verdicts: Verdict[]): void {
  const faster = cached.readsPerSecond / uncached.readsPerSecond
  const rows: [string, string, string, string?][] = [
    ['', 'without a cache', 'with Millrace'],
    [
      'Reads per second',
      whole(uncached.readsPerSecond),
      whole(cached.readsPerSecond),
      `${faster.toFixed(1)}x`,
    ],
    ['Half are faster than', ms(uncached.p50Ms), ms(cached.p50Ms), 'p50'],
    ['99 % are faster than', ms(uncached.p99Ms), ms(cached.p99Ms), 'p99'],
    [
      'Answered by the cache',
      '',
      `${((100 * cached.hits) / cached.reads).toFixed(1)} %`,
      'hit ratio',
    ],
    ['Queries saved', '', whole(cached.hits), `of ${whole(cached.reads)}`],
  ]
  console.log()
  for (const [label, before, after, note = ''] of rows) {
    console.log(
      `  ${label.padEnd(24)}${before.padStart(16)}${after.padStart(16)}   ${note}`.trimEnd(),
    )
  }
  console.log()
  for (const { claim, finding, holds } of verdicts) {
    console.log(`  ${holds ? 'ok    ' : 'WRONG '}  ${claim.padEnd(24)}${finding}`)
  }
  console.log()
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en')
}

function ms(number: number): string {
  return `${number.toFixed(2)} ms`
}
