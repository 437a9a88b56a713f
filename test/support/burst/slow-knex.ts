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
}

/**
 * A Knex instance whose database takes a random time to hear a statement, and another one to answer. The pauses are below everything
 * that is layered over the instance, in transactions too.
 */
export function slowKnex(address: DatabaseAddress, seeded: Seeded, options: SlowOptions): Knex {
  const config = configOf(address)
  const pause = async (): Promise<void> => {
    const kind = seeded.random()
    if (kind < 0.4) return
    if (kind < 0.7) await turn()
    else await sleep(seeded.random() * options.maxPauseMs)
  }
  class SlowClient extends clientClassOf(config) {
    override async _query(connection: unknown, statement: unknown): Promise<unknown> {
      await pause()
      try {
        return await super._query(connection, statement)
      } finally {
        await pause()
      }
    }
  }
  return knexFactory({
    ...config,
    client: SlowClient as unknown as typeof Knex.Client,
    pool: { ...config.pool, min: 1, max: options.poolSize },
  })
}

/** Knex's own class for a client's name. An instance without a connection costs nothing and needs no end. */
function clientClassOf(config: Knex.Config): ClientClass {
  const { client } = knexFactory({ client: config.client as string, useNullAsDefault: true })
  return (client as object).constructor as ClientClass
}
