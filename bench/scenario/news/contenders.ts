import type { DatabaseAddress } from '../../../test/support/database-config.ts'
import { installCommand, installedVersion } from '../../contenders/peers/peer-package.ts'
import type { BenchDatabaseName } from '../../database.ts'
import { openDrizzle } from './open-drizzle.ts'
import { openKnex, openMillrace, type KnexWay } from './open-millrace.ts'
import { openTypeOrm } from './open-typeorm.ts'
import type { OpenedSite } from './opened-site.ts'

/** A way to run the site. */
export type Way = KnexWay | 'drizzle' | 'typeorm'

/** One of those that are compared. */
export interface Contender {
  readonly way: Way
  readonly title: string
  /** Whether its answers must be right whenever nobody writes; those of the others may be as old as a lifetime. */
  readonly exact: boolean
  /** The package that it needs beyond the library's own. */
  readonly peer?: string
}

/** The first one is the base: its maximum decides how fast requests come. */
export const contenders: readonly Contender[] = [
  { way: 'knex', title: 'Knex, no cache', exact: true },
  { way: 'millrace', title: 'Millrace', exact: true },
  { way: 'buffered', title: 'Millrace with buffer', exact: true },
  { way: 'tables', title: 'invalidation by table', exact: true },
  { way: 'lifetime', title: 'lifetime only', exact: false },
  { way: 'drizzle', title: 'Drizzle with its cache', exact: false, peer: 'drizzle-orm' },
  { way: 'typeorm', title: 'TypeORM with its cache', exact: false, peer: 'typeorm' },
]

/** Why a contender does not run on a database, or `undefined`. */
export async function leftOut(
  { way, peer }: Contender,
  database: BenchDatabaseName,
): Promise<string | undefined> {
  if (peer === undefined) return undefined
  if (database === 'mysql') return 'its statements are written for PostgreSQL and SQLite'
  if (way === 'drizzle' && database !== 'postgres') {
    return 'its cache does not work with better-sqlite3 (so documented)'
  }
  return (await installedVersion(peer)) === undefined
    ? `it is not installed (${installCommand})`
    : undefined
}

/** Opens a contender on a database that has the tables. */
export async function openSite(
  way: Way,
  address: DatabaseAddress,
  lifetimeSeconds: number,
): Promise<OpenedSite> {
  switch (way) {
    case 'knex':
      return openKnex(address)
    case 'drizzle':
      return openDrizzle(address)
    case 'typeorm':
      return openTypeOrm(address, lifetimeSeconds)
    default:
      return openMillrace(address, way, lifetimeSeconds)
  }
}
