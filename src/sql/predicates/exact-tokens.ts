import type { ValueSource } from '../../contract/rows.ts'
import { code, isDigit, isWordPart } from '../characters.ts'
import type { LexicalRules } from '../lexical-rules.ts'
import { Lexer, type Piece } from '../lexer.ts'
import { foldsPlainly, isAscii } from '../name-folding.ts'
import type { Token, TokenKind } from '../token.ts'

/** A token with its place in the text; every number and every placeholder is one of its own (kind `value`). */
export interface ExactToken extends Token {
  /** Where it begins in the text. */
  readonly start: number
  /** Where the text goes on after it. */
  readonly end: number
  /** A word or name as the server tells names apart where it looks at their case: two that differ here may be two, `text` may be one. */
  readonly spelling: string
  /** What it stands for, if it is a placeholder, a plain string or a plain number. */
  readonly value: ValueSource | undefined
}

/**
 * Cuts SQL into tokens without losing any. `undefined` where the text does not tell for certain which binding a placeholder takes, or
 * what the server makes of it: odd texts, named and numbered placeholders, conditional comments, words that touch a number, names of which
 * it is not certain what other names they are equal to, and for MySQL question marks that are not placeholders of the server's but might
 * be the driver's.
 */
export function exactTokens(sql: string, rules: LexicalRules): readonly ExactToken[] | undefined {
  if (unusual.test(sql)) return undefined
  const reader = new ExactLexer(sql, rules)
  reader.run()
  if (reader.odd || reader.doubtful) return undefined
  if (rules.dialect === 'mysql' && !sureQuestionMarks(sql, reader.placeholders)) return undefined
  return reader.tokens
}

/** Is it a number in the text? Placeholders, the other tokens of kind `value`, begin with `?` or `$`. */
export function isNumber(token: ExactToken | undefined): token is ExactToken {
  return token?.kind === 'value' && token.value?.from !== 'binding'
}

/** What ends the text for one server is a space to another and a letter to the third: control characters, spaces that do not break. */
const unusual = /[^\P{Cc}\t\n\f\r]|\xa0|\ufeff/u

/** To MySQL `@a.or` is one name. */
const plainVariable = /^(?:[a-z_][\w$]*)?(?![\w$.\u0080-\uffff])/i

const plainNumber = /^(?:\d+(?:\.\d*)?|\.\d+)$/

/**
 * mysql2 puts values into the text itself, whatever the text means there: `?` in a string or comment takes a value too, and what
 * touches a `?` may become one word with the value.
 */
function sureQuestionMarks(sql: string, placeholders: number): boolean {
  let found = 0
  for (let at = sql.indexOf('?'); at >= 0; at = sql.indexOf('?', at + 1)) {
    found += 1
    const apart =
      (at === 0 || /[\s(,=<>+*/-]/.test(sql.charAt(at - 1))) &&
      /^(?:$|[\s),;=<>+*/-])/.test(sql.charAt(at + 1))
    if (!apart) return false
  }
  return found === placeholders
}

class ExactLexer extends Lexer {
  readonly tokens: ExactToken[] = []
  /** Placeholders so far. */
  placeholders = 0
  doubtful = false
  readonly #sql: string
  readonly #rules: LexicalRules
  readonly #ascii: boolean

  constructor(sql: string, rules: LexicalRules) {
    super(sql, rules)
    this.#sql = sql
    this.#rules = rules
    this.#ascii = isAscii(sql)
  }

  protected take(piece: Piece): void {
    const { kind, text } = piece
    switch (kind) {
      case 'placeholder':
        return this.#placeholder(piece)
      case 'number':
        if (this.#goesOn(piece.end)) this.doubtful = true
        return this.#push(piece, 'value', plainNumber.test(text) ? literal(text) : undefined)
      case 'string':
        return this.#push(piece, kind, literal(text))
      case 'mark':
        if (this.#isVariable(piece)) this.doubtful = true
        return this.#push(piece, kind, undefined)
      default:
        if (!this.#isPlainName(piece)) this.doubtful = true
        this.#push(piece, kind, undefined)
    }
  }

  /** SQLite's `:name` and `@name`; MySQL's `@name`, where it is more than a word. Elsewhere these are operators and casts. */
  #isVariable({ text, end }: Piece): boolean {
    const { dialect } = this.#rules
    if (dialect === 'sqlite') return /[:@#]/.test(text)
    return dialect === 'mysql' && text === '@' && !plainVariable.test(this.#sql.slice(end))
  }

  /** Does something touch the number that may be more of it, or another word? */
  #goesOn(end: number): boolean {
    const c = this.#sql.charCodeAt(end)
    return isWordPart(c) || c === code.dot
  }

  #isPlainName({ kind, start, end }: Piece): boolean {
    // MySQL: 2fa
    if (kind === 'word' && isDigit(this.#sql.charCodeAt(start))) return false
    return this.#ascii || foldsPlainly(this.#sql.slice(start, end))
  }

  protected takeSpelled(piece: Piece): void {
    this.#push(piece, 'string', undefined)
  }

  protected takeConditional(): void {
    this.doubtful = true
  }

  #placeholder(piece: Piece): void {
    const { text } = piece
    if (this.#rules.dialect === 'postgres') {
      const number = /^\$([1-9]\d{0,4})$/.exec(text)?.[1]
      if (number !== undefined) this.#bound(piece, Number(number) - 1)
      // An operator of JSON.
      else if (text === '?') this.#push(piece, 'mark', undefined)
      else this.doubtful = true
    } else if (text === '?') this.#bound(piece, this.placeholders)
    else this.doubtful = true
  }

  #bound(piece: Piece, index: number): void {
    this.placeholders += 1
    this.#push(piece, 'value', { from: 'binding', index })
  }

  #push({ text, start, end }: Piece, kind: TokenKind, value: ValueSource | undefined): void {
    const spelling =
      kind === 'word' || kind === 'name' ? this.#spelling(kind, start, end) : undefined
    this.tokens.push({ kind, text, start, end, spelling: spelling ?? text, value })
  }

  /** PostgreSQL minds the case of quoted names, MySQL that of all names of tables; SQLite that of none. */
  #spelling(kind: 'word' | 'name', start: number, end: number): string | undefined {
    const { dialect } = this.#rules
    if (dialect === 'sqlite' || (dialect === 'postgres' && kind === 'word')) return undefined
    return kind === 'word' ? this.#sql.slice(start, end) : this.#sql.slice(start + 1, end - 1)
  }
}

function literal(value: string): ValueSource {
  return { from: 'literal', value }
}
