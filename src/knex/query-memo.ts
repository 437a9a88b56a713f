/**
 * Remembers what belongs to shapes and values, and forgets what was not asked for lately: there are two generations, of which the older one
 * is dropped when the younger is full. What is found in the older one moves to the younger. Holds at most `2 * capacity`.
 */
export class QueryMemo<Query> {
  readonly #capacity: number
  #young = new Map<number, Map<string | number, Query>>()
  #old = new Map<number, Map<string | number, Query>>()
  #size = 0

  /** @param capacity how many queries one generation holds */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(shape: number, values: string | number): Query | undefined {
    const query = this.#young.get(shape)?.get(values)
    if (query !== undefined) return query
    const older = this.#old.get(shape)?.get(values)
    if (older !== undefined) this.set(shape, values, older)
    return older
  }

  set(shape: number, values: string | number, query: Query): void {
    if (this.#size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Map()
      this.#size = 0
    }
    let ofShape = this.#young.get(shape)
    if (ofShape === undefined) {
      ofShape = new Map()
      this.#young.set(shape, ofShape)
    }
    if (!ofShape.has(values)) this.#size += 1
    ofShape.set(values, query)
  }
}
