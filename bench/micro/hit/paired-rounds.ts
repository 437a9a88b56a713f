import { measure } from 'mitata'
import { estimate, shuffle, type Estimate } from '../../interval.ts'

/** One way to answer the same question. */
export interface Contender {
  readonly name: string
  /** Answers once, consumes the answer, and returns something of it that `measure` keeps alive. */
  run(): Promise<unknown>
}

/** How long and how often is measured. */
export interface RoundOptions {
  /** Rounds that count; in each, every contender has one slice. */
  readonly rounds: number
  /** Milliseconds of calls in one slice. */
  readonly sliceMs: number
  /** Milliseconds of calls before the first round, per contender. */
  readonly warmUpMs: number
}

/** Nanoseconds per call. */
export interface Timing {
  readonly name: string
  readonly calls: number
  readonly p50: number
  readonly p99: number
  /** The median of each round, in order: what the ratios are made of. */
  readonly roundP50: readonly number[]
}

/**
 * Measures contenders side by side: every round gives each of them one slice, in a random order. What slows the machine down for a moment
 * then meets all of them, and each is compared with its neighbours of the same round. Every call is timed on its own, so the percentiles are those of calls.
 */
export async function pairedRounds(
  contenders: readonly Contender[],
  options: RoundOptions,
): Promise<readonly Timing[]> {
  const taken = contenders.map(() => ({ samples: [] as Float64Array[], roundP50: [] as number[] }))
  for (const contender of contenders) await slice(contender, options.warmUpMs)
  for (let round = 0; round < options.rounds; round++) {
    for (const [place, contender] of shuffle([...contenders.entries()])) {
      const record = taken[place]
      if (record === undefined) continue
      const samples = await slice(contender, options.sliceMs)
      record.samples.push(samples)
      record.roundP50.push(percentile(samples, 0.5))
    }
  }
  return contenders.map(({ name }, place) => {
    const { samples = [], roundP50 = [] } = taken[place] ?? {}
    const all = merge(samples)
    const [p50, p99] = [percentile(all, 0.5), percentile(all, 0.99)]
    return { name, calls: all.length, p50, p99, roundP50 }
  })
}

/** How many times as fast as `base` a contender is, round by round. */
export function speedupOver(base: Timing, other: Timing): Estimate {
  return estimate([base.roundP50.map((ns, round) => ns / (other.roundP50[round] ?? NaN))])
}

/** Sorted nanoseconds of every call in one slice. */
async function slice(contender: Contender, durationMs: number): Promise<Float64Array> {
  const stats = await measure(() => contender.run(), {
    min_cpu_time: durationMs * 1e6,
    // Below every duration: calls are never timed in batches, which would hide the tail.
    batch_threshold: -1,
  })
  return Float64Array.from(stats.samples).sort()
}

function merge(lists: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(lists.reduce((length, list) => length + list.length, 0))
  let at = 0
  for (const list of lists) {
    all.set(list, at)
    at += list.length
  }
  return all.sort()
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
