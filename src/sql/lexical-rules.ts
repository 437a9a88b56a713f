import type { Dialect } from '../contract/dialect.ts'

/** How a server reads text, where its settings decide. */
export interface LexicalRules {
  readonly dialect: Dialect
  /** A backslash escapes the next character of a plain string (MySQL; PostgreSQL without `standard_conforming_strings`). */
  readonly backslashEscapes: boolean
  /** Double quotes make a name (everywhere but MySQL without ANSI_QUOTES). */
  readonly doubleQuotesName: boolean
}

/** The rules of a server that nobody has configured. */
export function defaultRules(dialect: Dialect): LexicalRules {
  return {
    dialect,
    backslashEscapes: dialect === 'mysql',
    doubleQuotesName: dialect !== 'mysql',
  }
}
