import type { BuilderShape, ClientShape, CompilerShape } from './client-shape.ts'
import type { LayerMethods } from './client-layer.ts'
import type { Spelling } from './spelling.ts'
import { spellingOf } from './spelling.ts'

type Row = Record<string, unknown>

/** Fills the columns of a table that are declared `nanoid` where a row lacks them; returns copies. */
export interface RowFiller {
  /** The columns of a table with their sizes; undefined for a table that has none. */
  columns(table: string): ReadonlyMap<string, number> | undefined
  fill(table: string, row: Row): Row
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
      function queryCompiler(this: ClientShape, builder: BuilderShape, bindings?: unknown) {
        const compiler = below.call(this, builder, bindings)
        if (inserting.has(builder._method ?? '')) {
          fillCompiler(compiler, filler, spellingOf(this, builder.queryContext()))
        }
        return compiler
      },
  }
}

function fillCompiler(compiler: CompilerShape, filler: RowFiller, spell: Spelling): void {
  const { table, insert, upsert, merge } = compiler.single
  if (typeof table !== 'string') return
  const name = spell(table.slice(table.lastIndexOf('.') + 1))
  const columns = filler.columns(name)
  if (columns === undefined) return
  const spelt = (rows: unknown): unknown =>
    eachRow(rows, (row) => withDeclaredNames(row, columns, spell))
  const fill = (rows: unknown): unknown => eachRow(spelt(rows), (row) => filler.fill(name, row))
  const filled: Record<string, unknown> = {}
  if (insert !== undefined) filled['insert'] = fill(insert)
  if (upsert !== undefined) filled['upsert'] = fill(upsert)
  if (isMergeOfAll(merge)) {
    const updates = mergedColumns(spelt(insert), columns)
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

/** Changes rows; what is no row (a subquery, raw SQL) stays as it is. */
function eachRow(rows: unknown, change: (row: Row) => Row): unknown {
  if (Array.isArray(rows)) return rows.map((row: unknown) => eachRow(row, change))
  return isPlainRow(rows) ? change(rows) : rows
}

/** A row whose declared columns have the database's names, where the application writes others. */
function withDeclaredNames(row: Row, columns: ReadonlyMap<string, number>, spell: Spelling): Row {
  const renamed = Object.keys(row).some((name) => spell(name) !== name && columns.has(spell(name)))
  if (!renamed) return row
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      columns.has(spell(name)) ? spell(name) : name,
      value,
    ]),
  )
}

function isPlainRow(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !('toSQL' in value && typeof value.toSQL === 'function')
  )
}
