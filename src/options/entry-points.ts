import type { Knex } from 'knex'
import type { AnyTables, Millrace } from '../database/typed-tables.ts'
import type {
  CommonOptions,
  ConnectionOption,
  MultiOptions,
  SingleOptions,
} from './millrace-options.ts'

/**
 * Opens Millrace: `const DB = await millrace({ connection: { client: 'better-sqlite3', connection: { filename } } })`.
 *
 * `millrace<Tables>({ connection })` declares the tables as an interface of table name to row type;
 * `millrace<{ default: Tables, analytics: OtherTables }>({ connections })` does so by connection. Without it every name is
 * a table.
 *
 * Rejects, with nothing left open, with the codes of the options, `MILLRACE_DRIVER_MISSING`,
 * `MILLRACE_DATABASE_UNREACHABLE` or, in a cluster worker, `MILLRACE_PRIMARY_NOT_OPEN`.
 */
export interface OpenMillrace {
  <Tables extends object = AnyTables>(options: SingleOptions): Promise<Millrace<Tables>>
  <Name extends string>(
    options: MultiOptions<Readonly<Record<Name | 'default', ConnectionOption>>>,
  ): Promise<Millrace<AnyTables, Readonly<Record<Name | 'default', AnyTables>>>>
  <Connections extends { readonly default: object } & { [Name in keyof Connections]: object }>(
    options: MultiOptions<{ readonly [Name in keyof Connections]: ConnectionOption }>,
  ): Promise<Millrace<Connections['default'], Connections>>
}

/**
 * Adds Millrace to a Knex instance that is there already: its builders, raw queries and transactions get `.cache()`, its
 * writes invalidate, and `DB` comes back. The instance stays yours: `DB.close()` does not destroy it.
 *
 * Rejects as {@link OpenMillrace} does, and for an instance that Millrace was added to before.
 */
export type InstallMillrace = <Tables extends object = AnyTables>(
  knex: Knex,
  options?: CommonOptions,
) => Promise<Millrace<Tables>>
