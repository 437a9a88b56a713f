import type { Knex } from 'knex'
import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { FailureKind, Session, StatementResult, Target } from '../contract/target.ts'
import { classifyFailure } from './failure.ts'
import { forbidLockWait } from './lock-wait.ts'
import type { PlainClient, PooledConnection } from './plain-client.ts'
import { breakOff, runPlain } from './plain-client.ts'
import { requireSyncedCommit } from './synced-commit.ts'
import { runTransaction } from './target-transaction.ts'

/** MariaDB's default of max_allowed_packet; MySQL's is larger. */
const usualPacket = 16 * 1024 * 1024

/** What a {@link Target} over Knex is made of. */
export interface TargetOptions {
  /** The connection's name. */
  readonly connection: string
  /** Which database this is, independent of how it was reached. */
  readonly identity: string
  readonly dialect: Dialect
  /** The instance whose pool is used; its own hooks see every statement. */
  readonly knex: Knex
  /** A table, as the catalog has it now. */
  describe(name: string): TableDescription | undefined
  refreshCatalog(): Promise<void>
}

/**
 * A database behind a Knex instance, as plain SQL text. Statements take their connection from the instance's pool and run
 * through its client, but past `wrapIdentifier` and `postProcessResponse`. A `?` in the text is always a value.
 */
export function createTarget(options: TargetOptions): Target {
  const { connection: name, identity, dialect } = options
  const client = options.knex.client as PlainClient
  const inUse = new Set<PooledConnection>()
  const held = <T>(use: (connection: PooledConnection) => Promise<T>): Promise<T> =>
    withConnection(client, dialect, async (connection) => {
      inUse.add(connection)
      try {
        return await use(connection)
      } finally {
        inUse.delete(connection)
      }
    })
  const query = (sql: string, bindings?: readonly unknown[]): Promise<StatementResult> =>
    held((connection) => runPlain(client, connection, dialect, sql, bindings))
  let packet: number | undefined
  return {
    connection: name,
    identity,
    dialect,
    transaction: <T>(work: (session: Session) => Promise<T>): Promise<T> =>
      held(async (connection) => {
        const restore = requireSyncedCommit(dialect, connection)
        try {
          return await runTransaction(client, connection, dialect, work)
        } finally {
          restore()
        }
      }),
    query,
    classify: (error: unknown): FailureKind => classifyFailure(dialect, error),
    table: (table: string) => options.describe(table),
    largestPacket: async () => {
      if (dialect !== 'mysql') return undefined
      try {
        packet ??= Number((await query('SELECT @@max_allowed_packet AS bytes')).rows[0]?.['bytes'])
        return packet
      } catch {
        return usualPacket
      }
    },
    cut: () => {
      for (const connection of inUse) breakOff(connection)
    },
    refreshCatalog: () => options.refreshCatalog(),
  }
}

async function withConnection<T>(
  client: PlainClient,
  dialect: Dialect,
  use: (connection: PooledConnection) => Promise<T>,
): Promise<T> {
  const connection = await client.acquireConnection()
  try {
    const allowLockWait = forbidLockWait(dialect, connection)
    try {
      return await use(connection)
    } finally {
      allowLockWait()
    }
  } finally {
    await client.releaseConnection(connection)
  }
}
