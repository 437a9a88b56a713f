import type { Dialect } from '../../contract/dialect.ts'
import type { KnownNames } from '../known-names.ts'
import type { DottedName } from './names.ts'

const systemSchemas: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  sqlite: new Set(['temp']),
  postgres: new Set(['pg_catalog', 'information_schema', 'pg_toast', 'pg_temp']),
  mysql: new Set(['mysql', 'information_schema', 'performance_schema', 'sys']),
}

const systemPrefix: Readonly<Record<Dialect, RegExp | undefined>> = {
  sqlite: /^(?:sqlite_|pragma_|dbstat$)/,
  postgres: /^pg_/,
  mysql: undefined,
}

/** Does a name belong to the database itself, or to this session alone? What such tables hold changes without a write. */
export function isSystemName(dialect: Dialect, name: DottedName): boolean {
  const schema = name.parts.at(-2)
  if (schema !== undefined && systemSchemas[dialect].has(schema)) return true
  return systemPrefix[dialect]?.test(name.last) === true
}

/** Does a name point into another MySQL database, of which the catalog knows nothing? */
export function isForeignName(names: KnownNames, name: DottedName): boolean {
  const schema = name.parts.at(-2)
  if (schema === undefined || names.rules.dialect !== 'mysql') return false
  return names.currentDatabase === undefined || schema !== names.currentDatabase
}
