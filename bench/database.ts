import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServerDatabase, dropServerDatabase } from '../test/support/database-admin.ts'
import { connectionTo, type DatabaseAddress } from '../test/support/database-config.ts'
import { probeServices, serviceUrl } from '../test/support/services.ts'

/** The databases that benchmarks run on. `sqlite` is a file in WAL mode, `sqlite-memory` has no file. */
export type BenchDatabaseName = 'sqlite' | 'sqlite-memory' | 'postgres' | 'mysql'

/** How results name the databases. */
export const databaseTitles: Readonly<Record<BenchDatabaseName, string>> = {
  sqlite: 'SQLite, file in WAL mode',
  'sqlite-memory': 'SQLite, in memory',
  postgres: 'PostgreSQL',
  mysql: 'MariaDB',
}

/** An empty database of a benchmark's own. */
export interface BenchDatabase {
  readonly name: BenchDatabaseName
  /** Plain JSON, for child processes; `configOf` makes a Knex configuration of it. In memory, each connection has a database of its own. */
  readonly address: DatabaseAddress
  drop(): Promise<void>
}

/** Creates an empty database; rejects where there is no server. */
export async function createBenchDatabase(name: BenchDatabaseName): Promise<BenchDatabase> {
  if (name === 'sqlite-memory') {
    const address: DatabaseAddress = { dialect: 'sqlite', connection: { filename: ':memory:' } }
    return { name, address, drop: () => Promise.resolve() }
  }
  if (name === 'sqlite') {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
    const address: DatabaseAddress = {
      dialect: 'sqlite',
      connection: { filename: join(directory, 'bench.db') },
    }
    return { name, address, drop: () => rm(directory, { recursive: true, force: true }) }
  }
  const database = `millrace_bench_${randomBytes(4).toString('hex')}`
  await createServerDatabase(name, database)
  const address: DatabaseAddress = {
    dialect: name,
    connection: connectionTo(serviceUrl(name), database),
  }
  return { name, address, drop: () => dropServerDatabase(name, database) }
}

/**
 * The databases to run on: those named, separated by commas, or all that are there. A server that does not answer is left out with a
 * notice; a name that is none ends the program.
 */
export async function chooseDatabases(
  names: string | undefined,
): Promise<readonly BenchDatabaseName[]> {
  const all = Object.keys(databaseTitles) as BenchDatabaseName[]
  const wanted = names?.split(',') ?? all
  for (const name of wanted) {
    if (all.some((known) => known === name)) continue
    console.error(`There is no database ${name}; there are ${all.join(', ')}.`)
    process.exit(2)
  }
  const services = await probeServices()
  return all.filter((name) => {
    if (!wanted.includes(name)) return false
    if (name === 'sqlite' || name === 'sqlite-memory') return true
    const { missing, url } = services[name]
    if (missing === undefined) return true
    console.error(`Left out ${databaseTitles[name]}: no server at ${url} (${missing}).`)
    return false
  })
}
