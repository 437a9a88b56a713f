import type { BuilderShape } from '../client-shape.ts'
import type { FallbackReason } from './fallback-reason.ts'
import { kindOf } from './knex-kind.ts'
import type { BuilderMaker } from './knex-kind.ts'
import { nestedWalks, walkRaw } from './parts.ts'
import { walkSelect } from './select.ts'
import { ShapeTrie } from './shape-trie.ts'
import type { Shape } from './shape-trie.ts'
import { walkSettings } from './settings.ts'
import type { RawStatement, SelectBuilder } from './statements.ts'
import { Walk } from './walk.ts'
import { word } from './words.ts'

export type { FallbackReason } from './fallback-reason.ts'
export type { Shape } from './shape-trie.ts'

/** What a fingerprinter may keep, and how much it reads. */
export interface FingerprintBounds {
  /**
   * Nodes of the tree of shapes, of which each word and name takes one that no query has begun with before; 50,000 by default.
   * A node takes about 110 bytes.
   */
  readonly maxNodes?: number
  /** Characters of all names in the tree, raw SQL among them; 4,194,304 by default. With all nodes that makes 14 MB at worst, beside what callers keep of shapes. */
  readonly maxNameLength?: number
  /** Characters of the text of one builder's values, which lives until the next call; 65,536 by default. */
  readonly maxTextLength?: number
}

/**
 * Tells builders apart without compiling them. Two builders with the same shape and the same `values` compile to the same SQL,
 * the same bindings by type and value, and the same method, options and timeout. The reverse does not hold: builders with
 * different fingerprints may compile to the same.
 *
 * It walks what the builder's methods have noted, knows all of Knex's own grammar that it lets pass, and refuses the rest. It
 * reads names into a tree of shapes, in which neither builders nor clients nor functions are kept. A builder's functions, such as
 * groups of conditions, are called once, as Knex will call them again when it compiles.
 *
 * One for each Knex instance: the builders of others are refused.
 */
export class Fingerprinter<Memo> {
  readonly #trie: ShapeTrie
  readonly #walk: Walk
  #isWalking = false

  constructor({
    maxNodes = 50_000,
    maxNameLength = 4_194_304,
    maxTextLength = 65_536,
  }: FingerprintBounds = {}) {
    this.#trie = new ShapeTrie(maxNodes, maxNameLength)
    this.#walk = new Walk(this.#trie, maxTextLength, nestedWalks)
  }

  /**
   * The builder's shape, or undefined: then `reason` tells why. What the other fields tell holds until the next call.
   * Throws nothing.
   */
  take(builder: BuilderShape): Shape<Memo> | undefined {
    const walk = this.#walk
    if (this.#isWalking) {
      walk.fail('busy')
      return undefined
    }
    if (this.#trie.isFull) this.#trie.clear()
    walk.begin(builder.client as unknown as BuilderMaker)
    this.#isWalking = true
    try {
      if (this.#isKnown(builder)) this.#walkStatement(builder)
    } catch {
      walk.fail('walk-error')
    } finally {
      this.#isWalking = false
      walk.client = undefined
      walk.owner = undefined
    }
    if (walk.reason !== 'none') {
      walk.forget()
      return undefined
    }
    if (walk.bindings.length !== walk.bindingCount) walk.bindings.length = walk.bindingCount
    return this.#trie.shapeAt(walk.node) as Shape<Memo>
  }

  /** Why the last builder has no fingerprint. */
  get reason(): FallbackReason {
    return this.#walk.reason
  }

  /** The text of all values in the order of the walk; two lists of values of one shape have the same only if they are equal. */
  get values(): string {
    this.#walk.spellLoneNumber()
    return this.#walk.text
  }

  /**
   * What `values` says, to be a key of a map: a number where that is the only value, else the text. No text is taken for a number, nor
   * the other way round.
   */
  get valuesKey(): string | number {
    return this.#walk.loneNumber ?? this.#walk.text
  }

  /** The values that become bindings, in the order in which Knex compiles them. The array is used again by the next call. */
  get bindings(): readonly unknown[] {
    return this.#walk.bindings
  }

  /** Whether the walk called a function of the user's, which may say something else each time. */
  get ranCallbacks(): boolean {
    return this.#walk.ranCallbacks
  }

  /** Nodes of the tree of shapes. */
  get nodes(): number {
    return this.#trie.nodes
  }

  #isKnown(builder: BuilderShape): boolean {
    const walk = this.#walk
    const { client } = builder
    if (walk.kind === undefined) {
      const kind = kindOf(builder)
      if (typeof kind === 'string') return walk.fail(kind)
      walk.kind = kind
    }
    if (client.config !== walk.kind.config) return walk.fail('foreign-builder')
    // It may be set, and switched off, at any time.
    const { wrapIdentifier } = client.config
    if (wrapIdentifier && typeof wrapIdentifier !== 'function') return walk.fail('custom-client')
    walk.wrapsNames = Boolean(wrapIdentifier)
    return true
  }

  #walkStatement(builder: BuilderShape): boolean {
    const walk = this.#walk
    if (builder.isRawInstance === true) {
      const raw = builder as unknown as RawStatement
      walk.word(word.rawStatement)
      return walkSettings(walk, raw) && walkRaw(walk, raw)
    }
    const { kind } = walk
    if (Object.getPrototypeOf(builder) !== kind?.builderPrototype) {
      return walk.fail('foreign-builder')
    }

    if (builder.toSQL !== kind?.builderToSql) return walk.fail('custom-sql')
    const select = builder as unknown as SelectBuilder
    return walkSettings(walk, select) && walkSelect(walk, select)
  }
}
