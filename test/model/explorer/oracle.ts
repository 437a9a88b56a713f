import { valueOf } from './committed-state.ts'
import type { ModelDatabase } from './database.ts'
import type { Trace } from './trace.ts'

/** A guarantee that a history broke. */
export interface Violation {
  /** `exact`: none of them in so many words; see {@link Oracle}. */
  readonly guarantee: 'G1' | 'G2' | 'G3' | 'G4' | 'G6' | 'G7' | 'exact'
  readonly what: string
}

/** A read that has begun. */
export interface BegunRead {
  readonly rows: readonly string[]
  /** The first committed state that it may return. */
  readonly from: number
  /** What was acknowledged, and what was returned, before it began. */
  readonly acknowledged: Readonly<Record<string, number>>
  readonly seen: Readonly<Record<string, number>>
}

/**
 * Judges what reads return.
 *
 * - G1: nothing older than what was acknowledged before the read began. G2: nothing older than what a read had returned before it
 *   began. G4: nothing that was never committed.
 * - exact: the rows as they stood in one committed state between the read's begin and its end. This is more than is promised: it
 *   counts a write from its execution, not from its acknowledgement, and it takes all rows of a query together.
 *
 * What another program changes counts from the moment at which somebody has cleared the cache; until then the state before is allowed too.
 */
export class Oracle {
  readonly #database: ModelDatabase
  readonly #trace: Trace
  readonly #exact: boolean
  readonly #acknowledged: Record<string, number> = {}
  readonly #seen: Record<string, number> = {}
  /** States of other programs up to here have been made known by a clear. */
  #clearedTo = 0

  constructor(database: ModelDatabase, trace: Trace, exact: boolean) {
    this.#database = database
    this.#trace = trace
    this.#exact = exact
  }

  /** A write's promise resolved. */
  acknowledge(written: Readonly<Record<string, number>>): void {
    this.#raise(this.#acknowledged, written)
  }

  /** A clear begins; call the result when its promise resolves. */
  clearing(): () => void {
    this.#trace.looksAt('outside')
    const upTo = this.#database.states.length
    return () => {
      this.#trace.changes('outside')
      this.#clearedTo = Math.max(this.#clearedTo, upTo)
    }
  }

  begin(rows: readonly string[]): BegunRead {
    this.#database.look(rows)
    this.#trace.looksAt('outside')
    if (!this.#exact) for (const row of rows) this.#trace.looksAt(`known of ${row}`)
    const { states } = this.#database
    let from = states.length - 1
    for (let at = this.#clearedTo; at <= from; at++) {
      if (states[at]?.foreign.some((row) => rows.includes(row)) === true) from = at - 1
    }
    return { rows, from, acknowledged: { ...this.#acknowledged }, seen: { ...this.#seen } }
  }

  /** The read's promise resolved with these versions. */
  end(read: BegunRead, values: readonly number[]): Violation | undefined {
    const { rows } = read
    if (!this.allows(read, values)) {
      const violation = this.#explain(read, values)
      if (violation.guarantee !== 'exact' || this.#exact) return violation
    }
    this.#raise(this.#seen, Object.fromEntries(rows.map((row, at) => [row, values[at] ?? 0])))
    return undefined
  }

  /** Whether the read may return these versions where it must be exact. */
  allows({ rows, from }: BegunRead, values: readonly number[]): boolean {
    this.#database.look(rows)
    return this.#database.states
      .slice(from)
      .some((state) => rows.every((row, at) => valueOf(state, row) === values[at]))
  }

  #explain({ rows, from, acknowledged, seen }: BegunRead, values: readonly number[]): Violation {
    const { states } = this.#database
    const shown = rows.map((row, at) => `${row}=${values[at] ?? '?'}`).join(', ')
    const wanted = states
      .slice(from)
      .map((state) => rows.map((row) => String(valueOf(state, row))).join(','))
    const what = `a read returned ${shown}; from its begin to its end there was ${wanted.join(' then ')}`
    for (const [at, row] of rows.entries()) {
      const value = values[at] ?? 0
      const known = states.some((state) => valueOf(state, row) === value)
      if (!known) return { guarantee: 'G4', what: `${what} (never committed)` }
      const acked = acknowledged[row] ?? 0
      if (value < acked) return { guarantee: 'G1', what: `${what} (${acked} was acknowledged)` }
      const before = seen[row] ?? 0
      if (value < before) return { guarantee: 'G2', what: `${what} (${before} was returned)` }
    }
    return { guarantee: 'exact', what }
  }

  #raise(floors: Record<string, number>, values: Readonly<Record<string, number>>): void {
    for (const [row, value] of Object.entries(values)) {
      if (value <= (floors[row] ?? 0)) continue
      floors[row] = value
      // Where every read must be exact, what was known before decides nothing.
      if (!this.#exact) this.#trace.changes(`known of ${row}`)
    }
  }
}
