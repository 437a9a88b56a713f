import type { NameOwner } from './knex-kind.ts'

/**
 * What is read of Knex's builders. Knex promises none of it, so nothing is taken for granted: a field that does not hold what
 * its reader knows ends the walk.
 */
export interface SelectBuilder extends NameOwner {
  readonly _method: unknown
  readonly _single: SingleSettings
  readonly _statements: readonly Statement[]
  readonly _comments: readonly { readonly comment: unknown }[]
  readonly _options?: unknown
  readonly _timeout?: unknown
  readonly _cancelOnTimeout?: unknown
}

/** What a builder says once. */
export interface SingleSettings {
  readonly table?: unknown
  readonly only?: unknown
  readonly schema?: unknown
  readonly as?: unknown
  readonly pluck?: unknown
  readonly limit?: unknown
  readonly offset?: unknown
  readonly skipBinding?: { readonly limit?: unknown; readonly offset?: unknown }
}

/** One call on a builder, in the order of the calls; which of the fields are there depends on `grouping` and `type`. */
export interface Statement extends Condition {
  readonly grouping: unknown
  // Columns.
  readonly distinct?: unknown
  readonly distinctOn?: unknown
  readonly method?: unknown
  readonly aggregateDistinct?: unknown
  readonly alias?: unknown
  readonly params?: unknown
  readonly raw?: unknown
  readonly order?: unknown
  readonly partitions?: unknown
  // Common table expressions.
  readonly columnList?: unknown
  readonly recursive?: unknown
  readonly materialized?: unknown
  // Joins.
  readonly joinType?: unknown
  readonly table?: unknown
  readonly schema?: unknown
  readonly clauses?: readonly Condition[]
  // Set operations.
  readonly clause?: unknown
  readonly wrap?: unknown
  // Order.
  readonly direction?: unknown
  readonly nulls?: unknown
}

/** A condition of `where`, `having` or `on`. */
export interface Condition {
  readonly type?: unknown
  readonly column?: unknown
  readonly operator?: unknown
  readonly value?: unknown
  readonly bool?: unknown
  readonly not?: unknown
  readonly asColumn?: unknown
  readonly jsonPath?: unknown
  readonly columnFirst?: unknown
  readonly jsonPathFirst?: unknown
  readonly columnSecond?: unknown
  readonly jsonPathSecond?: unknown
}

/** A raw statement, or a reference to a column, which is one. */
export interface RawStatement extends NameOwner {
  readonly sql: unknown
  readonly bindings: unknown
  readonly isRawInstance?: unknown
  readonly toSQL: unknown
  readonly _wrappedBefore?: unknown
  readonly _wrappedAfter?: unknown
  readonly _options?: unknown
  readonly _timeout?: unknown
  readonly _cancelOnTimeout?: unknown
  // Of a reference.
  readonly ref?: unknown
  readonly _schema?: unknown
  readonly _alias?: unknown
}
