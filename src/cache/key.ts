import { hash } from 'node:crypto'
import { serialiseValue } from './key-text.ts'

/** Everything that decides what a query returns. */
export interface QueryKeyParts {
  /** Which database, and which process-wide settings, the result belongs to. */
  readonly namespace: string
  /** The SQL text as the driver gets it. */
  readonly sql: string
  /** The values as Knex hands them to the driver. */
  readonly bindings: readonly unknown[]
  /** Driver options of this query (`rowMode`, `nestTables` ...); the order of their keys does not matter. */
  readonly options?: unknown
  /** What else the caller wants told apart: the kind of result, the user's own key. */
  readonly extra?: unknown
}

/**
 * The key by which stores know a query: SHA-256, in hex, of an unambiguous text of all parts, in which values of different types
 * differ (`1`, `'1'`, `true`, `1n`, -0, a date, bytes, `null` and `undefined`) and no value can imitate a separator.
 *
 * `undefined` if a part has no such text (a function, an instance of an unknown class, a cycle): the query must not be cached.
 */
export function queryKey(parts: QueryKeyParts): string | undefined {
  const bindings = serialiseValue(parts.bindings, 'ordered')
  const options = serialiseValue(parts.options, 'sorted')
  const extra = serialiseValue(parts.extra, 'ordered')
  if (bindings === undefined || options === undefined || extra === undefined) return undefined
  const texts = serialiseValue([parts.namespace, parts.sql], 'ordered')
  return hash('sha256', `1${texts}${bindings}${options}${extra}`)
}
