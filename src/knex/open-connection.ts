import { createRequire } from 'node:module'
import knexModule from 'knex'
import type { Knex } from 'knex'
import { MillraceError } from '../base/errors.ts'
import type { Dialect } from '../contract/dialect.ts'
import { readIdentity } from '../sql/identity.ts'
import type { QueryOnConnection } from './catalog-keeper.ts'
import type { ClientShape } from './client-shape.ts'
import { readDriverError } from './driver-error.ts'
import { isLayered } from './client-layer.ts'
import type { PooledConnection } from './plain-client.ts'
import { queryOn } from './tapped-statement.ts'

/** A database to open: a Knex config, or the user's own instance. */
export type ConnectionSource =
  | {
      readonly kind: 'instance'
      readonly name: string
      readonly dialect: Dialect
      readonly knex: Knex
    }
  | {
      readonly kind: 'config'
      readonly name: string
      readonly dialect: Dialect
      /** The package that has to be installed. */
      readonly driver: string
      readonly config: Knex.Config
    }

/** A database that answered. */
export interface OpenedConnection {
  readonly name: string
  readonly dialect: Dialect
  readonly knex: Knex
  readonly client: ClientShape
  /** Which database this is, however it was reached. */
  readonly identity: string
  /** The client's own execution, from before anything is layered over it. */
  readonly query: ClientShape['_query']
  /** Destroys the instance if Millrace made it. */
  destroy(): Promise<void>
}

/**
 * Opens a database and asks it who it is. Rejects with `MILLRACE_DRIVER_MISSING`, `MILLRACE_DATABASE_UNREACHABLE` or
 * `MILLRACE_CLIENT_UNSUPPORTED`; nothing stays open then.
 */
export async function openConnection(source: ConnectionSource): Promise<OpenedConnection> {
  const knex = source.kind === 'instance' ? source.knex : makeInstance(source)
  const client = knex.client as ClientShape
  if (isLayered(client)) {
    throw new MillraceError(
      'MILLRACE_CLIENT_UNSUPPORTED',
      `The Knex instance of connection "${source.name}" is open in Millrace already.`,
      { remedy: 'Use the DB that was opened on it, or close that first.' },
    )
  }
  // Always called on a client, never by itself.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const query = client._query
  const destroy = async (): Promise<void> => {
    if (source.kind === 'config') await knex.destroy()
  }
  try {
    const identity = await withBorrowed(client, source.dialect, query, (ask) =>
      readIdentity(source.dialect, ask),
    )
    return { name: source.name, dialect: source.dialect, knex, client, identity, query, destroy }
  } catch (error) {
    await destroy()
    throw new MillraceError(
      'MILLRACE_DATABASE_UNREACHABLE',
      `Connection "${source.name}" (${source.dialect}) could not be opened: ${messageOf(error)}.`,
      {
        remedy: 'Check that the database runs and that host, port, user and database are right.',
        cause: error,
      },
    )
  }
}

/** Lends a connection of the pool for catalog queries, past the tap. */
export async function withBorrowed<T>(
  client: ClientShape,
  dialect: Dialect,
  query: ClientShape['_query'],
  use: (ask: QueryOnConnection, connection: PooledConnection) => Promise<T>,
): Promise<T> {
  const connection = await client.acquireConnection()
  try {
    return await use(queryOn(client, connection, dialect, query), connection)
  } finally {
    await client.releaseConnection(connection)
  }
}

function makeInstance(source: Extract<ConnectionSource, { kind: 'config' }>): Knex {
  requireDriver(source.driver)
  const config: Knex.Config = { ...source.config }
  // Without it Knex warns on every SQLite instance, and refuses rows of unequal columns.
  if (source.dialect === 'sqlite') config.useNullAsDefault ??= true
  return knexModule.knex(config)
}

/** Drivers are optional: Knex loads the one that the client needs from its own place. */
function requireDriver(driver: string): void {
  const here = createRequire(import.meta.url)
  const fromKnex = createRequire(here.resolve('knex'))
  for (const from of [fromKnex, here]) {
    try {
      from.resolve(driver)
      return
    } catch {
      // Tried from the next place.
    }
  }
  throw new MillraceError(
    'MILLRACE_DRIVER_MISSING',
    `The driver package "${driver}" is not installed.`,
    {
      remedy: `Run: npm install ${driver}`,
    },
  )
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const code = readDriverError(error).code
  return message === '' ? code : message.replace(/\.$/, '')
}
