/** A repeatable source of numbers from 0 up to, not including, 1 (Tommy Ettinger's Mulberry32). */
export function repeatable(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws places of a list in proportion to their weights. */
export class Weighted {
  readonly #sums: Float64Array
  readonly #random: () => number

  constructor(weights: ArrayLike<number>, random: () => number) {
    this.#random = random
    this.#sums = new Float64Array(weights.length)
    let sum = 0
    for (let place = 0; place < weights.length; place++) {
      sum += weights[place] ?? 0
      this.#sums[place] = sum
    }
  }

  next(): number {
    const sums = this.#sums
    const target = this.#random() * (sums.at(-1) ?? 0)
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((sums[middle] ?? 0) > target) high = middle
      else low = middle + 1
    }
    return low
  }
}

/**
 * Draws from 1 to `count` with Zipf's law: the drawn number of rank r comes with a weight of 1 / r^exponent. Ranks are spread over the
 * numbers at random, so that neighbours are not popular together.
 */
export class Zipf {
  readonly #ranks: Weighted
  readonly #byRank: Uint32Array

  constructor(count: number, exponent: number, random: () => number) {
    const weights = new Float64Array(count)
    this.#byRank = new Uint32Array(count)
    for (let rank = 0; rank < count; rank++) {
      weights[rank] = 1 / (rank + 1) ** exponent
      // Fisher and Yates, built up from the front.
      const other = Math.floor(random() * (rank + 1))
      this.#byRank[rank] = this.#byRank[other] ?? 0
      this.#byRank[other] = rank + 1
    }
    this.#ranks = new Weighted(weights, random)
  }

  next(): number {
    return this.#byRank[this.#ranks.next()] ?? 1
  }
}
