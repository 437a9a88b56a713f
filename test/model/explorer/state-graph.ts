/** The states that were reached and where each step leads from them. */
export class StateGraph {
  readonly #states = new Map<number, Map<string, number>>()
  #root: number | undefined

  get size(): number {
    return this.#states.size
  }

  has(key: number): boolean {
    return this.#states.has(key)
  }

  /** A state; one that has no steps is an end. */
  reached(key: number): void {
    this.#root ??= key
    if (!this.#states.has(key)) this.#states.set(key, new Map())
  }

  /** A step was taken. Throws if it was said to lead to another state. */
  leads(from: number, label: string, to: number): void {
    const steps = this.#states.get(from)
    if ((steps?.get(label) ?? to) !== to) {
      throw new Error(`'${label}' depends on a step that it was taken to be independent of.`)
    }
    steps?.set(label, to)
  }

  /** Of two independent steps, `label` after `taken` leads where `taken` leads after `label`, in the state `before` both. */
  leadsLike(from: number, label: string, before: number, taken: string): void {
    const other = this.#states.get(before)?.get(label)
    const to = other === undefined ? undefined : this.#states.get(other)?.get(taken)
    if (to === undefined) throw new Error(`'${label}' and '${taken}' cannot change places.`)
    this.leads(from, label, to)
  }

  /** How many orders of steps lead from the first state to an end. */
  interleavings(): number {
    const counted = new Map<number, number>()
    const count = (key: number): number => {
      const known = counted.get(key)
      if (known !== undefined) return known
      const steps = this.#states.get(key)
      let total = steps?.size === 0 ? 1 : 0
      for (const to of steps?.values() ?? []) total += count(to)
      counted.set(key, total)
      return total
    }
    return this.#root === undefined ? 0 : count(this.#root)
  }
}
