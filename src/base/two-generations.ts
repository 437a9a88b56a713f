/**
 * A bounded map that forgets what was not asked for lately: two maps, of which the older one is dropped when the younger is full. What is found
 * in the older one moves to the younger. Holds at most `2 * capacity` values, costs one lookup for what is in use, and keeps no order.
 */
export class TwoGenerations<Value> {
  readonly #capacity: number
  #young = new Map<string, Value>()
  #old = new Map<string, Value>()

  /** @param capacity how many values one generation holds */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): Value | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: string, value: Value): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  clear(): void {
    this.#young = new Map()
    this.#old = new Map()
  }
}
