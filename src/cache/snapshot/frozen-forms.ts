import type { ColumnarRows } from '../../contract/snapshot.ts'
import { copyKept } from './copy-value.ts'
import { canBeFrozen, deepFreeze } from './deep-freeze.ts'
import { keptCell, type RowBuilder } from './row-builder.ts'

/**
 * Deeply frozen rows of one body. The promise: no caller can change what another caller gets.
 *
 * A result in which everything can be frozen is made once and shared by all. Dates, buffers, maps and sets cannot be frozen: rows that
 * hold any are made for each caller, so that only the caller's own can be changed. Kept JSON is frozen where it lies, and shared.
 *
 * Shared results are held weakly: one that no caller holds goes with the next full collection of garbage and is made again. So an entry that
 * is read frozen does not take twice what its store counts, but some 150 bytes more.
 */
export class FrozenForms {
  readonly #body: ColumnarRows
  readonly #builder: RowBuilder
  #rows: WeakRef<readonly unknown[]> | undefined
  /** For each column whether its values can be shared; asked once. */
  #shared: readonly boolean[] | undefined
  #isShared: boolean | undefined
  #columns: Map<number, WeakRef<readonly unknown[]>> | undefined

  constructor(body: ColumnarRows, builder: RowBuilder) {
    this.#body = body
    this.#builder = builder
  }

  /** All rows. */
  rows(): readonly unknown[] {
    return this.#rows?.deref() ?? this.#makeRows()
  }

  /** The first row; `undefined` if there is none. */
  first(): unknown {
    const { rowCount, columns } = this.#body
    if (rowCount === 0) return undefined
    if (this.#allShared()) return this.rows()[0]
    return Object.freeze(this.#builder.row(columns, 0, shareOrCopy))
  }

  /** The values of column number `c`; none if there is no such column. */
  column(c: number): readonly unknown[] {
    return this.#columns?.get(c)?.deref() ?? this.#makeColumn(c)
  }

  #makeRows(): readonly unknown[] {
    const { columns, rowCount } = this.#body
    const rows = this.#builder.rows(columns, rowCount, shareOrCopy)
    for (const row of rows) Object.freeze(row)
    Object.freeze(rows)
    if (this.#allShared()) this.#rows = new WeakRef(rows)
    return rows
  }

  #makeColumn(c: number): readonly unknown[] {
    const { columns, kinds } = this.#body
    const column = columns[c] ?? []
    const made = Object.freeze(column.map((value) => keptCell(value, kinds[c], shareOrCopy)))
    if (this.#sharedColumns()[c] === true) {
      this.#columns ??= new Map()
      this.#columns.set(c, new WeakRef(made))
    }
    return made
  }

  #allShared(): boolean {
    this.#isShared ??= this.#sharedColumns().every(Boolean)
    return this.#isShared
  }

  #sharedColumns(): readonly boolean[] {
    const { columns, kinds } = this.#body
    this.#shared ??= columns.map(
      (column, c) => kinds[c] === 'plain' || (kinds[c] === 'deep' && column.every(canBeFrozen)),
    )
    return this.#shared
  }
}

/** A kept value as frozen rows hold it: itself, frozen where it lies, for it is never handed out but as a copy; or a copy of its own. */
function shareOrCopy(value: unknown): unknown {
  // First, because dates are what most of these columns hold.
  if (value instanceof Date) return copyKept(value)
  return deepFreeze(canBeFrozen(value) ? value : copyKept(value))
}
