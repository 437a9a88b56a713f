import type { IdSource } from './nanoid.ts'

type Row = Readonly<Record<string, unknown>>

/**
 * Fills declared columns of rows on their way into the database.
 *
 * The promise: the caller's object is never changed. A column that the row lacks, or holds as `undefined`, gets an id; one
 * that is there, `null` included, stays as it is.
 */
export interface NanoidColumns {
  /** Columns to fill in a table, with their sizes; `undefined` for a table that has none. */
  columns(table: string): ReadonlyMap<string, number> | undefined
  /** The row itself if nothing is missing, else a copy with the missing ids. */
  fill<R extends Row>(table: string, row: R): R
  /** {@link NanoidColumns.fill} for each row; the list itself if nothing is missing. */
  fillAll<R extends Row>(table: string, rows: readonly R[]): readonly R[]
}

/** What {@link createNanoidColumns} works with. */
export interface NanoidParts {
  /** Table, as declared, to column to size. */
  readonly declared: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** How the dialect folds a table's name: two spellings of one table give the same text. */
  readonly fold: (table: string) => string
  readonly newId: IdSource
}

/** Makes {@link NanoidColumns}. Tables are known by their bare name: `main.notes` and `notes` are one. */
export function createNanoidColumns(parts: NanoidParts): NanoidColumns {
  const byTable = new Map<string, ReadonlyMap<string, number>>()
  const place = (table: string): string => parts.fold(bareName(table))
  for (const [table, columns] of parts.declared) {
    byTable.set(place(table), new Map([...(byTable.get(place(table)) ?? []), ...columns]))
  }

  const fillWith = <R extends Row>(columns: ReadonlyMap<string, number>, row: R): R => {
    let filled: Record<string, unknown> | undefined
    for (const [column, size] of columns) {
      if (row[column] !== undefined) continue
      filled ??= { ...row }
      filled[column] = parts.newId(size)
    }
    return filled === undefined ? row : (filled as R)
  }

  const columnsOf = (table: string): ReadonlyMap<string, number> | undefined =>
    byTable.size === 0 ? undefined : byTable.get(place(table))

  return {
    columns: columnsOf,
    fill(table, row) {
      const columns = columnsOf(table)
      return columns === undefined ? row : fillWith(columns, row)
    },
    fillAll(table, rows) {
      const columns = columnsOf(table)
      if (columns === undefined) return rows
      const filled = rows.map((row) => fillWith(columns, row))
      return filled.some((row, index) => row !== rows[index]) ? filled : rows
    },
  }
}

function bareName(table: string): string {
  return table.slice(table.lastIndexOf('.') + 1)
}
