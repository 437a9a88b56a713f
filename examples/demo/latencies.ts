/** Each bucket is this much wider than the one before: percentiles are right to within 2 %. */
const growth = 1.02

/** Counts durations in buckets, so that those of several workers can be added up. */
export class Latencies {
  readonly #buckets: number[]

  constructor(buckets: readonly number[] = []) {
    this.#buckets = [...buckets]
  }

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(ms * 1000) / Math.log(growth)))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
  }

  merge(other: Latencies): this {
    other.#buckets.forEach((count, bucket) => {
      this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + count
    })
    return this
  }

  /** The duration in milliseconds that a share of all (0.99 for p99) did not exceed. */
  percentile(share: number): number {
    const counts = Array.from(this.#buckets, (count) => count ?? 0)
    let left = share * counts.reduce((sum, count) => sum + count, 0)
    for (const [bucket, count] of counts.entries()) {
      left -= count
      if (left <= 0) return growth ** bucket / 1000
    }
    return 0
  }

  /** As plain numbers, for the way to another process. */
  toJSON(): number[] {
    return Array.from(this.#buckets, (count) => count ?? 0)
  }
}
