import { createConnection as connectMysql } from 'mysql2/promise'
import pg from 'pg'
import { serviceUrl } from './services.ts'

/** A database server, by the name that tests use. */
export type ServerName = 'postgres' | 'mysql'

/** Create an empty database on a server. */
export async function createServerDatabase(server: ServerName, database: string): Promise<void> {
  // template0, because a connection of anybody to template1 would make CREATE DATABASE fail.
  await administer(server, [
    server === 'postgres'
      ? `CREATE DATABASE "${database}" TEMPLATE template0 ENCODING 'UTF8'`
      : `CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`,
  ])
}

/** Drop a database if it is there, with the connections that are still open on it. */
export async function dropServerDatabase(server: ServerName, database: string): Promise<void> {
  await administer(server, [
    server === 'postgres'
      ? `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`
      : `DROP DATABASE IF EXISTS \`${database}\``,
  ])
}

/** Drop every database whose name `unwanted` accepts, and say which those were. */
export async function dropServerDatabases(
  server: ServerName,
  unwanted: (database: string) => boolean,
): Promise<string[]> {
  const listing =
    server === 'postgres'
      ? 'SELECT datname AS name FROM pg_database'
      : 'SELECT schema_name AS name FROM information_schema.schemata'
  const names = await administer(server, [listing])
  const found = names.filter(unwanted)
  for (const database of found) await dropServerDatabase(server, database)
  return found
}

/** Run statements one by one on a connection of their own; answers the column `name` of the last. */
async function administer(server: ServerName, statements: readonly string[]): Promise<string[]> {
  let rows: unknown = []
  if (server === 'postgres') {
    const client = new pg.Client({ connectionString: serviceUrl('postgres') })
    await client.connect()
    try {
      for (const statement of statements) rows = (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  } else {
    const client = await connectMysql({ uri: serviceUrl('mysql') })
    try {
      for (const statement of statements) [rows] = await client.query(statement)
    } finally {
      await client.end()
    }
  }
  return namesOf(rows)
}

function namesOf(rows: unknown): string[] {
  if (!Array.isArray(rows)) return []
  return rows.flatMap((row: unknown) =>
    typeof row === 'object' && row !== null && 'name' in row && typeof row.name === 'string'
      ? [row.name]
      : [],
  )
}
