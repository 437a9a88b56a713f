import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

/** A way to read, as an application would write it with Knex. */
export interface ReadShape {
  readonly name: string
  /** The databases that can run it; all of them where it is missing. */
  readonly only?: readonly Dialect[]
  /** Builds the query anew; the caller may add `.cache()` or compile it. */
  readonly query: (knex: Knex) => Knex.QueryBuilder | Knex.Raw
  /** Tables and views that the text names, by bare name in lower case. */
  readonly tables: readonly string[]
  /** Why it can never be answered from a cache. */
  readonly bypass?: 'volatile' | 'locks'
}

/** A way to write. The data is that of `seedMatrix` when it starts. */
export interface WriteShape {
  readonly name: string
  /** The databases that can run it; all of them where it is missing. */
  readonly only?: readonly Dialect[]
  readonly write: (knex: Knex) => Promise<unknown>
  /** Puts the schema back, for shapes that change it. */
  readonly restore?: (knex: Knex) => Promise<unknown>
  /** It leaves every table of the matrix as it was, because it rolls back. */
  readonly expectNone?: boolean
  /** It may leave every table as it was although it commits (an ignored conflict, a new table). */
  readonly mayChangeNothing?: boolean
  /** The database refuses it; `write` swallows the error. */
  readonly fails?: boolean
}

/** The shapes that a database can run. */
export function shapesFor<S extends { readonly only?: readonly Dialect[] }>(
  shapes: readonly S[],
  dialect: Dialect,
): S[] {
  return shapes.filter((shape) => shape.only === undefined || shape.only.includes(dialect))
}
