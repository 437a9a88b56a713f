import type { Knex } from 'knex'
import { addWhere } from './conditions.ts'
import type { Draw, Scope } from './draw.ts'
import type { Value } from './kind.ts'
import { newRow, newRows } from './rows.ts'
import { rareStatement } from './rare-statements.ts'
import type { Column, Source, Table, TableColumn, View } from './schema.ts'
import { writable } from './schema.ts'

type Builder = Knex.QueryBuilder

/** A statement that writes, as it was drawn. */
export interface DrawnStatement {
  /** For the tally. */
  readonly kind: string
  /** The tables that it names as targets. */
  readonly tables: readonly string[]
  readonly run: Builder | Knex.Raw
}

type Statement = (draw: Draw, table: Table) => DrawnStatement | undefined

const statements: readonly (readonly [weight: number, statement: Statement])[] = [
  [16, insertOne],
  [8, insertMany],
  [1, insertNothing],
  [4, insertSelect],
  [9, upsert],
  [14, updateByKey],
  [12, updateByPredicate],
  [4, updateKey],
  [5, increment],
  [8, removeByKey],
  [5, removeByPredicate],
  [0.6, truncate],
  [6, writeView],
  [14, rareStatement],
]

/** Draws one statement that writes. */
export function drawStatement(draw: Draw): DrawnStatement {
  for (let i = 0; i < 10; i++) {
    const table = draw.random.pick(draw.schema.tables)
    const drawn = draw.random.weighted(statements)(draw, table)
    if (drawn !== undefined) return drawn
  }
  const [table] = draw.schema.tables
  if (table === undefined) throw new Error('There is no table.')
  return insertOne(draw, table)
}

const scopeOf = (source: Source): Scope => ({
  placed: [{ alias: source.name, source }],
  outer: undefined,
})

/** Sometimes asks for the rows that were written. */
function returning(draw: Draw, builder: Builder): Builder {
  if (draw.dialect === 'mysql' || !draw.random.chance(0.2)) return builder
  return builder.returning('*') as Builder
}

function insertOne(draw: Draw, table: Table): DrawnStatement {
  const run = returning(draw, draw.k(table.name).insert(newRow(draw, table)))
  return { kind: 'insert', tables: [table.name], run }
}

function insertMany(draw: Draw, table: Table): DrawnStatement {
  const rows = newRows(draw, table, draw.random.between(2, 4))
  return {
    kind: 'insert many',
    tables: [table.name],
    run: returning(draw, draw.k(table.name).insert(rows)),
  }
}

function insertNothing(draw: Draw, table: Table): DrawnStatement {
  return { kind: 'insert defaults', tables: [table.name], run: draw.k(table.name).insert({}) }
}

function insertSelect(draw: Draw, table: Table): DrawnStatement | undefined {
  const { random, k } = draw
  if (draw.rows(table.name).length > 20) return undefined
  const source = draw.source(1)
  const columns = writable(table).filter(({ auto }) => !auto)
  const query = k.queryBuilder().from(source.name) as Builder
  for (const column of columns) {
    const like = source.columns.filter(({ kind }) => kind.group === column.kind.group)
    const found = like.length > 0 && random.chance(0.7) ? random.pick(like) : undefined
    void query.select(
      found === undefined ? draw.raw('?', [draw.value(column)]) : `${source.name}.${found.name}`,
    )
  }
  addWhere(draw, query, scopeOf(source), 1)
  const names = columns.map(() => '??').join(', ')
  const into = draw.raw(`?? (${names})`, [table.name, ...columns.map(({ name }) => name)])
  return {
    kind: 'insert select',
    tables: [table.name],
    run: k(into as unknown as string).insert(query),
  }
}

