import type { Violation } from './oracle.ts'

/** What the reads of a history were answered with. */
export interface ReadCounts {
  reads: number
  hits: number
}

/** What is found in one history. */
export class Verdict {
  readonly counts: ReadCounts = { reads: 0, hits: 0 }
  #violation: Violation | undefined

  /** The first guarantee that was broken. */
  get violation(): Violation | undefined {
    return this.#violation
  }

  fail(violation: Violation): void {
    this.#violation ??= violation
  }
}
