import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { Dialect } from '../contract/dialect.ts'
import type { CatalogQuery } from './catalog-query.ts'
import { flag, text } from './catalog/row.ts'

/**
 * Which database this is, however it was reached. Two connections with one identity share the tags of their tables.
 * - PostgreSQL: the cluster's system identifier, or the server's address where that may not be read, and the database
 * - MySQL and MariaDB: the server alone, because names in a statement may point into other databases
 * - SQLite: device and inode of the main file; a text of its own for databases in memory
 */
export async function readIdentity(dialect: Dialect, query: CatalogQuery): Promise<string> {
  switch (dialect) {
    case 'postgres':
      return postgresIdentity(query)
    case 'mysql':
      return mysqlIdentity(query)
    case 'sqlite':
      return sqliteIdentity(query)
  }
}

async function postgresIdentity(query: CatalogQuery): Promise<string> {
  // Asked first, because a refused call would break the transaction that this may run in.
  const [row = {}] = await query(
    `select pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute') as allowed, d.oid::text as oid,
       coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), 'local') as host,
       coalesce(pg_catalog.inet_server_port()::text, pg_catalog.current_setting('port')) as port
     from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()`,
  )
  if (!flag(row, 'allowed'))
    return `postgres:${text(row, 'host')}:${text(row, 'port')}/${text(row, 'oid')}`
  const [system = {}] = await query(
    'select system_identifier::text as id from pg_catalog.pg_control_system()',
  )
  return `postgres:${text(system, 'id')}/${text(row, 'oid')}`
}

async function mysqlIdentity(query: CatalogQuery): Promise<string> {
  // A variable that the server does not have would be an error; asked for by name it is no row.
  const rows = await query(
    "show variables where variable_name in ('server_uid', 'server_uuid', 'hostname', 'port')",
  )
  const values = new Map<string, string>()
  for (const row of rows) {
    const [name = '', value = ''] = Object.values(row).map((cell) => text({ cell }, 'cell'))
    values.set(name.toLowerCase(), value)
  }
  const server = values.get('server_uid') ?? values.get('server_uuid')
  return `mysql:${server ?? `${values.get('hostname') ?? ''}:${values.get('port') ?? ''}`}`
}

async function sqliteIdentity(query: CatalogQuery): Promise<string> {
  const rows = await query(`select file from pragma_database_list where name = 'main'`)
  const file = text(rows[0] ?? {}, 'file')
  if (file === '') return `sqlite:memory:${randomUUID()}`
  const { dev, ino } = await stat(file, { bigint: true })
  return `sqlite:${dev}:${ino}`
}
