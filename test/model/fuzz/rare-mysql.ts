import type { Draw } from './draw.ts'
import { partner, raw, settable, valuesOf, type Rare } from './rare-parts.ts'
import type { Table } from './schema.ts'
import { writable } from './schema.ts'
import type { DrawnStatement } from './statements.ts'

/** Statements of MariaDB and MySQL alone. */
export const mysqlStatements: readonly Rare[] = [
  limitedUpdate,
  duplicateKey,
  insertSet,
  updateIgnore,
  twoTables,
]

function limitedUpdate(draw: Draw, table: Table): DrawnStatement | undefined {
  if (table.key.length === 0) return undefined
  const column = settable(draw, table)
  const order = table.key.map(() => '??').join(', ')
  const builder = draw.random.chance(0.5)
  const sql = builder
    ? `update ?? set ?? = ? order by ${order} limit 2`
    : `delete from ?? order by ${order} limit 1`
  const bindings = builder
    ? [table.name, column.name, draw.value(column, table), ...table.key]
    : [table.name, ...table.key]
  return raw(draw, 'limited', table, sql, bindings)
}

function duplicateKey(draw: Draw, table: Table): DrawnStatement | undefined {
  const values = valuesOf(draw, table)
  if (values === undefined) return undefined
  const rows = draw.rows(table.name)
  const [key] = table.key
  const at = key === undefined ? -1 : values.names.indexOf(key)
  const bound = [...values.values]
  if (at >= 0 && rows.length > 0) bound[at] = draw.random.pick(rows)[key ?? '']
  const column = settable(draw, table)
  const [set, more] = draw.random.pick([
    ['values(??)', [column.name]],
    ['?', [draw.value(column, table)]],
    ['?? + 1', [column.name]],
  ] as const)
  const sql = `insert into ?? (${values.columns}) values (${values.places}) on duplicate key update ?? = ${set}`
  return raw(draw, 'on duplicate key', table, sql, [
    table.name,
    ...values.names,
    ...bound,
    column.name,
    ...more,
  ])
}

function insertSet(draw: Draw, table: Table): DrawnStatement | undefined {
  const values = valuesOf(draw, table)
  if (values === undefined) return undefined
  const verb = draw.random.pick(['insert', 'insert into', 'replace', 'insert ignore'])
  const sets = values.names.map(() => '?? = ?').join(', ')
  const pairs = values.names.flatMap((name, i) => [name, values.values[i]])
  return raw(draw, 'insert set', table, `${verb} ?? set ${sets}`, [table.name, ...pairs])
}

function updateIgnore(draw: Draw, table: Table): DrawnStatement {
  const column = draw.random.pick(writable(table))
  const where = draw.random.pick(table.columns)
  const bindings = [
    table.name,
    column.name,
    draw.value(column, table),
    where.name,
    draw.value(where, table),
  ]
  return raw(draw, 'update ignore', table, 'update ignore ?? set ?? = ? where ?? = ?', bindings)
}

/** Writes or deletes rows of two tables at once. */
function twoTables(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined) return undefined
  const { other, own, theirs } = found
  const tables = [table.name, other.name]
  const on = [own.name, theirs.name]
  if (draw.random.chance(0.3)) {
    const sql = 'delete x, y from ?? as x join ?? as y on x.?? = y.?? where x.?? = ?'
    const run = draw.raw(sql, [...tables, ...on, own.name, draw.value(own, table)])
    return { kind: 'delete of two', tables, run }
  }
  const [first, second] = [settable(draw, table), settable(draw, other)]
  const sql = 'update ?? as x left join ?? as y on x.?? = y.?? set x.?? = ?, y.?? = ?'
  const bindings = [
    ...tables,
    ...on,
    first.name,
    draw.value(first, table),
    second.name,
    draw.value(second, other),
  ]
  return { kind: 'update of two', tables, run: draw.raw(sql, bindings) }
}
