import type { RawPlan } from './raw-plan.ts'

/** What builders that compile to the same SQL, but for the values of their bindings, have in common. */
export interface Shape<Memo> {
  /** Never used twice by one fingerprinter. */
  readonly id: number
  /** The caller's: whatever it wants to remember of this shape. */
  memo: Memo | undefined
}

/**
 * A point in the text of a shape. What was first said next is looked at before the maps: most points have only one
 * continuation. Words and names are kept apart, so a name cannot imitate a word.
 */
export class TrieNode {
  word = -1
  afterWord: TrieNode | undefined = undefined
  words: Map<number, TrieNode> | undefined = undefined
  name = ''
  afterName: TrieNode | undefined = undefined
  names: Map<string, TrieNode> | undefined = undefined
  /** Of a builder whose text ends here. */
  shape: Shape<unknown> | undefined = undefined
  /** Where the last name was the SQL of a raw statement: its placeholders. */
  plan: RawPlan | undefined = undefined
}

/**
 * All shapes that were seen, as a tree of their texts. Strings and numbers are all that it keeps: no builder, client, raw
 * statement or function stays alive through it.
 *
 * Bounded: a walk that would need more than `maxNodes` nodes, or more than `maxNameLength` characters of names, gets none, and
 * the tree begins anew for the next one.
 */
export class ShapeTrie {
  root: TrieNode = new TrieNode()
  readonly #maxNodes: number
  readonly #maxNameLength: number
  #nodes = 1
  #nameLength = 0
  #lastId = 0
  #isFull = false

  constructor(maxNodes: number, maxNameLength: number) {
    this.#maxNodes = maxNodes
    this.#maxNameLength = maxNameLength
  }

  get nodes(): number {
    return this.#nodes
  }

  /** Whether the bound was met since the tree began. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** Forgets all shapes. Their ids are not used again. */
  clear(): void {
    this.root = new TrieNode()
    this.#nodes = 1
    this.#nameLength = 0
    this.#isFull = false
  }

  /** The shape that ends at a node. */
  shapeAt(node: TrieNode): Shape<unknown> {
    return (node.shape ??= { id: ++this.#lastId, memo: undefined })
  }

  /** The node behind a word that is not the node's first; undefined if the tree is full. */
  findWord(node: TrieNode, word: number): TrieNode | undefined {
    const known = node.words?.get(word)
    if (known !== undefined) return known
    const made = this.#grow(0)
    if (made === undefined) return undefined
    if (node.afterWord === undefined) {
      node.word = word
      node.afterWord = made
    } else {
      node.words ??= new Map()
      node.words.set(word, made)
    }
    return made
  }

  /** The node behind a name that is not the node's first; undefined if the tree is full. */
  findName(node: TrieNode, name: string): TrieNode | undefined {
    const known = node.names?.get(name)
    if (known !== undefined) return known
    const made = this.#grow(name.length)
    if (made === undefined) return undefined
    if (node.afterName === undefined) {
      node.name = name
      node.afterName = made
    } else {
      node.names ??= new Map()
      node.names.set(name, made)
    }
    return made
  }

  /** Counts what is kept beside the nodes: the placeholders of a raw statement, in places of a list. */
  countPlan(length: number): void {
    this.#nodes += length
  }

  #grow(nameLength: number): TrieNode | undefined {
    if (this.#nodes >= this.#maxNodes || this.#nameLength + nameLength > this.#maxNameLength) {
      this.#isFull = true
      return undefined
    }
    this.#nodes++
    this.#nameLength += nameLength
    return new TrieNode()
  }
}
