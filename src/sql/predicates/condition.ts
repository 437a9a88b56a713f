import type { ValueSource } from '../../contract/rows.ts'

/** A column as the text names it, folded; which table it belongs to is not known yet. */
export interface ColumnName {
  /** The table or alias before the dot; undefined without one. */
  readonly qualifier: string | undefined
  readonly name: string
  /** The name as PostgreSQL tells it from others; see `ExactToken.spelling`. */
  readonly spelling: string
}

/** `column = value`, `column in (value, ...)`. */
export interface PinnedColumn {
  readonly op: 'equals'
  readonly column: ColumnName
  readonly values: readonly ValueSource[]
  /**
   * A number stands among the literals, without quotes. It may be compared as a number, then: with a column that holds no integers the
   * atom must not be used, because its canonical forms are those of text.
   */
  readonly numeric: boolean
}

/**
 * What a WHERE or ON says, as far as it is understood. `opaque` stands for anything else: it may be TRUE for any row. NOT over anything
 * is opaque. An atom is understood only if it is TRUE exactly for the rows that it names.
 */
export type Condition =
  | { readonly op: 'opaque' }
  /** Never TRUE: `1 = 0`, `in ()`. */
  | { readonly op: 'never' }
  | PinnedColumn
  /** `column is null`. */
  | { readonly op: 'null'; readonly column: ColumnName }
  /** `a.x = b.y`. */
  | { readonly op: 'same'; readonly left: ColumnName; readonly right: ColumnName }
  | { readonly op: 'and'; readonly of: readonly Condition[] }
  | { readonly op: 'or'; readonly of: readonly Condition[] }
