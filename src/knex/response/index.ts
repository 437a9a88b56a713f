import type { Dialect } from '../../contract/dialect.ts'
import { mysqlResponses } from './mysql.ts'
import { postgresResponses } from './postgres.ts'
import type { ResponseAdapter } from './response-adapter.ts'
import { sqliteResponses } from './sqlite.ts'

/** The adapter for a dialect's driver (better-sqlite3, pg, mysql2). It learns from responses: use one per connection. */
export function responseAdapter(dialect: Dialect): ResponseAdapter {
  switch (dialect) {
    case 'sqlite':
      return sqliteResponses()
    case 'postgres':
      return postgresResponses()
    case 'mysql':
      return mysqlResponses()
  }
}
