import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Knex } from 'knex'
import { describe, inject, test } from 'vitest'
import type { Dialect } from '../../src/contract/dialect.ts'
import { createServerDatabase, dropServerDatabase } from './database-admin.ts'
import { configOf, connectionTo, type DatabaseAddress } from './database-config.ts'
import { runDirectory } from './run.ts'
import { servicesRequired, serviceUrl } from './services.ts'

/** The databases that integration tests run on. */
export type DatabaseName = 'sqlite' | 'postgres' | 'mysql'

/** Every database, the one without a server first. */
export const databaseNames: readonly DatabaseName[] = ['sqlite', 'postgres', 'mysql']

/** A fresh, empty database of its own. */
export interface TestDatabase {
  readonly dialect: Dialect
  /** Where it is, for child processes: plain JSON, see `configOf`. */
  readonly address: DatabaseAddress
  /** Knex configuration that opens it; a new object that the test may change. */
  readonly config: Knex.Config
  /** Remove it, with connections that are still open. The end of the run does so too for what a test forgot. */
  drop(): Promise<void>
}

/**
 * Create an empty database. Its name is unique, so tests in parallel and other runs on the same
 * server do not meet. SQLite databases are files in WAL mode with foreign keys on and a pool of
 * one connection; the servers' pools have at most 8.
 */
export function createDatabase(name: DatabaseName): Promise<TestDatabase> {
  return name === 'sqlite' ? createSqlite() : createOnServer(name)
}

/**
 * One `describe` per database. A server that is not there: its tests are shown as skipped and the
 * run ends with a notice, or they fail with `MILLRACE_REQUIRE_SERVICES=1`.
 * `MILLRACE_DATABASES=sqlite,mysql` runs only those.
 */
export function describeDatabases(title: string, define: (name: DatabaseName) => void): void {
  for (const name of databaseNames) describeDatabase(name, title, define)
}

/** The same for one database: tests that take long have a file for each, so that workers share them out. */
export function describeDatabase(
  name: DatabaseName,
  title: string,
  define: (name: DatabaseName) => void,
): void {
  const why = reasonToSkip(name)
  if (why === undefined) {
    describe(`${title} [${name}]`, () => {
      define(name)
    })
  } else if (why.fails) {
    test(`${title} [${name}]`, () => {
      throw new Error(why.text)
    })
  } else {
    describe.skip(`${title} [${name}: ${why.text}]`, () => {
      define(name)
    })
  }
}

/** Whether tests on this database can run now; for tests that are not written with `describeDatabases`. */
export function hasDatabase(name: DatabaseName): boolean {
  return reasonToSkip(name) === undefined
}

function reasonToSkip(name: DatabaseName): { text: string; fails: boolean } | undefined {
  const chosen = process.env['MILLRACE_DATABASES']
  if (chosen !== undefined && !chosen.split(',').includes(name)) {
    return { text: 'not in MILLRACE_DATABASES', fails: false }
  }
  if (name === 'sqlite') return undefined
  const { missing, url, variable } = inject('millraceServices')[name]
  if (missing === undefined) return undefined
  const text = `no server at ${url} (${missing}); ${variable} points elsewhere`
  return { text, fails: servicesRequired() }
}

async function createSqlite(): Promise<TestDatabase> {
  const directory = join(runDirectory(inject('millraceRun')), uniqueSuffix())
  await mkdir(directory, { recursive: true })
  return testDatabase(
    { dialect: 'sqlite', connection: { filename: join(directory, 'test.db') } },
    () => rm(directory, { recursive: true, force: true }),
  )
}

async function createOnServer(name: 'postgres' | 'mysql'): Promise<TestDatabase> {
  const database = `${inject('millraceRun')}_${uniqueSuffix()}`
  await createServerDatabase(name, database)
  const connection = connectionTo(serviceUrl(name), database)
  return testDatabase({ dialect: name, connection }, () => dropServerDatabase(name, database))
}

function testDatabase(address: DatabaseAddress, drop: () => Promise<void>): TestDatabase {
  return { dialect: address.dialect, address, config: configOf(address), drop }
}

/** Random and not a counter, because every worker of the run creates databases. */
function uniqueSuffix(): string {
  return randomBytes(4).toString('hex')
}
