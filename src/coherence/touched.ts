import type { InvalidationPrecision } from '../contract/cache-stats.ts'
import type { StatementFootprint, Tables } from '../contract/footprint.ts'
import type { Answer, RowChange } from '../contract/rows.ts'
import { RowTouch } from './row-touch.ts'

/** A statement that was added and not worked out yet. */
export interface Noted {
  readonly statement: StatementFootprint
  readonly bindings: readonly unknown[]
  readonly answer: Answer | undefined
}

/** Statements are worked out when someone asks, at the latest when so many are noted: their values are kept until then. */
const maxNoted = 64

/**
 * What a transaction, or a part of one, has changed so far. Only grows. Statements are noted, and their rows worked out when they are
 * asked for: a transaction asks once, at its end.
 */
export class Touched {
  #tables: Map<string, RowTouch> | 'everything' | undefined
  #noted: Noted[] | undefined
  #schema = false

  /** The tables with what was touched of their rows. */
  get rows(): ReadonlyMap<string, RowTouch> | 'everything' {
    return this.#settled()
  }

  get tables(): Tables {
    const tables = this.#settled()
    return tables === 'everything' ? 'everything' : new Set(tables.keys())
  }

  /** Whether tables, views, triggers or functions changed. */
  get schema(): boolean {
    return this.#schema
  }

  get isEmpty(): boolean {
    if (this.#schema || this.#tables === 'everything') return false
    return this.#noted === undefined && (this.#tables === undefined || this.#tables.size === 0)
  }

  /** The statements that are all that was added; undefined if anything else was, or if they were worked out already. */
  get notes(): readonly Noted[] | undefined {
    return this.#schema || this.#tables !== undefined ? undefined : this.#noted
  }

  /** How exactly it is known. */
  get precision(): InvalidationPrecision {
    const tables = this.#settled()
    if (tables === 'everything') return 'everything'
    let precision: InvalidationPrecision = 'value'
    for (const { columns } of tables.values()) {
      if (columns === undefined) return 'table'
      for (const { unknown } of columns.values()) if (unknown) precision = 'column'
    }
    return precision
  }

  /** Adds what a statement changes: what it may touch without an answer, what it did touch with one. */
  addStatement(
    statement: StatementFootprint,
    bindings: readonly unknown[] = [],
    answer?: Answer,
  ): this {
    if (statement.changesSchema) this.#schema = true
    if (statement.writes === 'everything') return this.addTables('everything')
    if (statement.writes.size > 0) this.#note({ statement, bindings, answer })
    return this
  }

  /** Adds rows of one table. */
  addChange(change: RowChange, bindings: readonly unknown[] = [], answer?: Answer): this {
    this.#touch(change.table, RowTouch.of(change, bindings, answer))
    return this
  }

  add(other: Touched): this {
    if (other.#schema) this.#schema = true
    if (other.#tables === 'everything') return this.addTables('everything')
    for (const noted of other.#noted ?? []) this.#note(noted)
    if (other.#tables !== undefined) {
      for (const [table, touch] of other.#tables) this.#touch(table, touch)
    }
    return this
  }

  /** Both. Neither is changed, and either may be what is returned: add nothing to it. */
  join(other: Touched): Touched {
    if (other.isEmpty) return this
    return this.isEmpty ? other : new Touched().add(this).add(other)
  }

  /** Adds tables of whose touched rows nothing is known. */
  addTables(tables: Tables): this {
    if (tables === 'everything') {
      this.#tables = 'everything'
      this.#noted = undefined
    } else for (const table of tables) this.#touch(table, RowTouch.unknown())
    return this
  }

  #note(noted: Noted): void {
    if (this.#tables === 'everything') return
    if (this.#noted === undefined) this.#noted = [noted]
    else if (this.#noted.push(noted) >= maxNoted) this.#settled()
  }

  #settled(): Map<string, RowTouch> | 'everything' {
    const noted = this.#noted ?? []
    this.#noted = undefined
    this.#tables ??= new Map<string, RowTouch>()
    for (const { statement, bindings, answer } of noted) {
      const { changes, writes } = statement
      for (const table of writes === 'everything' ? [] : writes) {
        const change = changes.find((one) => one.table === table)
        this.#touch(
          table,
          change === undefined ? RowTouch.unknown() : RowTouch.of(change, bindings, answer),
        )
      }
    }
    return this.#tables
  }

  #touch(table: string, touch: RowTouch): void {
    this.#tables ??= new Map<string, RowTouch>()
    if (this.#tables === 'everything') return
    const known = this.#tables.get(table)
    // A copy: what is added later must not reach the touch of somebody else.
    this.#tables.set(table, (known ?? new RowTouch()).add(touch))
  }
}
