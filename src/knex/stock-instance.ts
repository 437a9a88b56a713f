import type { BuilderClass, BuilderShape, ClientShape } from './client-shape.ts'

/** Knex's own `toSQL` of builders: it leaves all to the client's compiler. */
const ownToSql =
  /^toSQL\(method, tz\) \{\s*return this\.client\.queryCompiler\(this\)\.toSQL\(method \|\| this\._method, tz\);?\s*\}$/

/** Methods of a client that decide what a query says or what becomes of its rows. */
interface DecidingMethods {
  readonly runner: unknown
  readonly queryCompiler: unknown
  readonly wrapIdentifierImpl: unknown
  readonly postProcessResponse: unknown
}

/**
 * Whether an instance runs builders as Knex does. Plugins replace methods where Knex has no hook: they add a tenant's condition in `then` or `toSQL`,
 * say. What they do must be done on every run, so their instances are never answered without one.
 */
export class StockInstance {
  readonly #client: ClientShape & DecidingMethods
  readonly #builders: BuilderShape
  readonly #known: (DecidingMethods & Pick<BuilderShape, 'then' | 'toSQL'>) | undefined

  /** @param client with Millrace's layer  @param base the builder class below Millrace's */
  constructor(client: ClientShape, base: BuilderClass) {
    this.#client = client as ClientShape & DecidingMethods
    this.#builders = base.prototype as BuilderShape
    this.#known = runsAsKnexDoes(client, this.#builders)
      ? methodsOf(this.#client, this.#builders)
      : undefined
  }

  /** Now: methods may be replaced at any time. */
  get isUntouched(): boolean {
    const known = this.#known
    const client = this.#client
    return (
      known !== undefined &&
      this.#builders.then === known.then &&
      this.#builders.toSQL === known.toSQL &&
      client.runner === known.runner &&
      client.queryCompiler === known.queryCompiler &&
      client.wrapIdentifierImpl === known.wrapIdentifierImpl &&
      client.postProcessResponse === known.postProcessResponse
    )
  }
}

/** Whether results are changed on their way to the caller, by a function of the configuration or a method of the client's own. */
export function postProcesses(client: ClientShape): boolean {
  return (
    typeof client.config['postProcessResponse'] === 'function' ||
    typeof client.config.client === 'function' ||
    Object.hasOwn(client, 'postProcessResponse')
  )
}

function methodsOf(
  client: DecidingMethods,
  { then, toSQL }: BuilderShape,
): DecidingMethods & Pick<BuilderShape, 'then' | 'toSQL'> {
  const { runner, queryCompiler, wrapIdentifierImpl, postProcessResponse } = client
  return { runner, queryCompiler, wrapIdentifierImpl, postProcessResponse, then, toSQL }
}

function runsAsKnexDoes(client: ClientShape, builders: BuilderShape): boolean {
  const own = ['runner', 'queryCompiler', 'wrapIdentifierImpl', 'postProcessResponse']
  if (own.some((method) => Object.hasOwn(client, method))) return false
  // Knex gives builders and raw statements the same `then`, each a copy.
  const { then } = client.raw('1')
  return String(builders.then) === String(then) && ownToSql.test(String(builders.toSQL))
}
