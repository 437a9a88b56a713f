import type { BuilderShape, ClientShape } from '../client-shape.ts'
import type { FallbackReason } from './fallback-reason.ts'

/** What is used of a client: Knex gives a function that builds a subquery a builder of the outer one's client. */
export interface BuilderMaker {
  queryBuilder(): object
  /** Names as they stand in the SQL. */
  formatter(owner: NameOwner): { wrap(name: string): string }
}

/** Whose names are written: what `wrapIdentifier` of an instance is told beside the name. */
export interface NameOwner {
  readonly _queryContext?: unknown
  queryContext(): unknown
}

/** What all builders of one Knex instance, and of its transactions, have in common. Names no client: it outlives transactions. */
export interface KnexKind {
  readonly config: object
  readonly builderPrototype: object
  readonly builderToSql: unknown
  readonly rawPrototype: object
  readonly rawToSql: unknown
  readonly refPrototype: object
  readonly refToSql: unknown
  /** An offset without a limit is sent with a limit of -1. */
  readonly boundNoLimit: boolean
}

/** The dialects whose compilers were read. */
const dialects: ReadonlySet<unknown> = new Set(['sqlite3', 'postgresql', 'mysql'])

/** Methods that take part in compiling. An instance that has one of its own compiles in ways that nobody knows. */
const compiling = [
  'queryBuilder',
  'queryCompiler',
  'formatter',
  'raw',
  'ref',
  'alias',
  'parameter',
  'parameterize',
  'values',
  'wrapIdentifier',
  'wrapIdentifierImpl',
  'customWrapIdentifier',
  'toPathForJson',
]

/** Looks at the client behind a builder; a reason if it does not compile as Knex's own do. */
export function kindOf(builder: BuilderShape): KnexKind | FallbackReason {
  const client = builder.client as ClientShape & { ref(name: string): object; dialect?: unknown }
  // A class of the user's may compile whatever it likes.
  if (typeof client.config.client !== 'string') return 'custom-client'
  if (!dialects.has(client.dialect)) return 'custom-client'
  if (compiling.some((method) => Object.hasOwn(client, method))) return 'custom-client'
  const sample: { readonly toSQL: unknown } = client.queryBuilder()
  const raw: { readonly toSQL: unknown } = client.raw('1')
  const ref = client.ref('a') as { readonly toSQL: unknown }
  return {
    config: client.config,
    builderPrototype: Object.getPrototypeOf(sample) as object,
    builderToSql: sample.toSQL,
    rawPrototype: Object.getPrototypeOf(raw) as object,
    rawToSql: raw.toSQL,
    refPrototype: Object.getPrototypeOf(ref) as object,
    refToSql: ref.toSQL,
    boundNoLimit: client.dialect === 'sqlite3',
  }
}
