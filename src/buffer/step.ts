import type { TableDescription } from '../contract/catalog.ts'
import type { Row } from '../contract/target.ts'
import type { QueuedOperation } from './operation.ts'

/** Rows with the same columns, in the order in which they were accepted. */
export interface InsertStep {
  readonly kind: 'insert'
  readonly table: TableDescription
  readonly columns: readonly string[]
  readonly rows: Row[]
}

/** What becomes of one column: a new value, or an amount that the database adds. */
export type ColumnChange =
  | { readonly kind: 'base'; readonly value: unknown }
  | { readonly kind: 'delta'; readonly by: number | bigint }

/** All changes of one row, by column. */
export interface RowChange {
  readonly key: readonly unknown[]
  readonly columns: Map<string, ColumnChange>
}

/** Changes of different rows; no key appears twice. */
export interface UpdateStep {
  readonly kind: 'update'
  readonly table: TableDescription
  readonly keyColumns: readonly string[]
  readonly changes: RowChange[]
}

/** Rows to delete, by key. */
export interface DeleteStep {
  readonly kind: 'delete'
  readonly table: TableDescription
  readonly keyColumns: readonly string[]
  readonly keys: (readonly unknown[])[]
}

/** One operation whose own outcome matters: `onMissing`, or a dead letter's retry. */
export interface SingleStep {
  readonly kind: 'single'
  readonly table: TableDescription
  readonly entry: QueuedOperation
}

/** Work for the database, in order. */
export type Step = InsertStep | UpdateStep | DeleteStep | SingleStep
