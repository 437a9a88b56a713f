import type { Answer } from '../../contract/rows.ts'
import type { Row } from '../../contract/target.ts'
import { dropColumns, readAnswer } from './returned-rows.ts'
import type { ReturningPlan } from './returned-rows.ts'

/** What is used of a result of pg. The last three are its own working state, which tells a result with rows from one without. */
interface PostgresResult {
  rows: Row[]
  fields: unknown[]
  _parsers?: unknown[] | undefined
  RowCtor?: unknown
  _prebuiltEmptyResultObject?: Row | null
}

/** Reads the answer from a result of pg and leaves the result as it would have been without the clause. */
export function takePostgresAnswer(plan: ReturningPlan, response: unknown): Answer | undefined {
  if (!isResult(response)) return undefined
  const answer = readAnswer(plan, response.rows)
  if (plan.extendsOwn) trim(plan, response)
  else empty(response)
  return answer
}

function trim(plan: ReturningPlan, result: PostgresResult): void {
  dropColumns(plan, result.rows)
  const own = result.fields.length - plan.columns.length
  result.fields.length = own
  if (Array.isArray(result._parsers)) result._parsers.length = own
  const empty = result._prebuiltEmptyResultObject
  if (empty !== undefined && empty !== null) dropColumns(plan, [empty])
}

function empty(result: PostgresResult): void {
  result.rows = []
  result.fields = []
  if ('_parsers' in result) result._parsers = undefined
  if ('_prebuiltEmptyResultObject' in result) result._prebuiltEmptyResultObject = null
}

function isResult(value: unknown): value is PostgresResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    'rows' in value &&
    Array.isArray(value.rows) &&
    'fields' in value &&
    Array.isArray(value.fields)
  )
}
