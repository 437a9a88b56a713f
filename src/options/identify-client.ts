import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { DriverName } from './resolved-options.ts'

/** A supported client: the SQL it speaks and the package it loads. */
export interface ClientIdentity {
  readonly dialect: Dialect
  readonly driver: DriverName
}

const supported: ReadonlyMap<string, ClientIdentity> = new Map([
  ['better-sqlite3', { dialect: 'sqlite', driver: 'better-sqlite3' }],
  ['pg', { dialect: 'postgres', driver: 'pg' }],
  ['postgres', { dialect: 'postgres', driver: 'pg' }],
  ['postgresql', { dialect: 'postgres', driver: 'pg' }],
  ['mysql2', { dialect: 'mysql', driver: 'mysql2' }],
] as const)

const insteadOf: ReadonlyMap<string, DriverName> = new Map([
  ['sqlite3', 'better-sqlite3'],
  ['sqlite', 'better-sqlite3'],
  ['mysql', 'mysql2'],
  ['mariadb', 'mysql2'],
  ['pgnative', 'pg'],
] as const)

/**
 * Which client this is: a name of a configuration, a client class of one, or the client of an instance, whose `driverName`
 * tells CockroachDB and Redshift from the PostgreSQL that they are built on. Throws `MILLRACE_CLIENT_UNSUPPORTED`.
 */
export function identifyClient(client: unknown, path: string): ClientIdentity {
  const name = clientName(client)
  const identity = name === undefined ? undefined : supported.get(name)
  if (identity !== undefined) return identity
  const instead = name === undefined ? undefined : insteadOf.get(name)
  const what =
    client === undefined
      ? 'names no client'
      : `has the client ${name === undefined ? shown(client) : `'${name}'`}, which Millrace cannot keep coherent`
  throw new MillraceError('MILLRACE_CLIENT_UNSUPPORTED', `Option ${path} ${what}.`, {
    remedy:
      instead === undefined
        ? "Supported: 'better-sqlite3', 'pg' (or 'postgres', 'postgresql') and 'mysql2'."
        : `Use '${instead}' instead. Supported: 'better-sqlite3', 'pg' (or 'postgres', 'postgresql') and 'mysql2'.`,
  })
}

function clientName(client: unknown): string | undefined {
  if (typeof client === 'string') return client
  if (typeof client === 'function') return driverName(client.prototype)
  return driverName(client)
}

function driverName(client: unknown): string | undefined {
  if (typeof client !== 'object' || client === null || !('driverName' in client)) return undefined
  return typeof client.driverName === 'string' ? client.driverName : undefined
}
