import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { Row } from '../contract/target.ts'
import { integerOf } from './column-change.ts'
import { driverValue, unknownValue } from './driver-value.ts'
import { exactSum } from './exact-sum.ts'
import type { RowKey, WriteOperation } from './operation.ts'
import { keyIdentity, keyInRow } from './row-key.ts'

/** The row that is asked for. */
export interface OverlayQuestion {
  readonly table: TableDescription
  readonly dialect: Dialect
  readonly key: RowKey
}

/** A row with its pending writes; `unsure` where only the database can tell what they will do to it. */
export type OverlaidRow =
  { readonly kind: 'row'; readonly row: Row | undefined } | { readonly kind: 'unsure' }

/** How an operation's key relates to the row. */
type Match = 'same' | 'other' | 'unsure'

const unsure: OverlaidRow = { kind: 'unsure' }

/** Whether an operation may say anything about the row; a quick filter before the row is read. */
export function mayConcern(question: OverlayQuestion, operation: WriteOperation): boolean {
  if (operation.table !== question.table.name) return false
  if (operation.kind === 'insert') return compareInsert(question, operation.row) !== 'other'
  return (
    !sameColumns(operation.key, question.key) || compareKeys(question, operation.key) !== 'other'
  )
}

/** The row as it will be once the operations, in order, are applied to what the database has. */
export function overlay(
  question: OverlayQuestion,
  stored: Row | undefined,
  operations: readonly WriteOperation[],
): OverlaidRow {
  let row = stored === undefined ? undefined : { ...stored }
  for (const operation of operations) {
    const match = matches(question, operation, row)
    if (match === 'unsure') return unsure
    if (match === 'other') continue
    switch (operation.kind) {
      case 'insert':
        row = insertedRow(question, operation.row)
        break
      case 'delete':
        row = undefined
        break
      case 'update':
        if (row === undefined) {
          if (operation.onMissing === 'insert')
            row = missingRow(question, operation.key, operation.set)
          break
        }
        for (const [column, value] of Object.entries(operation.set)) {
          if (question.key.columns.includes(column)) return unsure
          row[column] = driverValue(value, question.table.columns.get(column), question.dialect)
        }
        forgetComputed(question, row, Object.keys(operation.set))
        break
      case 'increment': {
        const { column, by } = operation
        if (row === undefined) {
          if (operation.onMissing === 'insert')
            row = missingRow(question, operation.key, { [column]: by })
          break
        }
        const before = row[column]
        const exact = before !== unknownValue && addsLikeHere(question, column, by)
        const sum = exact ? exactSum(before, by) : undefined
        row[column] = sum === undefined ? unknownValue : sum
        forgetComputed(question, row, [column])
      }
    }
  }
  return { kind: 'row', row }
}

function matches(
  question: OverlayQuestion,
  operation: WriteOperation,
  row: Row | undefined,
): Match {
  if (operation.kind === 'insert') {
    // The database refuses a second row of the same key, and makes no id that is taken.
    return row === undefined ? compareInsert(question, operation.row) : 'other'
  }
  if (sameColumns(operation.key, question.key)) return compareKeys(question, operation.key)
  if (
    operation.kind === 'update' &&
    question.key.columns.some((name) => Object.hasOwn(operation.set, name))
  ) {
    return 'unsure'
  }
  // Named by another key: it can only meet this row if the row is there and carries that key.
  if (row === undefined) return 'other'
  const own = keyInRow(question.table, operation.key.columns, row)
  return own === undefined
    ? operation.key.columns.every((name) => row[name] === null)
      ? 'other'
      : 'unsure'
    : compare(question.table, own, operation.key)
}

/** Whether a new row may be the one asked for; `unsure` where the database makes a part of its key. */
function compareInsert(question: OverlayQuestion, row: Row): Match {
  const key = keyInRow(question.table, question.key.columns, row)
  if (key !== undefined) return compareKeys(question, key)
  const made = question.key.columns.some((name) => {
    const column = question.table.columns.get(name)
    if (column === undefined || (row[name] ?? undefined) !== undefined) return false
    return column.hasDefault || question.table.primaryKey.includes(name)
  })
  return made ? 'unsure' : 'other'
}

function compareKeys(question: OverlayQuestion, key: RowKey): Match {
  return compare(question.table, question.key, key)
}

function compare(table: TableDescription, a: RowKey, b: RowKey): Match {
  if (a.values.every((value, index) => sameValue(value, b.values[index]))) return 'same'
  // Integers have one spelling: different ones are different rows.
  if (a.columns.every((name) => table.columns.get(name)?.family === 'integer')) return 'other'
  const left = keyIdentity(table, a)
  const right = keyIdentity(table, b)
  if (left === undefined || right === undefined) return 'unsure'
  if (left.exact === right.exact) return 'same'
  return left.fold === right.fold ? 'unsure' : 'other'
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  return a === b
}

function sameColumns(a: RowKey, b: RowKey): boolean {
  return (
    a.columns.length === b.columns.length &&
    a.columns.every((name, index) => name === b.columns[index])
  )
}

/** Whether the database's sum is the one that {@link exactSum} foretells: not of text, short floats and what is rounded. */
function addsLikeHere(
  { table, dialect }: OverlayQuestion,
  column: string,
  by: number | bigint,
): boolean {
  const { family = 'other', type = '' } = table.columns.get(column) ?? {}
  if (family === 'integer') return integerOf(by) !== undefined
  return family !== 'text' && (dialect === 'sqlite' || !/^(real|float4|float)\b/.test(type))
}

/** Columns that the database computes anew with every update of the row, where it does not set them. */
function forgetComputed(question: OverlayQuestion, row: Row, set: readonly string[]): void {
  for (const [name, { generated, stamped = false }] of question.table.columns) {
    if (generated || (stamped && !set.includes(name))) row[name] = unknownValue
  }
}

function missingRow(question: OverlayQuestion, key: RowKey, values: Row): Row {
  const row: Row = { ...values }
  for (const [index, name] of key.columns.entries()) row[name] = key.values[index]
  return insertedRow(question, row)
}

function insertedRow(question: OverlayQuestion, values: Row): Row {
  const row: Row = {}
  for (const [name, column] of question.table.columns) {
    if (Object.hasOwn(values, name)) row[name] = driverValue(values[name], column, question.dialect)
    else row[name] = column.hasDefault || column.generated || !column.nullable ? unknownValue : null
  }
  return row
}
