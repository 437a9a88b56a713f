import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import knexFactory, { type Knex } from 'knex'
import { configOf, type DatabaseAddress } from '../database-config.ts'
import type { Seeded } from '../seed.ts'

/** What is used of a Knex client class. */
type ClientClass = new (config: Knex.Config) => {
  _query(connection: unknown, statement: unknown): Promise<unknown>
}

/** How far away the database seems, and how many connections there are. */
export interface SlowOptions {
  /** The longest pause before and after a statement. Most are shorter, many are none. */
  readonly maxPauseMs: number
  readonly poolSize: number
  /** Called with each statement before it reaches the database and after the database has answered; what it awaits is awaited. */
  readonly hook?: StatementHook
}

export type StatementHook = (sql: string, when: 'before' | 'after') => void | Promise<void>

/**
 * A Knex instance whose database takes a random time to hear a statement, and another one to answer. The pauses are below everything
 * that is layered over the instance, in transactions too.
 */
export function slowKnex(address: DatabaseAddress, seeded: Seeded, options: SlowOptions): Knex {
  const { maxPauseMs, poolSize, hook } = options
  const config = configOf(address)
  const pause = async (): Promise<void> => {
    if (maxPauseMs === 0) return
    const kind = seeded.random()
    if (kind < 0.4) return
    if (kind < 0.7) await turn()
    else await sleep(seeded.random() * maxPauseMs)
  }
  class SlowClient extends clientClassOf(config) {
    override async _query(connection: unknown, statement: unknown): Promise<unknown> {
      const sql = typeof statement === 'string' ? statement : (statement as { sql: string }).sql
      await pause()
      await hook?.(sql, 'before')
      try {
        return await super._query(connection, statement)
      } finally {
        await hook?.(sql, 'after')
        await pause()
      }
    }
  }
  return knexFactory({
    ...config,
    client: SlowClient as unknown as typeof Knex.Client,
    pool: { ...config.pool, min: 1, max: poolSize },
  })
}

/** Knex's own class for a client's name. An instance without a connection costs nothing and needs no end. */
function clientClassOf(config: Knex.Config): ClientClass {
  const { client } = knexFactory({ client: config.client as string, useNullAsDefault: true })
  return (client as object).constructor as ClientClass
}
