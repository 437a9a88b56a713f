import type { Dialect } from '../../contract/dialect.ts'
import type { CatalogQuery } from '../catalog-query.ts'
import { loadMysql } from './mysql.ts'
import type { CatalogParts } from './parts.ts'
import { loadPostgres } from './postgres.ts'
import { loadSqlite } from './sqlite.ts'

/** Reads a database's catalog, on the one connection behind `query`. */
export function loadParts(dialect: Dialect, query: CatalogQuery): Promise<CatalogParts> {
  switch (dialect) {
    case 'sqlite':
      return loadSqlite(query)
    case 'postgres':
      return loadPostgres(query)
    case 'mysql':
      return loadMysql(query)
  }
}
