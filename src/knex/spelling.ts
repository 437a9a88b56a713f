import type { ClientShape } from './client-shape.ts'

/** How the database spells an identifier that the application wrote. */
export type Spelling = (identifier: string) => string

type WrapIdentifier = (value: string, quote: Spelling, queryContext: unknown) => string

const asIs: Spelling = (identifier) => identifier

/** The application's own mapping of names (`wrapIdentifier` of the Knex config, `snakeCaseMappers`), without quotes. */
export function spellingOf(client: ClientShape, queryContext: unknown): Spelling {
  const wrap = client.config['wrapIdentifier']
  if (typeof wrap !== 'function') return asIs
  return (identifier) => (wrap as WrapIdentifier)(identifier, asIs, queryContext)
}
