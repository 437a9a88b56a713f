import type { FallbackReason } from './fallback-reason.ts'
import type { BuilderMaker, KnexKind, NameOwner } from './knex-kind.ts'
import type { ShapeTrie, TrieNode } from './shape-trie.ts'
import { isComposite, uncommonText } from './uncommon-text.ts'
import { word } from './words.ts'

/** How deep builders, raw statements and groups may be nested. */
const maxDepth = 32

/** What short texts begin with. */
const textHeads: readonly string[] = Array.from(
  { length: 64 },
  (_, length) => `s${String(length)}:`,
)

/** Walks into what can contain anything again; named here so that the parts of the walk need not know each other. */
export interface NestedWalks {
  /** Whatever is no string, where a name can stand. */
  name(walk: Walk, value: unknown): boolean
  /** A raw statement, builder or function, where a value can stand. */
  part(walk: Walk, value: unknown): boolean
  /** The conditions that a function gives to a group. */
  group(walk: Walk, callback: unknown): boolean
}

/**
 * One walk over a builder: where it is in the tree of shapes, and the values that it has met. The functions of this directory
 * that take a walk return false once the builder turns out to have no fingerprint; then the walk is over.
 *
 * The state is mutable and open to those functions: this runs for each hit.
 */
export class Walk {
  readonly nested: NestedWalks
  /** Text of the values, in the order of the walk. */
  text = ''
  /** The only value so far, not yet in the text: most queries by key have no other, and a number is a key as it is. */
  loneNumber: number | undefined = undefined
  /** What becomes a binding, in the order in which Knex compiles it; the first `bindingCount` are of this walk. */
  readonly bindings: unknown[] = []
  bindingCount = 0
  ranCallbacks = false
  reason: FallbackReason = 'none'
  node: TrieNode
  kind: KnexKind | undefined = undefined
  client: BuilderMaker | undefined = undefined
  /** Whether names are written as the instance's own function spells them now; they belong to `owner`. */
  wrapsNames = false
  owner: NameOwner | undefined = undefined
  readonly trie: ShapeTrie
  readonly #maxTextLength: number
  #depth = 0

  constructor(trie: ShapeTrie, maxTextLength: number, nested: NestedWalks) {
    this.trie = trie
    this.node = trie.root
    this.#maxTextLength = maxTextLength
    this.nested = nested
  }

  /** Begins a walk over a builder of this client. */
  begin(client: BuilderMaker): void {
    this.text = ''
    this.loneNumber = undefined
    this.bindingCount = 0
    this.ranCallbacks = false
    this.reason = 'none'
    this.node = this.trie.root
    this.client = client
    this.owner = undefined
    this.#depth = 0
  }

  /** Lets the values of a walk go that gave no fingerprint. */
  forget(): void {
    this.text = ''
    this.loneNumber = undefined
    this.bindings.length = 0
  }

  /** Ends the walk without a fingerprint. The first reason counts. */
  fail(reason: FallbackReason): false {
    if (this.reason === 'none') this.reason = reason
    return false
  }

  /** One level deeper; each `enter` that returned true has its `leave`. */
  enter(): boolean {
    return ++this.#depth <= maxDepth || this.fail('too-deep')
  }

  leave(): true {
    this.#depth--
    return true
  }

  /** Goes on by a word. Where the tree is full, the walk goes nowhere and has no fingerprint in the end. */
  word(next: number): void {
    const node = this.node
    const found = node.word === next ? node.afterWord : this.trie.findWord(node, next)
    if (found === undefined) this.fail('full')
    else this.node = found
  }

  /** Goes on by a name: a text of the user's that is part of the SQL. */
  name(next: string): void {
    const node = this.node
    const found =
      node.name === next && node.afterName !== undefined
        ? node.afterName
        : this.trie.findName(node, next)
    if (found === undefined) this.fail('full')
    else this.node = found
  }

  /** Goes on by a name that Knex spells as the dialect wants it. */
  identifier(name: string): boolean {
    this.name(name)
    return !this.wrapsNames || this.#spelled(name)
  }

