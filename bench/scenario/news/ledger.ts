/** What an answer shows of something that writes make grow: a version, or a count. */
export interface Sighting {
  readonly of: string
  readonly count: number
}

/**
 * The writes that were acknowledged, by what they make grow by one. What has grown never shrinks, so an answer that shows less than had
 * been acknowledged before its question was asked is stale; one that shows more is not. It needs no pause and no second question.
 */
export class Ledger {
  /** The numbers of the acknowledgements, in order. */
  readonly #acknowledged = new Map<string, number[]>()
  #now = 0

  /** How many writes were acknowledged; ask it when a question begins. */
  get now(): number {
    return this.#now
  }

  acknowledge(...grown: readonly string[]): void {
    this.#now += 1
    for (const of of grown) {
      const numbers = this.#acknowledged.get(of)
      if (numbers === undefined) this.#acknowledged.set(of, [this.#now])
      else numbers.push(this.#now)
    }
  }

  /** Whether an answer to a question that began at `begun` should have shown more. */
  isStale({ of, count }: Sighting, begun: number): boolean {
    const numbers = this.#acknowledged.get(of)
    if (numbers === undefined || numbers.length <= count) return false
    // The first of those that it does not show.
    return (numbers[Math.max(0, count)] ?? Infinity) <= begun
  }
}
