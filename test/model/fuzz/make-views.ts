import { addWhere } from './conditions.ts'
import type { Draw } from './draw.ts'
import { derive } from './from.ts'
import { inlined } from './respell.ts'
import type { Column, Source, Table, View } from './schema.ts'
import { quote } from './schema.ts'

/** Draws up to three views: of one table, of several, of other views. `draw.schema` gets each before the next is drawn. */
export function makeView(draw: Draw, at: number): View {
  const name = draw.random.chance(0.3) ? `View_${at}` : `v${at}`
  return draw.random.chance(0.55) ? simpleView(draw, name) : derivedView(draw, name)
}

function derivedView(draw: Draw, name: string): View {
  const { dialect, random } = draw
  const { builder, source } = derive(draw, 1, name)
  const kept = dialect === 'postgres' && random.chance(0.15)
  const sql = `create ${kept ? 'materialized ' : ''}view ${quote(dialect, name)} as ${inlined(dialect, builder.toSQL())}`
  return { ...source, sql: [sql], writes: undefined }
}

/** Some columns of one table, under names of their own; sometimes those of each other. */
function simpleView(draw: Draw, name: string): View {
  const { random, dialect, schema, k } = draw
  const source: Source =
    random.chance(0.2) && schema.views.length > 0
      ? random.pick(schema.views)
      : random.pick(schema.tables)
  const base = source.columns
  const swapped = random.chance(0.25)
    ? random.shuffled(base.map((column) => column.name))
    : undefined
  const renamed = base.map((column, i): Column => ({
    ...column,
    name: swapped?.[i] ?? (random.chance(0.1) ? `${column.name}_v` : column.name),
  }))
  const builder = k.queryBuilder().from(source.name)
  for (const [i, column] of base.entries())
    void builder.select({ [renamed[i]?.name ?? '']: column.name })
  if (random.chance(0.65)) {
    addWhere(draw, builder, { placed: [{ alias: source.name, source }], outer: undefined }, 1)
  }
  const key = source.key.map(
    (old) => renamed[base.findIndex((column) => column.name === old)]?.name ?? '',
  )
  const check = dialect !== 'sqlite' && random.chance(0.2) ? ' with check option' : ''
  const sql = `create view ${quote(dialect, name)} as ${inlined(dialect, builder.toSQL())}${check}`
  const table = schema.tables.find((each) => each.name === source.name)
  const { weight } = source
  const view = { name, columns: renamed, key, weight, sql: [sql], writes: undefined }
  if (table === undefined) return view
  if (dialect !== 'sqlite') return { ...view, writes: table.name }
  return key.length > 0 && random.chance(0.5) ? withTriggers(view, table) : view
}

/** SQLite writes to a view only by triggers that stand for it. */
function withTriggers(view: View, table: Table): View {
  const q = (name: string): string => quote('sqlite', name)
  const pairs = table.columns.flatMap((column, i) => {
    const name = view.columns[i]?.name
    return column.generated !== undefined || name === undefined
      ? []
      : [[column.name, name] as const]
  })
  const own = (prefix: string): string =>
    table.key.map((name, i) => `${q(name)} = ${prefix}.${q(view.key[i] ?? '')}`).join(' and ')
  const names = pairs.map(([column]) => q(column)).join(', ')
  const values = pairs.map(([, name]) => `new.${q(name)}`).join(', ')
  const sets = pairs.map(([column, name]) => `${q(column)} = new.${q(name)}`).join(', ')
  const on = (event: string, body: string): string =>
    `create trigger ${q(`${view.name}_${event}`)} instead of ${event} on ${q(view.name)} begin ${body}; end`
  return {
    ...view,
    writes: table.name,
    sql: [
      ...view.sql,
      on('insert', `insert or ignore into ${q(table.name)} (${names}) values (${values})`),
      on('update', `update or ignore ${q(table.name)} set ${sets} where ${own('old')}`),
      on('delete', `delete from ${q(table.name)} where ${own('old')}`),
    ],
  }
}