function upsert(draw: Draw, table: Table): DrawnStatement | undefined {
  const { random, k } = draw
  const keys = [table.key, ...table.uniques].filter((key) => key.length > 0)
  if (keys.length === 0) return undefined
  const key = random.pick(keys)
  const rows = Array.from({ length: random.between(1, 2) }, () => meeting(draw, table, key))
  const insert = k(table.name).insert(rows.length === 1 ? rows[0] : rows)
  const conflict = insert.onConflict([...key])
  const tables = [table.name]
  const column = random.pick(writable(table))
  switch (random.int(5)) {
    case 0:
      return { kind: 'upsert ignore', tables, run: conflict.ignore() }
    case 1:
      return { kind: 'upsert merge', tables, run: returning(draw, conflict.merge()) }
    case 2:
      return { kind: 'upsert merge', tables, run: conflict.merge([column.name]) }
    case 3: {
      const merged = conflict.merge({ [column.name]: value(draw, table, column) })
      // MySQL has no condition there.
      if (draw.dialect !== 'mysql' && random.chance(0.4)) {
        const other = random.pick(table.columns)
        void merged.where(`${table.name}.${other.name}`, draw.value(other, table) as string)
      }
      return { kind: 'upsert merge', tables, run: merged }
    }
    default: {
      const expression =
        column.kind.group === 'number'
          ? draw.raw('?? + 1', [`${table.name}.${column.name}`])
          : draw.value(column, table)
      return { kind: 'upsert merge', tables, run: conflict.merge({ [column.name]: expression }) }
    }
  }
}

/** A row that mostly collides with one that is there. */
function meeting(draw: Draw, table: Table, key: readonly string[]): Record<string, unknown> {
  const row: Record<string, unknown> = newRow(draw, table)
  const rows = draw.rows(table.name)
  if (rows.length === 0 || !draw.random.chance(0.75)) return row
  const found = draw.random.pick(rows)
  const generated = new Set(
    table.columns.flatMap((column) => (column.generated ? [column.name] : [])),
  )
  for (const name of key) if (found[name] !== null && !generated.has(name)) row[name] = found[name]
  return row
}

/** What a column may be set to: a value, NULL, an expression, another column, what a subquery finds. */
function value(draw: Draw, table: Table, column: TableColumn): unknown {
  const { random, k } = draw
  const key = table.foreignKeys.find(({ columns }) => columns.includes(column.name))
  if (key !== undefined && random.chance(0.7)) {
    const parents = draw.rows(key.parent)
    const name = key.parentColumns[key.columns.indexOf(column.name)] ?? ''
    if (parents.length > 0) return random.pick(parents)[name]
  }
  if (column.nullable && random.chance(0.1)) return null
  const like = table.columns.filter(({ kind }) => kind === column.kind)
  switch (random.int(14)) {
    case 0:
    case 1:
      return column.kind.group === 'number'
        ? draw.raw('?? + ?', [column.name, 1])
        : draw.value(column)
    case 2:
      return k.ref(random.pick(like).name)
    case 3: {
      const other = random.pick(draw.schema.tables)
      const found = other.columns.filter(({ kind }) => kind === column.kind)
      if (found.length === 0) return draw.value(column)
      return k.max(random.pick(found).name).from(other.name)
    }
    case 4:
      // SQLite has no such word.
      return draw.dialect === 'sqlite' ? draw.value(column) : draw.raw('default')
    default:
      return column.wide && key === undefined
        ? random.pick(column.kind.wide)
        : draw.value(column, table)
  }
}

function changes(
  draw: Draw,
  table: Table,
  columns: readonly TableColumn[],
): Record<string, unknown> {
  const set: Record<string, unknown> = {}
  for (const column of draw.random.some(columns, draw.random.chance(0.7) ? 1 : 2)) {
    set[column.name] = value(draw, table, column)
  }
  return set
}

function ordinary(table: Table): readonly TableColumn[] {
  const columns = writable(table).filter(({ name }) => !table.key.includes(name))
  return columns.length > 0 ? columns : writable(table)
}

