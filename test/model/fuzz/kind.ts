/** What a driver is given. */
export type Value = string | number | bigint | boolean | null | Buffer

/** A type of columns, with the values that are tried on it. */
export interface Kind {
  readonly name: string
  /** As CREATE TABLE has it, collation included. */
  readonly type: string
  /** Kinds of one group are compared and assigned to each other. */
  readonly group: 'number' | 'text' | 'other'
  /** Few values, so that writes change many results. */
  readonly values: readonly Value[]
  /** More values, for keys. */
  readonly wide: readonly Value[]
  /** Values in another spelling than the stored one, or that are none of this kind: for writes and for conditions. */
  readonly odd: readonly Value[]
  /** SQL texts that stand for values, in a spelling of their own. */
  readonly literals: readonly string[]
  /** Fit for unique keys, primary keys and foreign keys. */
  readonly keyable: boolean
  /** Values that are equal are identical: grouping, DISTINCT and UNION show one result whatever the order of rows. */
  readonly exact: boolean
}
