import type { LexicalRules } from './lexical-rules.ts'
import { isMark, type Token, type TokenKind } from './token.ts'

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

const code = {
  tab: 9,
  newline: 10,
  space: 32,
  hash: 35,
  dollar: 36,
  quote: 39,
  open: 40,
  close: 41,
  star: 42,
  comma: 44,
  minus: 45,
  dot: 46,
  slash: 47,
  zero: 48,
  nine: 57,
  colon: 58,
  question: 63,
  doubleQuote: 34,
  bracket: 91,
  backslash: 92,
  bracketEnd: 93,
  underscore: 95,
  backtick: 96,
  bang: 33,
  upperM: 77,
} as const

const isDigit = (c: number): boolean => c >= code.zero && c <= code.nine
const isLetter = (c: number): boolean =>
  (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === code.underscore || c >= 128
const isWordPart = (c: number): boolean => isLetter(c) || isDigit(c) || c === code.dollar

const maxNameBytes = 63

function cutName(name: string): string {
  // A UTF-16 unit has at most three bytes.
  if (name.length * 3 <= maxNameBytes || Buffer.byteLength(name) <= maxNameBytes) return name
  const bytes = Buffer.from(name)
  let end = maxNameBytes
  // 10xxxxxx goes on with a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}

class Tokenizer {
  readonly tokens: Token[] = []
  odd = false
  readonly #sql: string
  readonly #rules: LexicalRules
  #at = 0

  constructor(sql: string, rules: LexicalRules) {
    this.#sql = sql
    this.#rules = rules
  }

  run(): void {
    while (this.#at < this.#sql.length) this.#next()
  }

  #next(): void {
    const c = this.#code(0)
    if (c <= code.space || c === 0xa0 || c === 0xfeff) this.#at += 1
    else if (isLetter(c)) this.#word()
    else if (isDigit(c) || (c === code.dot && isDigit(this.#code(1)) && !this.#afterName()))
      this.#number()
    else if (c === code.question) this.#placeholder(1)
    else if (this.#comment(c) || this.#quoted(c)) return
    else if (c === code.dollar) this.#dollar()
    else this.#mark(c)
  }

  #code(ahead: number): number {
    const at = this.#at + ahead
    return at < this.#sql.length ? this.#sql.charCodeAt(at) : 0
  }

  #push(kind: TokenKind, text: string): void {
    this.tokens.push({ kind, text })
  }

  #word(): void {
    const start = this.#at
    let end = start + 1
    while (end < this.#sql.length && isWordPart(this.#sql.charCodeAt(end))) end += 1
    this.#at = end
    const text = this.#name(this.#sql.slice(start, end))
    if (this.#rules.dialect === 'postgres' && end - start === 1) {
      const next = this.#code(0)
      if (text === 'e' && next === code.quote) return this.#string(code.quote, true, 'string')
      // U&"d\0061ta" spells a name in another way: too rare to decode, too dangerous to ignore.
      if (text === 'u' && next === 38 && this.#code(1) === code.doubleQuote) this.odd = true
    }
    this.#push('word', text)
  }

  #number(): void {
    const start = this.#at
    let end = start + 1
    while (end < this.#sql.length) {
      const c = this.#sql.charCodeAt(end)
      if (!isWordPart(c) && c !== code.dot) break
      end += 1
    }
    let text = this.#sql.slice(start, end).toLowerCase()
    if (this.#rules.dialect === 'postgres') {
      // Older servers read "1from" as "1 from".
      text = /^(?:0[xob][0-9a-f_]+|[\d_]*\.?[\d_]*(?:e\d+)?)/.exec(text)?.[0] ?? text
      end = start + Math.max(1, text.length)
    }
    this.#at = end
    // MySQL allows names such as 2fa_codes.
    if (
      this.#rules.dialect === 'mysql' &&
      /^\d+[a-z_$\u0080-\uffff]/.test(text) &&
      !/^(0x|0b|\d+e\d)/.test(text)
    ) {
      for (const [index, part] of text.split('.').entries()) {
        if (index > 0) this.#push('mark', '.')
        if (part !== '') this.#push('word', part)
      }
      return
    }
    this.#value(text)
  }

  /** Does a name stand right before, as in MySQL's `shop.2fa_codes`? */
  #afterName(): boolean {
    const last = this.tokens.at(-1)
    return last !== undefined && (last.kind === 'word' || last.kind === 'name')
  }

  #placeholder(length: number): void {
    let end = this.#at + length
    while (end < this.#sql.length && isDigit(this.#sql.charCodeAt(end))) end += 1
    this.#at = end
    this.#value('?')
  }

  /** Adds a value; `?, ?` becomes one. */
  #value(text: string): void {
    const last = this.tokens.length - 1
    if (last >= 1 && isMark(this.tokens[last], ',') && this.tokens[last - 1]?.kind === 'value') {
      this.tokens.pop()
      return
    }
    this.#push('value', text)
  }

  #mark(c: number): void {
    this.#at += 1
    if (c === code.close && this.#closesValueRow()) return
    this.#push('mark', String.fromCharCode(c))
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

  #comment(c: number): boolean {
    const { dialect } = this.#rules
    const next = this.#code(1)
    if (
      c === code.minus &&
      next === code.minus &&
      (dialect !== 'mysql' || this.#code(2) <= code.space)
    ) {
      this.#skipLine()
      return true
    }
    if (c === code.hash && dialect === 'mysql') {
      this.#skipLine()
      return true
    }
    if (c === code.slash && next === code.star) {
      this.#blockComment()
      return true
    }
    if (c === code.star && next === code.slash && dialect === 'mysql') {
      // The end of a conditional comment whose inside was read as code.
      this.#at += 2
      return true
    }
    return false
  }

  #skipLine(): void {
    const end = this.#sql.indexOf('\n', this.#at)
    this.#at = end < 0 ? this.#sql.length : end + 1
  }

  #blockComment(): void {
    const { dialect } = this.#rules
    const start = this.#at
    if (dialect === 'mysql') {
      const marker =
        this.#code(2) === code.bang
          ? 3
          : this.#code(2) === code.upperM && this.#code(3) === code.bang
            ? 4
            : 0
      if (marker > 0) return this.#conditionalComment(marker)
    }
    this.#at += 2
    let depth = 1
    while (depth > 0) {
      const end = this.#sql.indexOf('*/', this.#at)
      if (end < 0) {
        this.#at = this.#sql.length
        return
      }
      const inner = dialect === 'postgres' ? this.#sql.indexOf('/*', this.#at) : -1
      if (inner >= 0 && inner < end) {
        depth += 1
        this.#at = inner + 2
      } else {
        depth -= 1
        this.#at = end + 2
      }
      if (this.#at <= start) return
    }
  }

  /** MySQL runs what stands between these marks; whether it does may depend on its version. */
  #conditionalComment(marker: number): void {
    const end = this.#sql.indexOf('*/', this.#at)
    const inside = this.#sql.slice(this.#at + marker, end < 0 ? undefined : end)
    if (end < 0 || /['"`#\\;]|--|\/\*/.test(inside)) this.odd = true
    this.#at += marker
    while (isDigit(this.#code(0))) this.#at += 1
  }

  #quoted(c: number): boolean {
    const { dialect, backslashEscapes, doubleQuotesName } = this.#rules
    if (c === code.quote) this.#string(code.quote, backslashEscapes, 'string')
    else if (c === code.doubleQuote) {
      if (doubleQuotesName) this.#string(code.doubleQuote, false, 'name')
      else this.#string(code.doubleQuote, backslashEscapes, 'string')
    } else if (c === code.backtick && dialect !== 'postgres')
      this.#string(code.backtick, false, 'name')
    else if (c === code.bracket && dialect === 'sqlite')
      this.#string(code.bracketEnd, false, 'name')
    else return false
    return true
  }

  /** Reads from the opening quote at the current place to `closing`. */
  #string(closing: number, escapes: boolean, kind: TokenKind): void {
    const sql = this.#sql
    const start = this.#at + 1
    let doubled = false
    let at = start
    for (; at < sql.length; at += 1) {
      const c = sql.charCodeAt(at)
      if (escapes && c === code.backslash) at += 1
      else if (c === closing) {
        if (closing === code.bracketEnd || sql.charCodeAt(at + 1) !== closing) break
        doubled = true
        at += 1
      }
    }
    if (at >= sql.length) this.odd = true
    let text = sql.slice(start, at)
    if (doubled)
      text = text.replaceAll(String.fromCharCode(closing, closing), String.fromCharCode(closing))
    this.#push(kind, kind === 'name' ? this.#name(text) : text)
    this.#at = at + 1
  }

  /** PostgreSQL cuts names after 63 bytes, between characters; its catalog has them like that. */
  #name(text: string): string {
    const { dialect } = this.#rules
    return (dialect === 'postgres' ? cutName(text) : text).toLowerCase()
  }

  /** PostgreSQL's `$1` and `$tag$ text $tag$`; SQLite's `$name`. */
  #dollar(): void {
    if (isDigit(this.#code(1))) return this.#placeholder(1)
    let end = this.#at + 1
    while (
      end < this.#sql.length &&
      isWordPart(this.#sql.charCodeAt(end)) &&
      this.#sql.charCodeAt(end) !== code.dollar
    )
      end += 1
    if (this.#rules.dialect === 'postgres' && this.#sql.charCodeAt(end) === code.dollar) {
      const tag = this.#sql.slice(this.#at, end + 1)
      const close = this.#sql.indexOf(tag, end + 1)
      if (close < 0) this.odd = true
      this.#push('string', this.#sql.slice(end + 1, close < 0 ? undefined : close))
      this.#at = close < 0 ? this.#sql.length : close + tag.length
      return
    }
    this.#at = end
    this.#value('?')
  }
}
