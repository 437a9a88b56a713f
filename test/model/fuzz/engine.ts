import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

/** A row as the driver gives it. */
export type Row = Readonly<Record<string, unknown>>

/** A real database with a connection of its own, which Millrace knows nothing of: it makes the schema and tells the truth. */
export interface Engine {
  readonly dialect: Dialect
  /** Empties the database for the next episode. */
  reset(): Promise<void>
  /** Runs one statement. */
  execute(sql: string, bindings?: readonly unknown[]): Promise<void>
  /** The rows of a query, in the form that the driver has for Knex. `sql` and `bindings` are what Knex sends. */
  rows(sql: string, bindings: readonly unknown[]): Promise<readonly Row[]>
  /** A text of the rows of a query that is another where anything in them is, also what the driver does not show to Knex. */
  print(sql: string): Promise<string>
  /** The schema changed: forget prepared statements. */
  forget(): void
  /** Opens the database for Millrace, with so many connections at most. */
  config(connections: number): Knex.Config
  /** Removes the database. */
  close(): Promise<void>
}
