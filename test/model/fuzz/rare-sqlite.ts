import type { Draw } from './draw.ts'
import { raw, settable, type Rare } from './rare-parts.ts'
import type { Table } from './schema.ts'
import { writable } from './schema.ts'
import type { DrawnStatement } from './statements.ts'

/** Statements of SQLite alone. */
export const sqliteStatements: readonly Rare[] = [rowid, updateOr]

/** SQLite's own name for the key. */
function rowid(draw: Draw, table: Table): DrawnStatement {
  const { random } = draw
  const name = random.pick(['rowid', 'oid', '_rowid_'])
  const column = settable(draw, table)
  const [id, to] = [random.between(1, 9), random.between(1, 12)]
  switch (random.int(3)) {
    case 0:
      return raw(draw, 'by rowid', table, `update ?? set ?? = ? where ${name} = ?`, [
        table.name,
        column.name,
        draw.value(column, table),
        id,
      ])
    case 1:
      return raw(draw, 'of rowid', table, `update ?? set ${name} = ? where ${name} = ?`, [
        table.name,
        to,
        id,
      ])
    default:
      return raw(draw, 'by rowid', table, `delete from ?? where ${name} in (?)`, [table.name, id])
  }
}

function updateOr(draw: Draw, table: Table): DrawnStatement {
  const column = draw.random.pick(writable(table))
  const where = draw.random.pick(table.columns)
  const verb = draw.random.pick(['replace', 'ignore', 'replace', 'fail'])
  const bindings = [
    table.name,
    column.name,
    draw.value(column, table),
    where.name,
    draw.value(where, table),
  ]
  return raw(
    draw,
    `update or ${verb}`,
    table,
    `update or ${verb} ?? set ?? = ? where ?? = ?`,
    bindings,
  )
}
