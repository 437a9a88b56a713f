import type { Row } from '../contract/target.ts'
import type { OnMissing } from '../contract/buffer-port.ts'

/** The key that an operation names: columns in the order of the key, and one value for each. */
export interface RowKey {
  readonly columns: readonly string[]
  readonly values: readonly unknown[]
}

/** A new row; columns that it omits get their DEFAULT. */
export interface InsertOperation {
  readonly kind: 'insert'
  /** The table as the database spells it. */
  readonly table: string
  readonly row: Row
}

/** New values for some columns of one row. */
export interface UpdateOperation {
  readonly kind: 'update'
  readonly table: string
  readonly key: RowKey
  readonly set: Row
  readonly onMissing: OnMissing
}

/** An amount that the database adds to a column of one row. */
export interface IncrementOperation {
  readonly kind: 'increment'
  readonly table: string
  readonly key: RowKey
  readonly column: string
  readonly by: number | bigint
  readonly onMissing: OnMissing
}

/** The end of one row. */
export interface DeleteOperation {
  readonly kind: 'delete'
  readonly table: string
  readonly key: RowKey
}

/** A write as the application meant it. */
export type WriteOperation =
  InsertOperation | UpdateOperation | IncrementOperation | DeleteOperation

/** A dead letter's second chance: takes the letter away and applies its write, both or neither. */
export interface RetryOperation {
  readonly kind: 'retry'
  readonly table: string
  /** The dead letter's id. */
  readonly letter: string
  readonly of: WriteOperation
}

/** Everything that the journal can hold. Values are private copies, taken when the write was accepted. */
export type Operation = WriteOperation | RetryOperation

/** An operation with its place in the lane; numbers of a lane are contiguous. */
export interface QueuedOperation {
  readonly seq: number
  readonly operation: Operation
}
