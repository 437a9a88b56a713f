import type { StatementFootprint, Tables } from '../contract/footprint.ts'

/** What a transaction, or a part of one, has changed so far. Only grows. */
export class Touched {
  #tables: Set<string> | 'everything' = new Set()
  #schema = false

  get tables(): Tables {
    return this.#tables
  }

  /** Whether tables, views, triggers or functions changed. */
  get schema(): boolean {
    return this.#schema
  }

  get isEmpty(): boolean {
    return !this.#schema && this.#tables !== 'everything' && this.#tables.size === 0
  }

  addStatement(statement: StatementFootprint): this {
    this.addTables(statement.writes)
    if (statement.changesSchema) this.#schema = true
    return this
  }

  add(other: Touched): this {
    this.addTables(other.tables)
    if (other.schema) this.#schema = true
    return this
  }

  addTables(tables: Tables): this {
    if (this.#tables === 'everything') return this
    if (tables === 'everything') this.#tables = 'everything'
    else for (const table of tables) this.#tables.add(table)
    return this
  }
}