/** Names one row, mostly one that is there. */
function addKey(draw: Draw, builder: Builder, source: Source): boolean {
  const { random } = draw
  if (source.key.length === 0) return false
  const rows = draw.rows(source.name)
  const found = rows.length > 0 ? random.pick(rows) : undefined
  for (const name of source.key) {
    const column = source.columns.find((each) => each.name === name)
    if (column === undefined) return false
    const known = found?.[name]
    const odd = column.kind.odd.length > 0 && random.chance(0.06)
    void builder.where(
      name,
      (odd ? random.pick(column.kind.odd) : (known ?? draw.value(column))) as string,
    )
  }
  return true
}

function updateByKey(draw: Draw, table: Table): DrawnStatement | undefined {
  const builder = draw.k(table.name)
  if (!addKey(draw, builder, table)) return undefined
  const run = returning(draw, builder.update(changes(draw, table, ordinary(table)) as object))
  return { kind: 'update by key', tables: [table.name], run }
}

function updateByPredicate(draw: Draw, table: Table): DrawnStatement {
  const builder = draw.k(table.name)
  addWhere(draw, builder, scopeOf(table), 1)
  const run = returning(draw, builder.update(changes(draw, table, ordinary(table)) as object))
  return { kind: 'update by predicate', tables: [table.name], run }
}

function updateKey(draw: Draw, table: Table): DrawnStatement | undefined {
  const { random } = draw
  const keys = writable(table).filter(({ wide }) => wide)
  if (keys.length === 0) return undefined
  const builder = draw.k(table.name)
  if (!random.chance(0.7) || !addKey(draw, builder, table))
    addWhere(draw, builder, scopeOf(table), 1)
  const run = returning(draw, builder.update(changes(draw, table, keys) as object))
  return { kind: 'update of key', tables: [table.name], run }
}

function increment(draw: Draw, table: Table): DrawnStatement | undefined {
  const { random } = draw
  const numbers = writable(table).filter(({ kind }) => kind.group === 'number')
  if (numbers.length === 0) return undefined
  const builder = draw.k(table.name)
  if (!random.chance(0.6) || !addKey(draw, builder, table))
    addWhere(draw, builder, scopeOf(table), 1)
  const method = random.pick(['increment', 'decrement'] as const)
  const run = builder[method](random.pick(numbers).name, random.between(1, 2)) as Builder
  return { kind: 'increment', tables: [table.name], run }
}

function removeByKey(draw: Draw, table: Table): DrawnStatement | undefined {
  const builder = draw.k(table.name)
  if (!addKey(draw, builder, table)) return undefined
  return { kind: 'delete by key', tables: [table.name], run: returning(draw, builder.del()) }
}

function removeByPredicate(draw: Draw, table: Table): DrawnStatement {
  const builder = draw.k(table.name)
  for (let i = draw.random.int(2); i >= 0; i--) addWhere(draw, builder, scopeOf(table), 1)
  return { kind: 'delete by predicate', tables: [table.name], run: returning(draw, builder.del()) }
}

function truncate(draw: Draw, table: Table): DrawnStatement {
  const run = draw.k(table.name).truncate() as unknown as Builder
  return { kind: 'truncate', tables: [table.name], run }
}

function writeView(draw: Draw): DrawnStatement | undefined {
  const { random } = draw
  const views = draw.schema.views.filter((each) => each.writes !== undefined)
  if (views.length === 0) return undefined
  const view: View = random.pick(views)
  const builder = draw.k(view.name)
  const done = (kind: string, run: Builder): DrawnStatement => ({ kind, tables: [view.name], run })
  const column: Column = random.pick(view.columns)
  switch (random.int(3)) {
    case 0: {
      const row: Record<string, Value> = {}
      for (const each of view.columns) if (random.chance(0.9)) row[each.name] = draw.value(each)
      return done('insert into view', builder.insert(row))
    }
    case 1:
      if (!random.chance(0.5) || !addKey(draw, builder, view))
        addWhere(draw, builder, scopeOf(view), 1)
      return done('update of view', builder.update({ [column.name]: draw.value(column) }))
    default:
      if (!random.chance(0.7) || !addKey(draw, builder, view))
        addWhere(draw, builder, scopeOf(view), 1)
      return done('delete from view', builder.del())
  }
}
