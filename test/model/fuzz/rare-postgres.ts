import type { Draw } from './draw.ts'
import { partner, raw, settable, type Rare } from './rare-parts.ts'
import type { Table } from './schema.ts'
import type { DrawnStatement } from './statements.ts'

/** Statements of PostgreSQL alone. */
export const postgresStatements: readonly Rare[] = [
  dataModifying,
  merge,
  refresh,
  cascadingTruncate,
]

/** A DELETE or UPDATE inside another statement. */
function dataModifying(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined) return undefined
  const { other, own, theirs } = found
  const column = settable(draw, table)
  const inner = draw.random.chance(0.5)
  const sql = inner
    ? 'with d as (delete from ?? where ?? = ? returning *) update ?? set ?? = ? where ?? in (select ?? from d)'
    : 'with d as (update ?? set ?? = ? returning *) select count(*) from d'
  const bindings = inner
    ? [
        other.name,
        theirs.name,
        draw.value(theirs, other),
        table.name,
        column.name,
        draw.value(column, table),
        own.name,
        theirs.name,
      ]
    : [table.name, column.name, draw.value(column, table)]
  return {
    ...raw(draw, 'data-modifying CTE', table, sql, bindings),
    tables: inner ? [table.name, other.name] : [table.name],
  }
}

function merge(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined) return undefined
  const { other, own, theirs } = found
  const column = settable(draw, table)
  const action = draw.random.chance(0.6) ? 'update set ?? = ?' : 'delete'
  const sql = `merge into ?? as m using ?? as o on o.?? = m.?? when matched then ${action}`
  const set = action === 'delete' ? [] : [column.name, draw.value(column, table)]
  return raw(draw, 'merge', table, sql, [table.name, other.name, theirs.name, own.name, ...set])
}

function refresh(draw: Draw): DrawnStatement | undefined {
  const kept = draw.schema.views.filter(
    ({ sql }) => sql[0]?.startsWith('create materialized') === true,
  )
  if (kept.length === 0) return undefined
  const { name } = draw.random.pick(kept)
  return {
    kind: 'refresh',
    tables: [name],
    run: draw.raw('refresh materialized view ??', [name]),
  }
}

function cascadingTruncate(draw: Draw, table: Table): DrawnStatement | undefined {
  if (!draw.random.chance(0.15)) return undefined
  return {
    ...raw(draw, 'truncate', table, 'truncate ?? cascade', [table.name]),
    tables: draw.schema.tables.map(({ name }) => name),
  }
}
