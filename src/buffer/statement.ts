import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { Row } from '../contract/target.ts'
import { bindColumn, bindKey, sizeOfBindings } from './bind.ts'
import { cut, statementLimits } from './limits.ts'
import { quoteName, quoteTable } from './quote.ts'
import type { Statement } from './row-statement.ts'
import type { DeleteStep, InsertStep, Step } from './step.ts'
import { joinedUpdate } from './update-statement.ts'

/** The statements of a step, cut to the dialect's limits. Single steps are run by themselves. */
export function statementsOf(
  step: Exclude<Step, { kind: 'single' }>,
  dialect: Dialect,
): Statement[] {
  switch (step.kind) {
    case 'insert':
      return insertStatements(step, dialect)
    case 'update':
      return joinedUpdate(step, dialect)
    case 'delete':
      return deleteStatements(step, dialect)
  }
}

function insertStatements(step: InsertStep, dialect: Dialect): Statement[] {
  const { table, columns } = step
  const into = `INSERT INTO ${quoteTable(table.name, dialect)}`
  if (columns.length === 0) {
    const defaults = dialect === 'mysql' ? '() VALUES ()' : 'DEFAULT VALUES'
    return step.rows.map(() => ({ sql: `${into} ${defaults}`, bindings: [], rows: 1 }))
  }
  const names = columns.map((name) => quoteName(name, dialect)).join(', ')
  const bound = step.rows.map((row) =>
    columns.map((name) => bindColumn(row[name], table.columns.get(name), dialect)),
  )
  const tuple = `(${columns.map(() => '?').join(', ')})`
  return cut(bound, statementLimits[dialect], sizeOfBindings).map((rows) => ({
    sql: `${into} (${names}) VALUES ${rows.map(() => tuple).join(', ')}`,
    bindings: rows.flat(),
    rows: rows.length,
  }))
}

/** The insert that stands in for an update whose row is not there. */
export function insertStatement(table: TableDescription, row: Row, dialect: Dialect): Statement {
  const [statement] = insertStatements(
    { kind: 'insert', table, columns: Object.keys(row), rows: [row] },
    dialect,
  )
  if (statement === undefined) throw new TypeError('an insert of one row is one statement')
  return statement
}

function deleteStatements(step: DeleteStep, dialect: Dialect): Statement[] {
  const from = `DELETE FROM ${quoteTable(step.table.name, dialect)} WHERE`
  const names = step.keyColumns.map((name) => quoteName(name, dialect))
  const keys = step.keys.map((key) => key.map((value) => bindKey(value, dialect)))
  // A chain of OR is a deep expression, and SQLite takes no more than 1,000 levels.
  const limits =
    names.length === 1 ? statementLimits[dialect] : { ...statementLimits[dialect], rows: 200 }
  return cut(keys, limits, sizeOfBindings).map((rows) => {
    const one = names.map((name) => `${name} = ?`).join(' AND ')
    const sql =
      rows.length === 1
        ? `${from} ${one}`
        : names.length === 1
          ? `${from} ${names[0] ?? ''} IN (${rows.map(() => '?').join(', ')})`
          : `${from} ${rows.map(() => `(${one})`).join(' OR ')}`
    return { sql, bindings: rows.flat(), rows: rows.length }
  })
}
