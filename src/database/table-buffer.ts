import type { Knex } from 'knex'
import type { AckLevel, OnMissing } from '../contract/buffer-port.ts'

/** A row as a select returns it. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export type SelectedRow<Row extends {}> = Knex.ResolveTableType<Row>

/** A row as an insert takes it: columns with a default or a generated id may be left out. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export type InsertedRow<Row extends {}> =
  Row extends Knex.CompositeTableType<unknown>
    ? Knex.ResolveTableType<Row, 'insert'>
    : Readonly<Partial<Row>>

/** Columns of a row that can be incremented. */
export type NumericColumn<Row> = {
  [Column in keyof Row & string]-?: NonNullable<Row[Column]> extends number | bigint
    ? Column
    : never
}[keyof Row & string]

/** What identifies a row: the value of a key of one column, or every column of a key by name. */
export type BufferKey<Row> =
  string | number | bigint | Date | Uint8Array | { readonly [Column in keyof Row]?: Row[Column] }

/** What a buffered write resolves to once it is safe at the level asked for. */
export interface Receipt {
  /** The level reached; see {@link AckLevel}. */
  readonly ack: AckLevel
  /**
   * Resolves when the database has committed the write, rejects with `MILLRACE_WRITE_REFUSED` when it refused it for good.
   * Left alone, it never raises an unhandled rejection.
   */
  readonly applied: Promise<void>
}

/** The receipt of one buffered row. */
export interface RowReceipt<Row> extends Receipt {
  /** The row as it was queued, with its generated ids. */
  readonly row: Row
}

/** The receipt of a list of buffered rows. */
export interface RowsReceipt<Row> extends Receipt {
  /** The rows as they were queued, with their generated ids. */
  readonly rows: readonly Row[]
}

/** The receipt of an increment with `returning`. */
export interface ValueReceipt<Value> extends Receipt {
  /** The column's value after this write: the database's and what is pending. `undefined` if the row is not there. */
  readonly value: Value | undefined
}

/** Options of one buffered write. */
export interface BufferedWriteOptions {
  /** The level at which it is acknowledged. Default: `buffer.ack`. */
  readonly ack?: AckLevel
}

/** Options of a buffered update. */
export interface BufferedUpdateOptions extends BufferedWriteOptions {
  /** What becomes of it if the row is not there when it is applied. Default: `buffer.onMissing`. */
  readonly onMissing?: OnMissing
}

/** Options of a buffered increment or decrement. */
export interface IncrementOptions extends BufferedUpdateOptions {
  /** `true`: answer with the new value as `value`. Default: `false`. */
  readonly returning?: boolean
}

/** `DB.posts.buffer`: writes to the table that are accepted now and applied in a batch later. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface TableBuffer<Row extends {}> {
  /** Queues rows for a batch insert. Values are captured now. */
  insert(
    row: InsertedRow<Row>,
    options?: BufferedWriteOptions,
  ): Promise<RowReceipt<InsertedRow<Row>>>
  insert(
    rows: readonly InsertedRow<Row>[],
    options?: BufferedWriteOptions,
  ): Promise<RowsReceipt<InsertedRow<Row>>>
  /**
   * The row to write to, by its full primary or unique key. A string is an id and never read as JSON. Writes reject with
   * `MILLRACE_KEY_INVALID` for a key that is missing, incomplete or of the wrong type.
   */
  where(key: BufferKey<SelectedRow<Row>>): RowBuffer<SelectedRow<Row>>
  /** Resolves when every write to this table accepted before the call is applied or a dead letter. */
  flush(): Promise<void>
}

/** `DB.posts.buffer.where(7)`: writes to one row. */
export interface RowBuffer<Row> {
  /** Adds to a column; increments of one row are merged into one `col = col + n`. */
  increment<Column extends NumericColumn<Row>>(
    column: Column,
    by: number | bigint | undefined,
    options: IncrementOptions & { readonly returning: true },
  ): Promise<ValueReceipt<Row[Column]>>
  increment(
    column: NumericColumn<Row>,
    by?: number | bigint,
    options?: IncrementOptions,
  ): Promise<Receipt>
  /** Takes away from a column. */
  decrement<Column extends NumericColumn<Row>>(
    column: Column,
    by: number | bigint | undefined,
    options: IncrementOptions & { readonly returning: true },
  ): Promise<ValueReceipt<Row[Column]>>
  decrement(
    column: NumericColumn<Row>,
    by?: number | bigint,
    options?: IncrementOptions,
  ): Promise<Receipt>
  /** Sets columns; the last write wins, column by column. */
  update(set: Readonly<Partial<Row>>, options?: BufferedUpdateOptions): Promise<Receipt>
  /** Deletes the row. */
  delete(options?: BufferedWriteOptions): Promise<Receipt>
  /** The column's value, database plus pending; `undefined` for a row that is in neither. */
  get<Column extends keyof Row & string>(column: Column): Promise<Row[Column] | undefined>
}
