import type { Answer, AnswerPlan } from '../../contract/rows.ts'
import type { Row } from '../../contract/target.ts'

/** The plan that asks by a RETURNING clause. */
export type ReturningPlan = AnswerPlan & { readonly kind: 'returning' }

/** Reads the columns of a plan from rows. */
export function readAnswer(plan: ReturningPlan, rows: readonly Row[]): Answer {
  return plan.columns.map((name) => rows.map((row) => row[name]))
}

/** Takes the columns of a plan out of rows that have columns of the caller's too. */
export function dropColumns(plan: ReturningPlan, rows: readonly Row[]): void {
  for (const row of rows) {
    for (const name of plan.columns) Reflect.deleteProperty(row, name)
  }
}

/** The text with the clause in its place. */
export function withClause(sql: string, plan: ReturningPlan): string {
  return sql.slice(0, plan.at) + plan.clause + sql.slice(plan.at)
}