  /** The same for a name that Knex does not take apart at its dots. */
  alias(name: string): boolean {
    this.name(name)
    if (!this.wrapsNames) return true
    return /^\w*$/.test(name) ? this.#spelled(name) : this.fail('custom-names')
  }

  /** A name to be spelled, or nothing where it is allowed to be left out; nothing else. */
  identifierOrAbsent(name: unknown): boolean {
    return typeof name === 'string' ? this.identifier(name) : this.nameOrAbsent(name)
  }

  /** An alias, or nothing where it is allowed to be left out; nothing else. */
  aliasOrAbsent(name: unknown): boolean {
    return typeof name === 'string' ? this.alias(name) : this.nameOrAbsent(name)
  }

  #spelled(name: string): boolean {
    const { client, owner } = this
    if (client === undefined || owner === undefined) return this.fail('custom-names')
    this.name(client.formatter(owner).wrap(name))
    return true
  }

  /** A text, or nothing where it is allowed to be left out; nothing else. */
  nameOrAbsent(next: unknown): boolean {
    if (typeof next === 'string') this.name(next)
    else if (next === undefined || next === null) this.word(word.absent)
    else return this.fail('unknown-value')
    return true
  }

  /** What Knex hands to the driver: a value, or whatever computes one in SQL. */
  value(value: unknown): boolean {
    if (typeof value === 'string' || typeof value === 'number') {
      this.word(word.value)
      return this.bind(value, value)
    }
    if (!this.isPlain(value)) return this.nested.part(this, value)
    const isObject = typeof value === 'object' && value !== null && isComposite(value)
    this.word(isObject ? word.object : word.value)
    return this.bind(value, value)
  }

  /** Whether a value is written into the text of values, rather than walked into. */
  isPlain(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return typeof value !== 'function'
    if ((value as { readonly isRawInstance?: unknown }).isRawInstance !== undefined) return false
    return Object.getPrototypeOf(value) !== this.kind?.builderPrototype
  }

  /**
   * Writes a value into the text, and what Knex makes of it into the bindings. Each piece begins with its type and ends by a
   * length or a semicolon. Numbers begin with themselves: a digit, `-`, `NaN` or `Infinity`, as nothing else does.
   */
  bind(value: unknown, binding: unknown): boolean {
    if (this.loneNumber !== undefined) this.spellLoneNumber()
    else if (this.bindingCount === 0 && typeof value === 'number' && isOrdinary(value)) {
      this.loneNumber = value
      this.bindings[0] = binding
      this.bindingCount = 1
      return true
    }
    switch (typeof value) {
      case 'string':
        this.text += (textHeads[value.length] ?? `s${value.length}:`) + value
        break
      case 'number':
        this.text += value === 0 && 1 / value < 0 ? '-0;' : `${value};`
        break
      case 'boolean':
        this.text += value ? 'T' : 'F'
        break
      case 'bigint':
        this.text += `i${value};`
        break
      case 'object':
        if (value === null) this.text += '_'
        else if (!this.#writeObject(value)) return false
        break
      case 'undefined':
        return this.fail('undefined-value')
      default:
        return this.fail('unknown-value')
    }
    this.bindings[this.bindingCount++] = binding
    return this.text.length <= this.#maxTextLength || this.fail('too-long')
  }

  /** Writes the lone number into the text. */
  spellLoneNumber(): void {
    if (this.loneNumber !== undefined) this.text = `${this.loneNumber};`
    this.loneNumber = undefined
  }

  #writeObject(value: object): boolean {
    const result = uncommonText(value, this.#maxTextLength)
    if (typeof result === 'object') {
      this.text += result.text
      return true
    }
    if (result === 'too-long') return this.fail(result)
    return this.fail(result === 'undefined' ? 'undefined-value' : 'unknown-value')
  }
}

/** Whether a number differs from all others as keys of maps do: they take NaN for itself, and minus zero for zero. */
function isOrdinary(value: number): boolean {
  return value !== 0 || 1 / value > 0
}
