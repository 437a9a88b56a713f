import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import { bindKey, sizeOfBindings } from './bind.ts'
import { integerOf } from './column-change.ts'
import { cut, statementLimits } from './limits.ts'
import { quoteName, quoteTable } from './quote.ts'
import type { Statement } from './row-statement.ts'
import { bindChange, updateStatement } from './row-statement.ts'
import type { RowChange, UpdateStep } from './step.ts'

/**
 * Updates of many rows with one statement per set of changed columns, joining a list of values: in the order of the keys, so
 * that two flushers lock rows in the same order. Where a list of values would not surely keep the types (MySQL beyond
 * integers, PostgreSQL's own types), each row is a statement.
 */
export function joinedUpdate(step: UpdateStep, dialect: Dialect): Statement[] {
  const statements: Statement[] = []
  for (const changes of byShape(step.changes).values()) {
    const first = changes[0]
    if (first === undefined) continue
    const ordered = changes.toSorted((a, b) => compareKeys(a.key, b.key))
    if (ordered.length === 1 || !joins(step, ordered, dialect)) {
      for (const change of ordered)
        statements.push(updateStatement(step.table, step.keyColumns, change, dialect))
      continue
    }
    const bound = ordered.map((change) => [
      ...change.key.map((value) => bindKey(value, dialect)),
      ...[...first.columns.keys()].map((column) => {
        const value = change.columns.get(column)
        return value === undefined ? null : bindChange(step.table, column, value, dialect)
      }),
    ])
    for (const rows of cut(bound, statementLimits[dialect], sizeOfBindings)) {
      statements.push({
        sql: joinedSql(step, first, rows.length, dialect),
        bindings: rows.flat(),
        rows: rows.length,
      })
    }
  }
  return statements
}

/** Changes by the columns that they change, and how. Columns are brought into one order first. */
function byShape(changes: readonly RowChange[]): Map<string, RowChange[]> {
  const shapes = new Map<string, RowChange[]>()
  for (const change of changes) {
    const entries = [...change.columns].sort(([a], [b]) => (a < b ? -1 : 1))
    const ordered: RowChange = { key: change.key, columns: new Map(entries) }
    const shape = JSON.stringify(entries.map(([column, { kind }]) => [column, kind]))
    const list = shapes.get(shape)
    if (list === undefined) shapes.set(shape, [ordered])
    else list.push(ordered)
  }
  return shapes
}

function joins(step: UpdateStep, changes: readonly RowChange[], dialect: Dialect): boolean {
  const columns = [...step.keyColumns, ...(changes[0]?.columns.keys() ?? [])]
  const described = columns.map((name) => step.table.columns.get(name))
  switch (dialect) {
    case 'sqlite':
      return true
    case 'postgres':
      return described.every((column) => column !== undefined && castable.test(column.type))
    case 'mysql':
      return changes.every(
        (change) =>
          change.key.every((value) => integerOf(value) !== undefined) &&
          [...change.columns.values()].every(
            (value) => value.kind === 'delta' && integerOf(value.by) !== undefined,
          ),
      )
  }
}

/** PostgreSQL's types that can be named in a CAST as the catalog spells them. */
const castable =
  /^(smallint|integer|bigint|int2|int4|int8|text|uuid|boolean|bool|bytea|date|real|double precision|float4|float8|jsonb?|numeric|decimal|varchar|character varying|timestamp|timestamptz|timestamp (with|without) time zone)(\(\d+(, ?\d+)?\))?$/

function joinedSql(step: UpdateStep, shape: RowChange, rows: number, dialect: Dialect): string {
  const table = quoteTable(step.table.name, dialect)
  const keys = step.keyColumns.map((_, index) => `k${String(index)}`)
  const values = [...shape.columns.keys()].map((_, index) => `c${String(index)}`)
  const all = [...keys, ...values]
  const on = step.keyColumns
    .map((name, index) => `${table}.${quoteName(name, dialect)} = _m.k${String(index)}`)
    .join(' AND ')
  const sets = [...shape.columns].map(([column, change], index) => {
    const name = quoteName(column, dialect)
    const target = dialect === 'mysql' ? `${table}.${name}` : name
    return `${target} = ${change.kind === 'base' ? '' : `${table}.${name} + `}_m.c${String(index)}`
  })
  if (dialect === 'mysql') {
    const head = `SELECT ${all.map((name) => `? AS ${name}`).join(', ')}`
    const rest = ` UNION ALL SELECT ${all.map(() => '?').join(', ')}`
    return `UPDATE ${table} JOIN (${head}${rest.repeat(rows - 1)}) AS _m ON ${on} SET ${sets.join(', ')}`
  }
  const tuple = `(${all.map(() => '?').join(', ')})`
  const tuples = [
    dialect === 'postgres'
      ? typedTuple(step.table, [...step.keyColumns, ...shape.columns.keys()])
      : tuple,
    ...Array.from({ length: rows - 1 }, () => tuple),
  ].join(', ')
  const from =
    dialect === 'postgres'
      ? `(VALUES ${tuples}) AS _m(${all.join(', ')})`
      : `(SELECT ${all.map((name, index) => `column${String(index + 1)} AS ${name}`).join(', ')} FROM (VALUES ${tuples})) AS _m`
  return `UPDATE ${table} SET ${sets.join(', ')} FROM ${from} WHERE ${on}`
}

/**
 * The first row tells PostgreSQL the types of the whole list: without their length, because a CAST cuts silently what an
 * assignment refuses.
 */
function typedTuple(table: TableDescription, columns: readonly string[]): string {
  const types = columns.map(
    (name) => table.columns.get(name)?.type.replace(/\(.*?\)/, '') ?? 'text',
  )
  return `(${types.map((type) => `CAST(? AS ${type})`).join(', ')})`
}

function compareKeys(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    const comparable =
      (typeof left === 'number' || typeof left === 'bigint') &&
      (typeof right === 'number' || typeof right === 'bigint')
    const order = comparable
      ? left < right
        ? -1
        : left > right
          ? 1
          : 0
      : String(left) < String(right)
        ? -1
        : String(left) > String(right)
          ? 1
          : 0
    if (order !== 0) return order
  }
  return 0
}
