import type { LexicalRules } from './lexical-rules.ts'
import { Lexer, type Piece } from './lexer.ts'
import { isMark, type Token } from './token.ts'

/** SQL as tokens. */
export interface TokenizedText {
  readonly tokens: readonly Token[]
  /**
   * The text uses something whose meaning cannot be told from the text alone (names with Unicode escapes, quotes inside a
   * conditional comment, an unfinished string): whatever it does must count as everything.
   */
  readonly odd: boolean
}

/**
 * Cuts SQL into tokens in one pass. Lists of placeholders and numbers become one token, so that an insert of a thousand
 * rows is as short as one of two.
 */
export function tokenize(sql: string, rules: LexicalRules): TokenizedText {
  const reader = new Tokenizer(sql, rules)
  reader.run()
  return { tokens: reader.tokens, odd: reader.odd }
}

class Tokenizer extends Lexer {
  readonly tokens: Token[] = []

  protected take({ kind, text }: Piece): void {
    if (kind === 'number') this.#value(text)
    else if (kind === 'placeholder') this.#value('?')
    else if (kind !== 'mark' || text !== ')' || !this.#closesValueRow())
      this.tokens.push({ kind, text })
  }

  protected takeSpelled({ text }: Piece): void {
    this.tokens.push({ kind: 'string', text })
  }

  protected takeConditional(): void {
    // Its inside counts as code whether it runs or not.
  }

  /** Adds a value; `?, ?` becomes one. */
  #value(text: string): void {
    const last = this.tokens.length - 1
    if (last >= 1 && isMark(this.tokens[last], ',') && this.tokens[last - 1]?.kind === 'value') {
      this.tokens.pop()
      return
    }
    this.tokens.push({ kind: 'value', text })
  }

  /** `(?), (?)` becomes `(?)`: a row of values after a row of values says nothing new. */
  #closesValueRow(): boolean {
    const tokens = this.tokens
    const n = tokens.length
    const repeats =
      n >= 6 &&
      tokens[n - 1]?.kind === 'value' &&
      isMark(tokens[n - 2], '(') &&
      isMark(tokens[n - 3], ',') &&
      isMark(tokens[n - 4], ')') &&
      tokens[n - 5]?.kind === 'value' &&
      isMark(tokens[n - 6], '(')
    if (repeats) tokens.length = n - 3
    return repeats
  }
}
