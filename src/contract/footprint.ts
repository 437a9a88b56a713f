import type { AnswerPlan, RowChange, TableUse } from './rows.ts'

/** Tables by folded bare name, or every table there is. */
export type Tables = ReadonlySet<string> | 'everything'

/** A statement that opens, ends or divides a transaction. */
export type TransactionControl =
  | { readonly op: 'begin' }
  | { readonly op: 'commit'; readonly chain: boolean }
  | { readonly op: 'rollback'; readonly chain: boolean }
  | { readonly op: 'savepoint'; readonly name: string }
  | { readonly op: 'release'; readonly name: string }
  | { readonly op: 'rollback-to'; readonly name: string }
  /** MySQL: `SET autocommit`. Off: every statement is in a transaction until COMMIT. */
  | { readonly op: 'autocommit'; readonly on: boolean }

/** What one SQL statement does, as far as a cache must know. Over-counting is safe, missing a table is not. */
export interface StatementFootprint {
  /** The leading keyword, in lower case. */
  readonly verb: string
  /** Tables that the result depends on: named ones, and those behind views and functions. */
  readonly reads: Tables
  /** Tables whose rows may change: named ones, and those reached by foreign-key actions, triggers, functions and views. */
  readonly writes: Tables
  readonly control: TransactionControl | undefined
  /** Changes tables, views, triggers or functions: the catalog must be read again. */
  readonly changesSchema: boolean
  /** MySQL: ends the open transaction before it runs. */
  readonly commitsImplicitly: boolean
  /** Takes row locks (`FOR UPDATE`, `FOR SHARE`): must reach the database. */
  readonly locks: boolean
  /** Its result can differ without any write (`random()`, `now()`, session functions). */
  readonly volatile: boolean
  /** It is a query whose result may be cached (SELECT, VALUES, TABLE, WITH ... SELECT). */
  readonly selects: boolean
  /** Changes what later statements on the same session mean (`SET`, temporary tables, most PRAGMAs). */
  readonly altersSession: boolean
  /**
   * Which rows of its tables a query depends on. All uses of a table that is listed are listed; of tables of `reads` that are not, every
   * row matters. The filters speak of this text and its bindings.
   */
  readonly uses: readonly TableUse[]
  /** Which rows a write changes, where that can be told. Of tables of `writes` that are not listed, the rows are unknown. */
  readonly changes: readonly RowChange[]
  /** How to complete `changes` from what the database answers. */
  readonly answer: AnswerPlan | undefined
}

/** What an SQL text does, statement by statement. */
export type Footprint = readonly StatementFootprint[]
