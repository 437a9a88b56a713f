import type { Dialect } from '../contract/dialect.ts'

/** A name of one part, quoted. */
export function quoteName(name: string, dialect: Dialect): string {
  return dialect === 'mysql'
    ? `\`${name.replaceAll('`', '``')}\``
    : `"${name.replaceAll('"', '""')}"`
}

/** A table's name, quoted part by part where it carries its schema. */
export function quoteTable(name: string, dialect: Dialect): string {
  return name
    .split('.')
    .map((part) => quoteName(part, dialect))
    .join('.')
}
