import type { ValueSource } from '../../contract/rows.ts'
import type { Condition } from './condition.ts'

/** What a statement gives to a column. */
export type SentValue =
  /** A bound value, a literal, NULL. */
  | {
      readonly op: 'plain'
      readonly source: ValueSource
      /** A number without quotes. A column that holds text stores it in the server's spelling. */
      readonly numeric: boolean
    }
  | { readonly op: 'default' }
  /** `excluded.column`: in ON CONFLICT DO UPDATE, the value of the row that could not be inserted. */
  | { readonly op: 'excluded'; readonly column: string }
  /** Anything else. */
  | { readonly op: 'expression' }

/** What SET assigns, by folded column. A column may stand there several times. */
export type Assignments = ReadonlyMap<string, readonly SentValue[]>

/** ON CONFLICT of PostgreSQL and SQLite. */
export interface ConflictClause {
  /** The columns whose equality is the conflict; empty where that is not plain. */
  readonly target: ReadonlySet<string>
  /** What DO UPDATE assigns; undefined for DO NOTHING. */
  readonly assigned: Assignments | undefined
}

/** An INSERT of rows that stand in the text. */
export interface InsertShape {
  readonly verb: 'insert'
  /** The table's folded bare name. */
  readonly table: string
  /** Folded; undefined where the text does not name them. */
  readonly columns: readonly string[] | undefined
  readonly rows: readonly (readonly SentValue[])[]
  readonly conflict: ConflictClause | undefined
  /** It has a RETURNING of its own, as its last clause. */
  readonly returning: boolean
}

/** An UPDATE of one table. */
export interface UpdateShape {
  readonly verb: 'update'
  readonly table: string
  /** The name before the dot of the table's columns: its alias, else its own; folded. */
  readonly qualifier: string
  readonly assigned: Assignments
  /** Undefined: all rows. */
  readonly condition: Condition | undefined
  readonly returning: boolean
}

/** A DELETE from one table. */
export interface DeleteShape {
  readonly verb: 'delete'
  readonly table: string
  readonly qualifier: string
  readonly condition: Condition | undefined
  readonly returning: boolean
}

/** A write that was understood to its last token. */
export type WriteShape = InsertShape | UpdateShape | DeleteShape
