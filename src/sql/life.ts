import { randomUUID } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { Dialect } from '../contract/dialect.ts'
import type { CatalogQuery } from './catalog-query.ts'
import { optionalText, text } from './catalog/row.ts'

/**
 * Which life of a database a connection reaches: another text after a restart, a crash, a failover or a restored copy, when
 * commits that were seen before may be gone. One query. `undefined` where the database does not tell.
 * - PostgreSQL: where it listens and when the postmaster started; and when its statistics were last reset, because a crashed
 *   backend takes the server through recovery under a postmaster that lives on, and recovery resets them. (A reset by hand
 *   looks the same and costs some misses.)
 * - MySQL and MariaDB: the server's name and when it started. Both times in the difference are those of the statement, so it
 *   stays the same to the second, whatever happens to the server's clock. (Two starts within one second look the same.)
 * - SQLite: device, inode and birth of the main file, because an inode is used again; each connection to a database in memory
 *   is a life of its own.
 */
export async function readLife(dialect: Dialect, query: CatalogQuery): Promise<string | undefined> {
  switch (dialect) {
    case 'postgres':
      return postgresLife(query)
    case 'mysql':
      return mysqlLife(query)
    case 'sqlite':
      return sqliteLife(query)
  }
}

async function postgresLife(query: CatalogQuery): Promise<string | undefined> {
  const [row = {}] = await query(
    `select coalesce(pg_catalog.host(pg_catalog.inet_server_addr()), 'local') as host,
       coalesce(pg_catalog.inet_server_port()::text, pg_catalog.current_setting('port')) as port,
       (extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint::text as started,
       (extract(epoch from pg_catalog.pg_stat_get_bgwriter_stat_reset_time()) * 1000000)::bigint::text as recovered`,
  )
  const started = optionalText(row, 'started')
  if (started === undefined) return undefined
  return [text(row, 'host'), text(row, 'port'), started, text(row, 'recovered')].join(' ')
}

/** MySQL and MariaDB keep the same figures in different places, and each skips the comment that is meant for the other. */
async function mysqlLife(query: CatalogQuery): Promise<string | undefined> {
  const [row = {}] = await query(
    `select @@hostname as host, @@port as port
       /*M! , (select variable_value from information_schema.global_variables where variable_name = 'SERVER_UID') as server,
         unix_timestamp() - (select variable_value from information_schema.global_status
           where variable_name = 'UPTIME') as started */
       /*!50700 , @@server_uuid as server,
         unix_timestamp() - (select variable_value from performance_schema.global_status
           where variable_name = 'Uptime') as started */`,
  )
  const started = optionalText(row, 'started')
  if (started === undefined) return undefined
  return [text(row, 'host'), text(row, 'port'), text(row, 'server'), started].join(' ')
}

async function sqliteLife(query: CatalogQuery): Promise<string> {
  const rows = await query(`select file from pragma_database_list where name = 'main'`)
  const file = text(rows[0] ?? {}, 'file')
  if (file === '') return `memory ${randomUUID()}`
  const { dev, ino, birthtimeNs } = await stat(file, { bigint: true })
  return [dev, ino, birthtimeNs].join(' ')
}
