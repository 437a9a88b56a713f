import type { EntryPlace } from '../contract/store.ts'
import type { CacheRequest } from './cache-request.ts'
import type { BuilderShape } from './client-shape.ts'
import { Fingerprinter } from './fingerprint/fingerprinter.ts'
import type { FallbackReason, Shape } from './fingerprint/fingerprinter.ts'
import { ownBindings } from './own-bindings.ts'
import { QueryMemo } from './query-memo.ts'
import type { MemoBounds, Weighed } from './query-memo.ts'
import type { ReadPlan } from './read-plan.ts'
import type { ShapeText } from './shape-text.ts'

/** A query that was compiled before. */
export interface KnownQuery extends Weighed {
  readonly plan: ReadPlan
  readonly text: ShapeText
  /** Where its entry was found last. */
  readonly place: EntryPlace
}

/** The fingerprint of a builder that is being run. */
export interface SeenBuilder {
  /** Who took it: shapes and values mean nothing to others. */
  readonly by: KnownQueries
  readonly shape: Shape<ShapeText>
  readonly values: string | number
  /** The values of the walk, in the order in which Knex compiles them, as they were then. */
  readonly bindings: readonly unknown[]
  /** Functions of the builder were called. Called again, to compile, they may say something else. */
  readonly ranCallbacks: boolean
  readonly known: KnownQuery | undefined
}

/**
 * Remembers queries by the fingerprints of their builders, so that what was compiled once need not be again, and the SQL of shapes, so
 * that other values need no other text.
 *
 * Holds no results and keeps no entry alive: a query that it has forgotten is compiled, and finds its entry as before.
 */
export class KnownQueries {
  readonly #fingerprinter = new Fingerprinter<ShapeText>()
  readonly #memo: QueryMemo<KnownQuery>
  #shape: Shape<ShapeText> | undefined
  #values: string | number = ''

  constructor(bounds: MemoBounds) {
    this.#memo = new QueryMemo(bounds)
  }

  /** Takes a builder's fingerprint. False if it has none: `reason` tells why. */
  take(builder: BuilderShape, request: CacheRequest): boolean {
    const fingerprinter = this.#fingerprinter
    const shape = fingerprinter.take(builder)
    this.#shape = shape
    if (shape === undefined) return false
    // Values end by themselves: what follows them cannot be taken for one.
    this.#values =
      request.key === undefined ? fingerprinter.valuesKey : `${fingerprinter.values}|${request.key}`
    return true
  }

  /** Why the last builder has no fingerprint. */
  get reason(): FallbackReason {
    return this.#fingerprinter.reason
  }

  /** The query of the fingerprint that was taken last, if it is remembered. */
  find(): KnownQuery | undefined {
    return this.#shape && this.#memo.get(this.#shape.id, this.#values)
  }

  /** The fingerprint that was taken last, for the rest of the builder's run. */
  seen(known: KnownQuery | undefined): SeenBuilder | undefined {
    const shape = this.#shape
    const { bindings, ranCallbacks } = this.#fingerprinter
    if (shape === undefined) return undefined
    return {
      by: this,
      shape,
      values: this.#values,
      bindings: ownBindings(bindings.slice()),
      ranCallbacks,
      known,
    }
  }

  /** Remembers the query of a builder. */
  remember({ shape, values }: SeenBuilder, plan: ReadPlan, text: ShapeText): void {
    const { all, any } = plan.dependencies.program
    const bytes = 8 * (all.length + 8 * any.length)
    this.#memo.set(shape.id, values, { plan, text, place: { entry: undefined }, bytes })
  }

  /** Forgets all queries. */
  clear(): void {
    this.#memo.clear()
  }
}
