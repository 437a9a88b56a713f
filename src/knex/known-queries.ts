import { TwoGenerations } from '../base/two-generations.ts'
import { serialiseValue } from '../cache/key-text.ts'
import type { CacheRequest } from './cache-request.ts'
import type { BuilderShape, CompiledStatement } from './client-shape.ts'
import { Fingerprinter } from './fingerprint/fingerprinter.ts'
import type { FallbackReason, Shape } from './fingerprint/fingerprinter.ts'
import { hasOptions } from './read-plan.ts'
import type { ReadPlan } from './read-plan.ts'

/** The SQL of all builders of one shape, and how Knex makes their results of rows. */
export interface ShapeText {
  readonly sql: string
  readonly method: string
  readonly pluck: string | undefined
}

/** A query that was compiled before. */
export interface KnownQuery {
  readonly plan: ReadPlan
  readonly text: ShapeText
}

/** The fingerprint of a builder that is being run. */
export interface SeenBuilder {
  readonly shape: Shape<ShapeText>
  readonly memoKey: string
  /** The values of the walk, in the order in which Knex compiles them. */
  readonly bindings: readonly unknown[]
  /** Functions of the builder's were called: Knex calls them again, and they may say something else. */
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
  readonly #queries: TwoGenerations<KnownQuery>
  #shape: Shape<ShapeText> | undefined

  /** @param capacity how many queries are remembered at least; at most twice as many, each with up to 64 Ki characters of values */
  constructor(capacity: number) {
    this.#queries = new TwoGenerations(capacity)
  }

  /** Under which key the query of a builder is remembered; undefined if it has no fingerprint: `reason` tells why. */
  keyOf(builder: BuilderShape, request: CacheRequest): string | undefined {
    const fingerprinter = this.#fingerprinter
    this.#shape = fingerprinter.take(builder)
    if (this.#shape === undefined) return undefined
    const { id } = this.#shape
    // Values end by themselves: what follows them cannot be taken for one.
    return request.key === undefined
      ? `${id} ${fingerprinter.values}`
      : `${id} ${fingerprinter.values}|${request.key}`
  }

  /** Why the last builder has no fingerprint. */
  get reason(): FallbackReason {
    return this.#fingerprinter.reason
  }

  get(memoKey: string): KnownQuery | undefined {
    return this.#queries.get(memoKey)
  }

  /** What the last `keyOf` found out, for the rest of the builder's run. */
  seen(memoKey: string, known: KnownQuery | undefined): SeenBuilder | undefined {
    const shape = this.#shape
    if (shape === undefined) return undefined
    const { bindings, ranCallbacks } = this.#fingerprinter
    return { shape, memoKey, bindings: bindings.slice(), ranCallbacks, known }
  }

  /** Remembers the plan of a builder's query. */
  remember({ memoKey }: SeenBuilder, query: KnownQuery): void {
    this.#queries.set(memoKey, query)
  }
}

/**
 * Whether compiling said what the walk had seen: the same values in the same order. Always so without functions, apart from values that Knex
 * changes or sends in another order.
 */
export function saysTheSame(seen: SeenBuilder, compiled: CompiledStatement): boolean {
  const sent = serialiseValue(compiled.bindings ?? [], 'ordered')
  return sent !== undefined && sent === serialiseValue(seen.bindings, 'ordered')
}

/**
 * Learns the SQL of a shape from one compiled builder. Its values must all differ: were two of them the same, nobody could tell whether
 * the walk has them in Knex's order.
 */
export function learnShape(seen: SeenBuilder, compiled: CompiledStatement): void {
  const { shape, bindings } = seen
  if (shape.memo !== undefined || hasOptions(compiled) || !saysTheSame(seen, compiled)) return
  const texts = new Set(bindings.map((value) => serialiseValue(value, 'ordered')))
  if (texts.size === bindings.length) shape.memo = textOf(compiled)
}

/** What of a compiled statement is that of its shape. */
export function textOf(compiled: CompiledStatement): ShapeText {
  const sql = compiled.toNative?.().sql ?? compiled.sql
  return { sql, method: compiled.method ?? 'select', pluck: compiled.pluck }
}
