import type { Knex } from 'knex'
import { addWhere } from './conditions.ts'
import type { Draw } from './draw.ts'
import { mysqlStatements } from './rare-mysql.ts'
import { partner, raw, settable, valuesOf, type Rare } from './rare-parts.ts'
import { postgresStatements } from './rare-postgres.ts'
import { sqliteStatements } from './rare-sqlite.ts'
import type { Table } from './schema.ts'
import { columnOf } from './schema.ts'
import type { DrawnStatement } from './statements.ts'

type Builder = Knex.QueryBuilder

/** A statement of the kind that only some databases have, mostly as raw SQL. */
export function rareStatement(draw: Draw, table: Table): DrawnStatement | undefined {
  const { random, dialect } = draw
  const shared: readonly Rare[] = [joinedUpdate, joinedDelete, replacing, keyList, subqueryDelete]
  const own: Readonly<Record<typeof dialect, readonly Rare[]>> = {
    sqlite: [...sqliteStatements, updateFrom, returningRaw, pair, prefixed],
    postgres: [...postgresStatements, updateFrom, returningRaw, pair, prefixed],
    mysql: [...mysqlStatements, returningRaw],
  }
  return random.pick([...shared, ...own[dialect], ...own[dialect]])(draw, table)
}

function joinedUpdate(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined || draw.dialect === 'sqlite') return undefined
  const { other, own, theirs } = found
  const column = settable(draw, table)
  const set = {
    [`${draw.dialect === 'mysql' ? `${table.name}.` : ''}${column.name}`]: draw.value(
      column,
      table,
    ),
  }
  const where = settable(draw, other)
  const builder: Builder =
    draw.dialect === 'mysql'
      ? draw
          .k(table.name)
          .join(other.name, `${table.name}.${own.name}`, `${other.name}.${theirs.name}`)
      : draw
          .k(table.name)
          .updateFrom(other.name)
          .where(`${table.name}.${own.name}`, '=', draw.k.ref(`${other.name}.${theirs.name}`))
  if (draw.random.chance(0.5))
    void builder.where(`${other.name}.${where.name}`, draw.value(where, other) as string)
  return {
    kind: 'update with join',
    tables: [table.name],
    run: builder.update(set as object) as Builder,
  }
}

function joinedDelete(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined || draw.dialect === 'sqlite') return undefined
  const { other, own, theirs } = found
  const where = settable(draw, other)
  const builder: Builder =
    draw.dialect === 'mysql'
      ? draw
          .k(table.name)
          .join(other.name, `${table.name}.${own.name}`, `${other.name}.${theirs.name}`)
      : draw
          .k(table.name)
          .using(other.name as unknown as string[])
          .where(`${table.name}.${own.name}`, '=', draw.k.ref(`${other.name}.${theirs.name}`))
  void builder.where(`${other.name}.${where.name}`, draw.value(where, other) as never)
  return { kind: 'delete with join', tables: [table.name], run: builder.del() as Builder }
}

function replacing(draw: Draw, table: Table): DrawnStatement | undefined {
  const values = valuesOf(draw, table)
  if (values === undefined || draw.dialect === 'postgres') return undefined
  const rows = draw.rows(table.name)
  const [key] = table.key
  const at = key === undefined ? -1 : values.names.indexOf(key)
  const bound = [...values.values]
  if (at >= 0 && rows.length > 0) bound[at] = draw.random.pick(rows)[key ?? '']
  const verb =
    draw.dialect === 'mysql'
      ? draw.random.pick(['replace', 'replace', 'insert ignore'])
      : draw.random.pick(['insert or replace', 'replace', 'insert or ignore', 'insert or fail'])
  return raw(
    draw,
    'replace',
    table,
    `${verb} into ?? (${values.columns}) values (${values.places})`,
    [table.name, ...values.names, ...bound],
  )
}

