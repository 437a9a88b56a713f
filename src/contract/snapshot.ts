/** Plain data that describes a result beside its rows (command tags, field lists), as the dialect's adapter needs it. */
export type SnapshotMeta = Readonly<Record<string, unknown>>

/**
 * A query's result at rest in this process: private, never handed out, copied on every hit. Rows are kept column by column,
 * which makes the copy cheap; results that are not uniform rows are kept as one value.
 */
export interface Snapshot {
  /** What the rows were wrapped in; the dialect's response adapter writes and reads it. */
  readonly meta: SnapshotMeta | undefined
  /** The rows, or whatever else the driver returned. */
  readonly body: ColumnarRows | PlainValue
}

/** How the values of one column are kept. */
export type ColumnKind =
  /** As they are; copies share them: strings, numbers, booleans, BigInt, `null`, `undefined`. */
  | 'plain'
  /** Dates, each as its milliseconds (`NaN` for an invalid one), a twelfth of a `Date`'s memory; `null` and `undefined` as they are. */
  | 'dates'
  /** As they are, with buffers or nested data among them: each copy has its own. */
  | 'deep'

/** Uniform rows by column: `columns[c][r]` is column `names[c]` of row `r`, kept as `kinds[c]` says. */
export interface ColumnarRows {
  readonly form: 'columns'
  readonly names: readonly string[]
  readonly rowCount: number
  readonly columns: readonly (readonly unknown[])[]
  readonly kinds: readonly ColumnKind[]
}

/** Anything else, copied as a whole. */
export interface PlainValue {
  readonly form: 'value'
  readonly value: unknown
}
