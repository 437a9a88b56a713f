/** A column whose values set rows apart: a key of some kind, or declared in `cache.partition`, of a type with exact comparison. */
export interface KeyColumn {
  /** The column's name, folded as names of tables are. */
  readonly name: string
  /**
   * The canonical form of a value, *coarser* than the database's equality: whatever the database takes for equal to a stored value has
   * the same form, or none. Forms may therefore stand for more than one value, never the other way round. `undefined`: it has none.
   * NULL, which is equal to nothing, has none either; see {@link ValueSource}.
   */
  canonical(value: unknown): string | undefined
}

/** Where a statement has a value from. */
export type ValueSource =
  /** A bound value, by its place among the bindings, from 0. */
  | { readonly from: 'binding'; readonly index: number }
  /** Written in the text: a number as its text, or a string. */
  | { readonly from: 'literal'; readonly value: string }
  | { readonly from: 'null' }

/**
 * Which rows of a table matter, as far as that can be told by its key columns. What cannot be told leaves rows in, never out.
 * Atoms are what makes a row matter; a row for which an atom is not TRUE does not satisfy it.
 */
export type RowFilter =
  /** Any row. */
  | { readonly op: 'every' }
  /** No row, ever. */
  | { readonly op: 'none' }
  /** Rows whose column equals one of the values. A bound NULL equals nothing. */
  | { readonly op: 'equals'; readonly column: KeyColumn; readonly values: readonly ValueSource[] }
  /** Rows whose column is NULL. */
  | { readonly op: 'null'; readonly column: KeyColumn }
  | { readonly op: 'and'; readonly of: readonly RowFilter[] }
  | { readonly op: 'or'; readonly of: readonly RowFilter[] }

/** One place where a query reads a table. */
export interface TableUse {
  /** The table's folded bare name. */
  readonly table: string
  readonly filter: RowFilter
}

/** What is known of one key column in the rows that a statement changes: their values before and after. */
export interface ColumnImage {
  readonly column: KeyColumn
  /** Values that are known before the statement is sent. */
  readonly values: readonly ValueSource[]
  /** Where the rest is known from. Undefined: `values` is all there is. A number: that column of the {@link AnswerPlan}. */
  readonly rest: number | 'unknown' | undefined
  /** A bound NULL among `values` is not what is stored, because the database makes a value of its own: the column is unknown then. */
  readonly nullIsUnknown?: boolean
}

/** The rows of one table that a statement changes. */
export interface RowChange {
  /** The table's folded bare name. */
  readonly table: string
  /**
   * Every key column of the table, those of which nothing is known with `rest: 'unknown'`. At least one is known better; a table of whose
   * rows nothing is known has no change at all.
   */
  readonly columns: readonly ColumnImage[]
}

/** How the database can be made to tell what a statement changed. */
export type AnswerPlan =
  /** By a clause that is put into the text; its columns come back as text or NULL, one row for each changed row. */
  | {
      readonly kind: 'returning'
      /** The index in the text where the clause goes. */
      readonly at: number
      /** ` returning cast("id" as text) as "_millrace_0"`, or `, cast(...) ...` where the statement has a RETURNING of its own. */
      readonly clause: string
      /** The names under which the columns come back, in order. */
      readonly columns: readonly string[]
      /** The statement's own RETURNING, whose columns come first and are the caller's. */
      readonly extendsOwn: boolean
      /** Few rows at most: found by a unique key, or listed in the text. Otherwise a single statement might return the whole table. */
      readonly bounded: boolean
    }
  /** By the generated key of the one inserted row, which drivers tell anyway. */
  | { readonly kind: 'inserted-id' }

/** What came back for an {@link AnswerPlan}: for each of its columns the values of all rows. */
export type Answer = readonly (readonly unknown[])[]
