/** A value in SQL; a list stands in parentheses. */
export type SqlValue = string | number | null | readonly number[]

/** SQL with values between its parts, as the ORMs take it: each has a tag of this form. */
export interface SqlText {
  readonly parts: readonly string[]
  readonly values: readonly SqlValue[]
}

/** `` text`id = ${7}` `` */
export function text(parts: TemplateStringsArray, ...values: readonly SqlValue[]): SqlText {
  return { parts, values }
}

/** A query in the pieces that query builders take. */
export interface SelectText {
  /** Names in the answer, with their expressions. */
  readonly columns: Readonly<Record<string, string>>
  /** Table and alias. */
  readonly from: readonly [table: string, alias: string]
  readonly joins?: readonly (readonly [table: string, alias: string, on: string])[]
  readonly where?: SqlText
  readonly groupBy?: string
  readonly orderBy?: readonly (readonly [expression: string, direction: 'ASC' | 'DESC'])[]
  readonly limit?: number
}

/** Columns of a table by their own names. */
export function columnsOf(alias: string, names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, `${alias}.${name}`]))
}
