import { serialiseValue } from '../cache/key-text.ts'
import type { EntryPlace } from '../contract/store.ts'
import type { CacheRequest } from './cache-request.ts'
import type { BuilderShape, CompiledStatement } from './client-shape.ts'
import { Fingerprinter } from './fingerprint/fingerprinter.ts'
import type { FallbackReason, Shape } from './fingerprint/fingerprinter.ts'
import { QueryMemo } from './query-memo.ts'
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
  /** Where its entry was found last. */
  readonly place: EntryPlace
}

/** The fingerprint of a builder that is being run. */
export interface SeenBuilder {
  readonly shape: Shape<ShapeText>
  readonly values: string | number
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
  readonly #memo: QueryMemo<KnownQuery>
  #shape: Shape<ShapeText> | undefined
  #values: string | number = ''

  /** @param capacity how many queries are remembered at least; at most twice as many, each with up to 64 Ki characters of values */
  constructor(capacity: number) {
    this.#memo = new QueryMemo(capacity)
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
    if (shape === undefined) return undefined
    const { bindings, ranCallbacks } = this.#fingerprinter
    return { shape, values: this.#values, bindings: bindings.slice(), ranCallbacks, known }
  }

  /** Remembers the query of a builder. */
  remember({ shape, values }: SeenBuilder, query: KnownQuery): void {
    this.#memo.set(shape.id, values, query)
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
