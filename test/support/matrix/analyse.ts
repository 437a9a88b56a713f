import type { Knex } from 'knex'
import type { CatalogQuery } from '../../../src/sql/catalog-query.ts'

/** A catalog query that runs on a Knex instance. */
export function catalogQuery(knex: Knex): CatalogQuery {
  return async (sql) => rowsOf(await knex.raw<unknown>(sql))
}

type Rows = readonly Record<string, unknown>[]

/** The rows of a raw result, whatever the driver wraps them in. */
export function rowsOf(result: unknown): Rows {
  if (Array.isArray(result)) return (Array.isArray(result[0]) ? result[0] : result) as Rows
  return (result as { readonly rows: Rows }).rows
}

/** The SQL that a builder or raw query sends. */
export function compiled(query: Knex.QueryBuilder | Knex.Raw): string {
  return (query as { toSQL(): { toNative(): { sql: string } } }).toSQL().toNative().sql
}
