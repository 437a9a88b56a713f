import type { ValueSource } from '../../contract/rows.ts'
import type { ColumnName, Condition } from './condition.ts'
import type { CatalogKeyColumn, KeyColumns } from './key-columns.ts'

/** More values than this are not told apart. */
const maxValues = 256

/** Which values key columns have in the rows that a condition finds. */
export class Pins {
  readonly #condition: Condition | undefined
  readonly #qualifier: string

  /** @param qualifier the name before the dot of the table's columns */
  constructor(condition: Condition | undefined, qualifier: string) {
    this.#condition = condition
    this.#qualifier = qualifier
  }

  /**
   * The values among which the column's is, whatever row the condition finds; `undefined` where it may be any. No value at all: it
   * finds no row.
   */
  of(column: CatalogKeyColumn): readonly ValueSource[] | undefined {
    if (this.#condition === undefined) return undefined
    const values = this.#pinned(this.#condition, column)
    return values === undefined || values.length > maxValues ? undefined : values
  }

  /** At most so many rows are found by this unique key; `undefined` where it does not bound them. */
  bound(key: readonly string[], columns: KeyColumns): number | undefined {
    if (key.length === 0) return undefined
    let rows = 1
    for (const name of key) {
      const column = columns.get(name.toLowerCase())
      const values = column === undefined ? undefined : this.of(column)
      // Any number of rows may have NULL.
      if (values === undefined || values.some(({ from }) => from === 'null')) return undefined
      rows *= values.length
    }
    return rows
  }

  #pinned(condition: Condition, column: CatalogKeyColumn): readonly ValueSource[] | undefined {
    switch (condition.op) {
      case 'opaque':
      case 'same':
        return undefined
      case 'never':
        return []
      case 'equals':
        if (!this.#isMeant(condition.column, column)) return undefined
        return condition.numeric && column.kind !== 'integer' ? undefined : condition.values
      case 'null':
        return this.#isMeant(condition.column, column) ? [{ from: 'null' }] : undefined
      case 'and':
        return shortest(condition.of.map((part) => this.#pinned(part, column)))
      case 'or':
        return union(condition.of.map((part) => this.#pinned(part, column)))
    }
  }

  #isMeant({ qualifier, name }: ColumnName, column: CatalogKeyColumn): boolean {
    return name === column.name && (qualifier === undefined || qualifier === this.#qualifier)
  }
}

type Values = readonly ValueSource[] | undefined

/** Each of them holds for every row. */
function shortest(sets: readonly Values[]): Values {
  let best: Values
  for (const set of sets)
    if (set !== undefined && (best === undefined || set.length < best.length)) best = set
  return best
}

function union(sets: readonly Values[]): Values {
  const all: ValueSource[] = []
  for (const set of sets) {
    if (set === undefined) return undefined
    all.push(...set)
  }
  return all
}
