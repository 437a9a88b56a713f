import type { BufferStats } from 'millrace'
import type { Match, Proof } from './proof.ts'
import type { Round } from './run-round.ts'
import type { Tally } from './tally.ts'
import { whole } from './text.ts'

/** What the rounds and the proof came to. */
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
export function judge(results: Results): Verdict[] {
  const { views, visits, versions } = results.proof
  return [
    neverStale(results),
    checkerWorks(results.naive),
    allApplied(results),
    match('View counters', views),
    match('Visit log', visits),
    match('Direct updates', versions),
  ]
}

/** Without a cache there is nothing stale either: the checker accuses nobody wrongly. */
function neverStale({ cached, uncached }: Results): Verdict {
  return {
    claim: 'No stale reads',
    finding: `${staleOf(cached)} (without a cache ${staleOf(uncached)})`,
    holds: cached.stale === 0 && cached.checked > 0 && uncached.stale === 0,
  }
}

function checkerWorks(naive: Round): Verdict {
  return {
    claim: 'The checker finds them',
    finding: `${staleOf(naive)} through a plain TTL cache`,
    holds: naive.stale > 0,
  }
}

function allApplied({ proof, tally, buffer }: Results): Verdict {
  const accepted = proof.views.acknowledged + proof.visits.acknowledged
  const refused = tally.refused + buffer.dead
  return {
    claim: 'Buffered writes',
    finding: `${whole(accepted)} accepted, ${whole(tally.applied)} applied, ${whole(refused)} refused, ${whole(buffer.pending)} left`,
    holds: accepted > 0 && tally.applied === accepted && refused === 0 && buffer.pending === 0,
  }
}

function match(claim: string, { acknowledged, inDatabase, different }: Match): Verdict {
  return {
    claim,
    finding: `${whole(acknowledged)} acknowledged, ${whole(inDatabase)} in the database, ${whole(different)} rows differ`,
    holds: acknowledged > 0 && inDatabase === acknowledged && different === 0,
  }
}

function staleOf({ stale, checked }: Round): string {
  return `${whole(stale)} of ${whole(checked)} checked`
}
