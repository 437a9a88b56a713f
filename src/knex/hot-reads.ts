import type { Store } from '../contract/store.ts'
import type { CacheRequest } from './cache-request.ts'
import type { CachedRunParts } from './cached-run-parts.ts'
import type { BuilderShape, ClientShape, CompiledStatement } from './client-shape.ts'
import type { AnsweredQuery } from './hit-audit.ts'
import type { KnownQueries, KnownQuery, SeenBuilder } from './known-queries.ts'
import { noDirectAnswer } from './response/direct-answer.ts'
import { statementOf } from './shape-text.ts'
import type { StockInstance } from './stock-instance.ts'

/** Says that a builder has to be run: `undefined` is an answer of `first()`. */
export const noAnswer: unique symbol = Symbol('millrace.noAnswer')

/** Under this key a builder that could not be answered at once carries its fingerprint to its run, which takes it away. */
const fingerprint = Symbol('millrace.fingerprint')

interface Carrier {
  [fingerprint]?: SeenBuilder | undefined
}

/** Takes the fingerprint that {@link HotReads.answer} left on a builder. */
export function takeFingerprint(builder: BuilderShape): SeenBuilder | undefined {
  const carrier = builder as Carrier
  const seen = carrier[fingerprint]
  if (seen !== undefined) carrier[fingerprint] = undefined
  return seen
}

/** What hot reads are of. */
export interface HotReadsOf {
  readonly queries: KnownQueries
  readonly client: ClientShape
  readonly store: Store
  readonly stock: StockInstance
}

/**
 * Answers queries that were compiled before and whose entry is at hand, at once and without compiling: fingerprint, plan, entry, copy.
 * Everything that is out of the ordinary (listeners, post-processing, transactions, options of one run) is left to the run.
 */
export class HotReads {
  readonly #parts: CachedRunParts
  readonly #queries: KnownQueries
  readonly #client: ClientShape
  readonly #store: Store
  readonly #stock: StockInstance

  constructor(parts: CachedRunParts, of: HotReadsOf) {
    this.#parts = parts
    this.#queries = of.queries
    this.#client = of.client
    this.#store = of.store
    this.#stock = of.stock
  }

  /** The builder's result, the caller's own as on every hit; {@link noAnswer} if it has to be run. */
  readonly answer = (builder: BuilderShape, request: CacheRequest): unknown => {
    if (!this.#isOrdinary(builder, request)) return noAnswer
    const queries = this.#queries
    if (!queries.take(builder, request)) {
      // A write is refused, not compiled.
      if (queries.reason !== 'not-a-query') this.#parts.counters.compiled(queries.reason)
      return noAnswer
    }
    const known = queries.find()
    const answer = known === undefined ? noAnswer : this.#answerKnown(builder, request, known)
    if (answer === noAnswer) (builder as Carrier)[fingerprint] = queries.seen(known)
    return answer
  }

  #answerKnown(builder: BuilderShape, request: CacheRequest, known: KnownQuery): unknown {
    const { answers, audit, counters, planner, schema } = this.#parts
    const { plan, text, place } = known
    if (!planner.isCurrent(plan)) return noAnswer
    const ttlMs = request.ttlMs ?? plan.ttlMs
    const hit = this.#store.glance(plan.key, ttlMs, place)
    if (hit === undefined || hit.value instanceof Uint8Array) return noAnswer
    const frozen = request.frozen ?? planner.defaults.frozen
    const answer = answers.answer(text.method, text.pluck, hit.value, frozen)
    if (answer === noDirectAnswer) return noAnswer
    counters.hit(plan.dependencies.counts)
    schema.poke()
    if (audit !== undefined) {
      const { value: snapshot } = hit
      audit.consider(() => this.#answered(builder, known, ttlMs), { entry: hit, snapshot })
    }
    return answer
  }

  #isOrdinary(builder: BuilderShape, request: CacheRequest): boolean {
    const { client } = builder
    if (client !== this.#client || request.refresh || request.bypass) return false
    if (builder._connection !== undefined || builder._debug === true) return false
    const hook = client.config['postProcessResponse']
    if ((hook !== undefined && hook !== null) || !this.#stock.isUntouched) return false
    const { listeners, sessions } = this.#parts
    return !sessions.hasManualTransaction && !listeners.hear(builder)
  }

  /** The statement that is run again is the one that the fingerprint stands for: call it before another is taken. */
  #answered(builder: BuilderShape, known: KnownQuery, ttlMs: number): AnsweredQuery | undefined {
    const { plan, text } = known
    const seen = this.#queries.seen(known)
    if (seen === undefined) return undefined
    const { client } = builder
    const query = { ...plan, ttlMs, refresh: false }
    const { statement } = text
    if (statement !== undefined) {
      const compiled = statementOf(statement, seen.bindings, client)
      return { client, compiled, scope: 'rows', plan, query }
    }
    // Functions of the builder's may say something else now: such a hit is not looked at.
    if (seen.ranCallbacks) return undefined
    const compiled = builder.toSQL() as CompiledStatement
    return { client, compiled, scope: 'rows', plan, query }
  }
}
