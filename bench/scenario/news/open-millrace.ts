import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knexFactory, { type Knex } from 'knex'
import { millrace, type Millrace, type StoreFactory } from '../../../src/index.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import { configOf, type DatabaseAddress } from '../../../test/support/database-config.ts'
import { storeOf } from '../precision/modes.ts'
import { bufferedSite } from './buffered-site.ts'
import { knexReads, knexWrites, type Cached } from './knex-site.ts'
import type { OpenedSite } from './opened-site.ts'
import type { NewsTables } from './schema.ts'

/** A contender that is made of Knex, by what stands between it and the database. */
export type KnexWay =
  /** Nothing. */
  | 'knex'
  /** Millrace as it is. */
  | 'millrace'
  /** The same, with its buffer for counters. */
  | 'buffered'
  /** Millrace with a store that loses every entry of a table that is written to. */
  | 'tables'
  /** Millrace with a store that hears of no write: entries end by their age. */
  | 'lifetime'

/** Knex alone. */
export function openKnex(address: DatabaseAddress): OpenedSite {
  const knex = knexFactory(configOf(address))
  const statements = countStatements(knex)
  return {
    site: { ...knexReads(knex, (query) => query), ...knexWrites(knex) },
    figures: () => Promise.resolve({ statements: statements(), cachedReads: 0, hits: 0 }),
    settle: () => Promise.resolve(),
    close: () => knex.destroy(),
  }
}

/** Millrace, as it is or with less in its store. */
export async function openMillrace(
  address: DatabaseAddress,
  way: Exclude<KnexWay, 'knex'>,
  lifetimeSeconds: number,
): Promise<OpenedSite> {
  const db: Millrace<NewsTables> = await millrace<NewsTables>({
    connection: configOf(address),
    buffer: way === 'buffered' && {
      journal: join(tmpdir(), `news-${process.pid}`),
      flushInterval: '1s',
    },
    // Memory is no limit for any contender.
    cache: { maxEntries: 1_000_000, maxBytes: '2gb' },
    ...(way === 'tables' && { store: storeIn('tables') }),
    ...(way === 'lifetime' && { store: storeIn('ttl') }),
  })
  const statements = countStatements(db.knex)
  let cachedReads = 0
  const ttl = way === 'lifetime' ? lifetimeSeconds : '1h'
  const cached: Cached = (query) => {
    cachedReads += 1
    return query.cache(ttl)
  }
  return {
    site:
      way === 'buffered'
        ? bufferedSite(db, cached)
        : { ...knexReads(db.knex, cached), ...knexWrites(db.knex) },
    figures: async () => {
      const { hits } = await db.cache.stats()
      return { statements: statements(), cachedReads, hits }
    },
    settle: () => (way === 'buffered' ? db.buffer.flush() : Promise.resolve()),
    close: () => db.close(),
  }
}

function storeIn(mode: 'tables' | 'ttl'): StoreFactory {
  return {
    kind: 'memory',
    open: (bounds) => storeOf(mode, createMemoryStore({ bounds, clock: systemClock })),
  }
}

function countStatements(knex: Knex): () => number {
  let count = 0
  knex.on('query', () => (count += 1))
  return () => count
}
