import type { BuilderShape, ClientShape, CompilerShape } from './client-shape.ts'
import type { LayerMethods } from './client-layer.ts'

/** Fills the columns of a table that are declared `nanoid` where a row lacks them; returns copies. */
export interface RowFiller {
  /** The columns of a table with their sizes; undefined for a table that has none. */
  columns(table: string): ReadonlyMap<string, number> | undefined
  fill(table: string, row: Record<string, unknown>): Record<string, unknown>
}

const inserting: ReadonlySet<string> = new Set(['insert', 'upsert'])

/**
 * Fills nanoid columns when an insert is compiled: the last moment at which every way of writing one (chained, `into`,
 * batch, in a transaction) looks alike. Each compilation makes new ids, as each execution inserts new rows; the caller's
 * objects are left alone.
 */
export function nanoidMethods(filler: RowFiller): LayerMethods {
  return {
    queryCompiler: (below) =>
      function queryCompiler(this: ClientShape, builder: BuilderShape, ...rest: unknown[]) {
        const compiler = below.call(this, builder, ...rest)
        if (inserting.has(builder._method ?? '')) fillCompiler(compiler, filler)
        return compiler
      },
  }
}

function fillCompiler(compiler: CompilerShape, filler: RowFiller): void {
  const { table, insert, upsert, merge } = compiler.single
  if (typeof table !== 'string') return
  const name = table.slice(table.lastIndexOf('.') + 1)
  const columns = filler.columns(name)
  if (columns === undefined) return
  const filled: Record<string, unknown> = {}
  if (insert !== undefined) filled['insert'] = fillRows(insert, name, filler)
  if (upsert !== undefined) filled['upsert'] = fillRows(upsert, name, filler)
  if (isMergeOfAll(merge)) {
    const updates = mergedColumns(insert, columns)
    if (updates.length > 0) filled['merge'] = { ...merge, updates }
  }
  compiler.single = { ...compiler.single, ...filled }
}

/** `.onConflict().merge()` without columns of its own updates every column of the rows. */
function isMergeOfAll(merge: unknown): merge is object {
  return typeof merge === 'object' && merge !== null && !('updates' in merge && merge.updates)
}

/** The columns that the caller's rows have; not those that were filled: a row that is there already keeps its id. */
function mergedColumns(insert: unknown, filled: ReadonlyMap<string, number>): string[] {
  const rows = (Array.isArray(insert) ? insert : [insert]).filter(isPlainRow)
  const given = new Set<string>()
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) if (value !== undefined) given.add(column)
  }
  for (const column of filled.keys()) {
    if (rows.some((row) => row[column] === undefined)) given.delete(column)
  }
  return [...given]
}

/** Rows are filled; what is no row (a subquery, raw SQL) stays as it is. */
function fillRows(rows: unknown, table: string, filler: RowFiller): unknown {
  if (Array.isArray(rows)) return rows.map((row: unknown) => fillRows(row, table, filler))
  return isPlainRow(rows) ? filler.fill(table, rows) : rows
}

function isPlainRow(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('toSQL' in value && typeof value.toSQL === 'function')
  )
}
