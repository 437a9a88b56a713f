import type { Dialect } from '../../contract/dialect.ts'
import { isMark, isWord } from '../token.ts'
import type { ExactToken } from './exact-tokens.ts'

/** Deeper texts are not read: nobody writes them, and each level costs stack. */
const maxDepth = 200

/**
 * Goes over exact tokens. Readers that meet something they do not understand call `giveUp`; from then on there are no more tokens, so
 * that everybody above ends too, and what was read so far is worth nothing.
 */
export class TokenReader {
  readonly dialect: Dialect
  readonly tokens: readonly ExactToken[]
  /** The index of the current token. */
  at: number
  #end: number
  #depth = 0
  #gaveUp = false

  constructor(tokens: readonly ExactToken[], dialect: Dialect, at = 0) {
    this.tokens = tokens
    this.dialect = dialect
    this.at = at
    this.#end = tokens.length
  }

  /** The text was not understood. */
  get gaveUp(): boolean {
    return this.#gaveUp
  }

  /** There are no more tokens. */
  get done(): boolean {
    return this.at >= this.#end
  }

  /** The current token, or one further on; undefined after the last. */
  peek(ahead = 0): ExactToken | undefined {
    const at = this.at + ahead
    return at < this.#end ? this.tokens[at] : undefined
  }

  /** Is the current token, or one further on, this keyword? */
  isWord(word: string, ahead = 0): boolean {
    return isWord(this.peek(ahead), word)
  }

  /** Is the current token, or one further on, this punctuation? */
  isMark(mark: string, ahead = 0): boolean {
    return isMark(this.peek(ahead), mark)
  }

  /** Goes past the current token. */
  skip(count = 1): void {
    this.at = Math.min(this.#end, this.at + count)
  }

  /** Goes past a keyword, if it is there. */
  takeWord(word: string): boolean {
    const there = this.isWord(word)
    if (there) this.skip()
    return there
  }

  /** Goes past punctuation, if it is there. */
  takeMark(mark: string): boolean {
    const there = this.isMark(mark)
    if (there) this.skip()
    return there
  }

  /** Goes past punctuation that must be there. */
  expectMark(mark: string): void {
    if (!this.takeMark(mark)) this.giveUp()
  }

  /** Goes past a keyword that must be there. */
  expectWord(word: string): void {
    if (!this.takeWord(word)) this.giveUp()
  }

  giveUp(): void {
    this.#gaveUp = true
    this.#end = 0
  }

  /** Runs `read` one level deeper. Gives up where that is too deep. */
  deeper(read: () => void): void {
    if (this.#depth >= maxDepth) return this.giveUp()
    this.#depth += 1
    read()
    this.#depth -= 1
  }
}
