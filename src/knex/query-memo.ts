/** What remembering a query takes beside its values and its slots, in bytes; estimated. */
const queryBytes = 700

/** Something that can be remembered, with what it weighs. */
export interface Weighed {
  /** Bytes beside the usual ones. */
  readonly bytes: number
}

/** How much may be remembered in one generation; twice as much in all. */
export interface MemoBounds {
  readonly maxQueries: number
  readonly maxBytes: number
}

/**
 * Remembers what belongs to shapes and values, and forgets what was not asked for lately: there are two generations, of which the older one
 * is dropped when the younger is full. What is found in the older one moves to the younger.
 */
export class QueryMemo<Query extends Weighed> {
  readonly #bounds: MemoBounds
  #young = new Map<number, Map<string | number, Query>>()
  #old = new Map<number, Map<string | number, Query>>()
  #size = 0
  #bytes = 0

  constructor(bounds: MemoBounds) {
    this.#bounds = bounds
  }

  get(shape: number, values: string | number): Query | undefined {
    const query = this.#young.get(shape)?.get(values)
    if (query !== undefined) return query
    const older = this.#old.get(shape)?.get(values)
    if (older !== undefined) this.set(shape, values, older)
    return older
  }

  set(shape: number, values: string | number, query: Query): void {
    const bytes = queryBytes + query.bytes + (typeof values === 'string' ? 2 * values.length : 0)
    const { maxQueries, maxBytes } = this.#bounds
    if (bytes > maxBytes) return
    if (this.#size >= maxQueries || this.#bytes + bytes > maxBytes) this.#age()
    let ofShape = this.#young.get(shape)
    if (ofShape === undefined) {
      ofShape = new Map()
      this.#young.set(shape, ofShape)
    }
    if (!ofShape.has(values)) {
      this.#size += 1
      this.#bytes += bytes
    }
    ofShape.set(values, query)
  }

  clear(): void {
    this.#age()
    this.#old = new Map()
  }

  #age(): void {
    this.#old = this.#young
    this.#young = new Map()
    this.#size = 0
    this.#bytes = 0
  }
}
