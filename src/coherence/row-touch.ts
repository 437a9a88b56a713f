import type { Answer, RowChange } from '../contract/rows.ts'
import { ColumnValues, formsOf } from './column-values.ts'

/** What a write touched of one table: the values of its key columns, old and new, or rows of which nothing is known. Only grows. */
export class RowTouch {
  /** Undefined: nothing is known of the rows. */
  #columns: Map<string, ColumnValues> | undefined = new Map()

  /** Rows of which nothing is known. */
  static unknown(): RowTouch {
    return new RowTouch().forget()
  }

  /**
   * The rows of a change. Without an answer, columns that only it could tell are unknown: that is what a write *may* touch; with the
   * answer it is what it did touch.
   */
  static of(change: RowChange, bindings: readonly unknown[], answer: Answer | undefined): RowTouch {
    const touch = new RowTouch()
    const columns = new Map<string, ColumnValues>()
    for (const image of change.columns) {
      columns.set(image.column.name, new ColumnValues().add(formsOf(image, bindings, answer)))
    }
    touch.#columns = columns
    return [...columns.values()].every(({ unknown }) => unknown) ? touch.forget() : touch
  }

  /** The key columns of the touched rows; undefined where nothing is known of the rows. */
  get columns(): ReadonlyMap<string, ColumnValues> | undefined {
    return this.#columns
  }

  /** Also touches these rows. Both must speak of the same key columns, else nothing is known. */
  add(other: RowTouch): this {
    if (this.#columns === undefined) return this
    if (other.#columns === undefined) return this.forget()
    if (this.#columns.size === 0) {
      for (const name of other.#columns.keys()) this.#columns.set(name, new ColumnValues())
    }
    if (this.#columns.size !== other.#columns.size) return this.forget()
    for (const [name, values] of other.#columns) {
      const own = this.#columns.get(name)
      if (own === undefined) return this.forget()
      own.addAll(values)
    }
    return this
  }

  forget(): this {
    this.#columns = undefined
    return this
  }
}
