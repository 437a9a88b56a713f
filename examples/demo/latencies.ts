/** Each bucket is this much wider than the one before: percentiles are right to within 2 %. */
const growth = 1.02
/** The first bucket ends at a microsecond, the last one at six minutes. */
const bucketCount = 1000

/** Counts durations in buckets, so that those of several workers can be added up. */
export class Latencies {
  readonly #buckets: number[]

  constructor(buckets: readonly number[] = new Array<number>(bucketCount).fill(0)) {
    this.#buckets = [...buckets]
  }

  static sum(all: readonly Latencies[]): Latencies {
    const sum = new Latencies()
    for (const each of all) {
      sum.#buckets.forEach((count, at) => (sum.#buckets[at] = count + (each.#buckets[at] ?? 0)))
    }
    return sum
  }

  /** How many durations were added. */
  get count(): number {
    return this.#buckets.reduce((sum, count) => sum + count, 0)
  }

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(ms * 1000) / Math.log(growth))
    const at = Math.min(bucketCount - 1, Math.max(0, bucket))
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1
  }

  /** The duration in milliseconds that a share of all (0.99 for p99) did not exceed. */
  percentile(share: number): number {
    let left = share * this.count
    for (const [bucket, count] of this.#buckets.entries()) {
      left -= count
      if (left <= 0) return growth ** bucket / 1000
    }
    return 0
  }

  /** As plain numbers, for the way to another process. */
  toJSON(): number[] {
    return [...this.#buckets]
  }
}
