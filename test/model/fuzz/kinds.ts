import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Kind } from './kind.ts'
import { mysqlKinds } from './kinds-mysql.ts'
import { postgresKinds } from './kinds-postgres.ts'
import { sqliteKinds } from './kinds-sqlite.ts'

const kinds: Readonly<Record<Dialect, readonly Kind[]>> = {
  sqlite: sqliteKinds,
  postgres: postgresKinds,
  mysql: mysqlKinds,
}

/** Every kind of column that a database has here; the first is a plain integer. */
export function kindsOf(dialect: Dialect): readonly Kind[] {
  return kinds[dialect]
}