/** Several rows by their keys, or by a range of them. */
function keyList(draw: Draw, table: Table): DrawnStatement | undefined {
  const [key, ...more] = table.key
  if (key === undefined || more.length > 0) return undefined
  const column = columnOf(table.columns, key)
  const values = [draw.value(column, table), draw.value(column, table)]
  const builder = draw.k(table.name)
  if (draw.random.chance(0.6)) void builder.whereIn(key, values as string[])
  else void builder.whereBetween(key, values as [string, string])
  if (draw.random.chance(0.35))
    return { kind: 'delete by keys', tables: [table.name], run: builder.del() }
  const set = settable(draw, table)
  return {
    kind: 'update by keys',
    tables: [table.name],
    run: builder.update({ [set.name]: draw.value(set, table) }),
  }
}

function subqueryDelete(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined) return undefined
  const { other, own, theirs } = found
  const sub = draw.k.select(theirs.name).from(other.name) as Builder
  addWhere(draw, sub, { placed: [{ alias: other.name, source: other }], outer: undefined }, 0)
  return {
    kind: 'delete by subquery',
    tables: [table.name],
    run: draw.k(table.name).whereIn(own.name, sub).del(),
  }
}

function updateFrom(draw: Draw, table: Table): DrawnStatement | undefined {
  const found = partner(draw, table)
  if (found === undefined) return undefined
  const { other, own, theirs } = found
  const column = settable(draw, table)
  const like = other.columns.filter(({ kind }) => kind === column.kind)
  const [value, binding] =
    like.length > 0 ? ['o.??', draw.random.pick(like).name] : ['?', draw.value(column)]
  const sql = `update ?? as u set ?? = ${value} from ?? as o where o.?? = u.??`
  return raw(draw, 'update from', table, sql, [
    table.name,
    column.name,
    binding,
    other.name,
    theirs.name,
    own.name,
  ])
}

function returningRaw(draw: Draw, table: Table): DrawnStatement | undefined {
  const values = valuesOf(draw, table)
  if (values === undefined) return undefined
  const what = draw.random.pick(['*', '1', '??'])
  const sql = `insert into ?? (${values.columns}) values (${values.places}) returning ${what}`
  const column = what === '??' ? [draw.random.pick(table.columns).name] : []
  return raw(draw, 'insert returning', table, sql, [
    table.name,
    ...values.names,
    ...values.values,
    ...column,
  ])
}

/** Assigns two columns at once. */
function pair(draw: Draw, table: Table): DrawnStatement {
  const [first, second] = [settable(draw, table), draw.random.pick(table.columns)]
  const [key] = table.key.length > 0 ? table.key : [second.name]
  const where = columnOf(table.columns, key ?? second.name)
  const values = [draw.value(first, table), draw.value(second, table)]
  const sql = draw.random.pick([
    'update ?? set (??, ??) = (?, ?) where ?? = ?',
    'update ?? set (??, ??) = (select ?, ?) where ?? = ?',
    'update ?? set ?? = ??, ?? = ? where ?? = ?',
  ])
  const own = sql.includes('= ??,')
  const list = own
    ? [first.name, second.name, second.name, values[1]]
    : [first.name, second.name, ...values]
  const bindings = [table.name, ...list, where.name, draw.value(where, table)]
  return raw(draw, 'update of pair', table, sql, bindings)
}

/** A write behind WITH, or by the table's full name. */
function prefixed(draw: Draw, table: Table): DrawnStatement {
  const column = settable(draw, table)
  const where = draw.random.pick(table.columns)
  const schema = draw.dialect === 'sqlite' ? 'main' : 'public'
  const bound = [where.name, draw.value(where, table)]
  const set = [column.name, draw.value(column, table)]
  switch (draw.random.int(4)) {
    case 0: {
      const sql = 'with w as (select 1 as one) update ?? set ?? = ? where ?? = ?'
      return raw(draw, 'update behind with', table, sql, [table.name, ...set, ...bound])
    }
    case 1: {
      const sql =
        'with w as (select ?? as one from ?? where ?? = ?) delete from ?? where ?? in (select one from w)'
      const inner = [where.name, table.name, ...bound]
      return raw(draw, 'delete behind with', table, sql, [...inner, table.name, where.name])
    }
    case 2:
      return raw(
        draw,
        'update by full name',
        table,
        `update ${schema}.?? set ?? = ? where ?? = ?`,
        [...[table.name, ...set, ...bound]],
      )
    default:
      return raw(draw, 'delete by full name', table, `delete from ${schema}.?? where ?? = ?`, [
        ...[table.name, ...bound],
      ])
  }
}
