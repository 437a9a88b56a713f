import type { BuilderClass, ClientShape } from './client-shape.ts'

/** Knex's own `toSQL` of builders: it leaves all to the client's compiler. */
const ownToSql =
  /^toSQL\(method, tz\) \{\s*return this\.client\.queryCompiler\(this\)\.toSQL\(method \|\| this\._method, tz\);?\s*\}$/

/** Methods of a client that decide what a query says or what becomes of its rows. */
const deciding = ['runner', 'queryCompiler', 'wrapIdentifierImpl', 'postProcessResponse'] as const

type DecidingMethods = Readonly<Record<(typeof deciding)[number], unknown>>

/** What runs and compiles a builder, as far as it is the builder's own. */
interface BuilderMethods {
  readonly then: unknown
  readonly toSQL: unknown
}

type KnownMethods = DecidingMethods & BuilderMethods

/**
 * Whether an instance runs builders as Knex does. Plugins replace methods where Knex has no hook: they add a tenant's condition in `then` or `toSQL`,
 * say. What they do must be done on every run, so their instances are never answered without one.
 */
export class StockInstance {
  readonly #client: ClientShape
  readonly #methods: DecidingMethods
  readonly #builders: BuilderMethods
  #known: KnownMethods | undefined
  #isLookedAt = false

  /** @param client gets Millrace's layer before it is looked at  @param base the builder class below Millrace's */
  constructor(client: ClientShape, base: BuilderClass) {
    this.#client = client
    this.#methods = client as unknown as DecidingMethods
    const builders: unknown = base.prototype
    this.#builders = builders as BuilderMethods
  }

  /** Now: methods may be replaced at any time. */
  get isUntouched(): boolean {
    if (!this.#isLookedAt) this.#look()
    const known = this.#known
    const client = this.#methods
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

  #look(): void {
    this.#isLookedAt = true
    const { runner, queryCompiler, wrapIdentifierImpl, postProcessResponse } = this.#methods
    const { then, toSQL } = this.#builders
    if (!runsAsKnexDoes(this.#client, this.#builders)) return
    this.#known = { runner, queryCompiler, wrapIdentifierImpl, postProcessResponse, then, toSQL }
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

function runsAsKnexDoes(client: ClientShape, builders: BuilderMethods): boolean {
  if (deciding.some((method) => Object.hasOwn(client, method))) return false
  // Knex gives builders and raw statements the same `then`, each a copy.
  const { then } = client.raw('1') as unknown as BuilderMethods
  return String(builders.then) === String(then) && ownToSql.test(String(builders.toSQL))
}
