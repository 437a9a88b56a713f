import type { Dialect } from '../contract/dialect.ts'

/** A name of one part, quoted. */
export function quoteName(name: string, dialect: Dialect): string {
  if (dialect === 'mysql') return `\`${name.replaceAll('`', '``')}\``
  const quoted = `"${name.replaceAll('"', '""')}"`
  // Knex numbers every `?` on PostgreSQL, names included, unless it is escaped.
  return dialect === 'postgres' ? quoted.replaceAll('?', '\\?') : quoted
}

/** A table's name, quoted part by part where it carries its schema. */
export function quoteTable(name: string, dialect: Dialect): string {
  return name
    .split('.')
    .map((part) => quoteName(part, dialect))
    .join('.')
}
