import { code, isDigit, isLetter, isWordPart } from './characters.ts'
import type { LexicalRules } from './lexical-rules.ts'
import { isAscii, isDubiousName } from './name-folding.ts'
import { numberEnd } from './number-end.ts'

/**
 * A piece of SQL text as it stands there.
 * - `word`, `name`, `string`, `mark`: see `TokenKind`
 * - `number`: a number
 * - `placeholder`: `?`, `?1`, `$1`, `$name`
 */
export type PieceKind = 'word' | 'name' | 'string' | 'number' | 'placeholder' | 'mark'

/** A piece of SQL text, as a {@link Lexer} finds it. */
export interface Piece {
  readonly kind: PieceKind
  /** Words and names folded; strings and names without their quotes, with doubled quotes undoubled. */
  readonly text: string
  /** Where it begins in the text. */
  readonly start: number
  /** Where the text goes on after it. */
  readonly end: number
}

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

/** Cuts SQL into pieces, in one pass. What becomes of them is the heir's affair. */
export abstract class Lexer {
  /** See `TokenizedText.odd`. */
  odd = false
  readonly #sql: string
  readonly #rules: LexicalRules
  readonly #ascii: boolean
  #at = 0
  /** Where the word before ended. */
  #wordEnd = -1
  /** MySQL: where a dot ended that touched a word. What touches it on the other side is a name. */
  #dotEnd = -1
  /** PostgreSQL: the piece before is a string with escapes. One that follows on a new line has escapes too. */
  #afterEscapes = false
  /** MySQL: inside a comment whose inside is read as code. */
  #conditional = false

  constructor(sql: string, rules: LexicalRules) {
    this.#sql = sql
    this.#rules = rules
    this.#ascii = isAscii(sql)
  }

  /** Reads the whole text. */
  run(): void {
    while (this.#at < this.#sql.length) this.#next()
  }

  #next(): void {
    const c = this.#code(0)
    if (c <= code.space) this.#at += 1
    else if (isLetter(c)) this.#word()
    else if (isDigit(c)) this.#number()
    else if (c === code.question) this.#placeholder(1)
    else if (this.#comment(c) || this.#quoted(c)) return
    else if (c === code.dollar) this.#dollar()
    else if (c === code.dot && isDigit(this.#code(1)) && !this.#isBetweenNames()) this.#number()
    else this.#mark(c)
  }

  /** MySQL: t.5x is a column of t. */
  #isBetweenNames(): boolean {
    return this.#rules.dialect === 'mysql' && this.#wordEnd === this.#at
  }

  #code(ahead: number): number {
    const at = this.#at + ahead
    return at < this.#sql.length ? this.#sql.charCodeAt(at) : 0
  }

  /** Takes the next piece. */
  protected abstract take(piece: Piece): void

  /** A string whose text is not simply its value: backslashes in it mean something, or might. */
  protected abstract takeSpelled(piece: Piece): void

  /** MySQL: a comment whose inside is code, perhaps. The pieces in it follow. */
  protected abstract takeConditional(): void

  #push(kind: PieceKind, text: string, start: number, end: number): void {
    this.#afterEscapes = false
    this.take({ kind, text, start, end })
  }

  #word(): void {
    const start = this.#at
    let end = start + 1
    while (end < this.#sql.length && isWordPart(this.#sql.charCodeAt(end))) end += 1
    this.#at = end
    const text = this.#name('word', this.#sql.slice(start, end))
    this.#wordEnd = end
    if (this.#rules.dialect === 'postgres' && end - start === 1) {
      const next = this.#code(0)
      if (text === 'e' && next === code.quote)
        return this.#string(code.quote, true, 'string', start)
      // U&"d\0061ta" spells a name in another way: too rare to decode, too dangerous to ignore.
      if (text === 'u' && next === code.and && this.#code(1) === code.doubleQuote) this.odd = true
    }
    this.#push('word', text, start, end)
  }

  #number(): void {
    const start = this.#at
    const { dialect } = this.#rules
    const end = start === this.#dotEnd ? undefined : numberEnd(this.#sql, start, dialect)
    if (end === undefined) return this.#word()
    this.#at = end
    this.#push('number', this.#sql.slice(start, end).toLowerCase(), start, end)
  }

  #placeholder(length: number): void {
    const start = this.#at
    let end = start + length
    while (end < this.#sql.length && isDigit(this.#sql.charCodeAt(end))) end += 1
    this.#at = end
    this.#push('placeholder', this.#sql.slice(start, end), start, end)
  }

  #mark(c: number): void {
    if (c === code.dot && this.#isBetweenNames()) this.#dotEnd = this.#at + 1
    if (c === code.colon || c === code.at || c === code.hash) this.#suffixed(this.#at + 1)
    if (c === code.backslash && this.#rules.dialect === 'mysql' && this.#code(1) === code.upperN)
      return this.#null()
    this.#at += 1
    this.#push('mark', String.fromCharCode(c), this.#at - 1, this.#at)
  }

  /** MySQL: `\N` is NULL, also where a word touches it. */
  #null(): void {
    const start = this.#at
    this.#at += 2
    this.#push('word', 'null', start, this.#at)
  }

  #comment(c: number): boolean {
    const { dialect } = this.#rules
    const next = this.#code(1)
    if (
      c === code.minus &&
      next === code.minus &&
      (dialect !== 'mysql' || this.#code(2) <= code.space || this.#code(2) === code.delete)
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
    if (c === code.star && next === code.slash && this.#conditional) {
      this.#conditional = false
      this.#at += 2
      return true
    }
    return false
  }

  /** To the end of the line. For PostgreSQL a carriage return ends it as well. */
  #skipLine(): void {
    const { length } = this.#sql
    const returns = this.#rules.dialect === 'postgres'
    for (; this.#at < length; this.#at += 1) {
      const c = this.#sql.charCodeAt(this.#at)
      if (c === code.newline || (returns && c === code.return)) return
    }
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

  /**
   * MySQL runs what stands between these marks; whether it does may depend on its version. What no version leaves out is read as code, of
   * the rest nobody knows what it does to the text around it.
   */
  #conditionalComment(marker: number): void {
    const end = this.#sql.indexOf('*/', this.#at)
    const inside = this.#sql.slice(this.#at + marker, end < 0 ? undefined : end)
    const digits = /^\d*/.exec(inside)?.[0].length ?? 0
    const runs =
      marker === 3 && /^(?:(?!\d)|(?:[0-4]\d{4}|50[0-6]\d\d)(?![\w$\x80-\uffff]))/.test(inside)
    if (end < 0 || !runs || /['"`#\\;]|--|\/\*/.test(inside)) this.odd = true
    this.takeConditional()
    this.#conditional = true
    this.#at += marker + digits
  }

  #quoted(c: number): boolean {
    const { dialect, backslashEscapes, doubleQuotesName } = this.#rules
    if (c === code.quote) this.#string(code.quote, backslashEscapes, 'string', this.#at)
    else if (c === code.doubleQuote) {
      if (doubleQuotesName) this.#string(code.doubleQuote, false, 'name', this.#at)
      else this.#string(code.doubleQuote, backslashEscapes, 'string', this.#at)
    } else if (c === code.backtick && dialect !== 'postgres')
      this.#string(code.backtick, false, 'name', this.#at)
    else if (c === code.bracket && dialect === 'sqlite')
      this.#string(code.bracketEnd, false, 'name', this.#at)
    else return false
    return true
  }

  /** Reads from the opening quote at the current place to `closing`. The piece begins at `first`. */
  #string(closing: number, escapes: boolean, kind: 'string' | 'name', first: number): void {
    const sql = this.#sql
    const start = this.#at + 1
    const escaped = first < this.#at
    // The escapes of the string before go on in this one, whatever its quotes look like.
    if (this.#afterEscapes && kind === 'string') this.odd = true
    let doubled = false
    let spelled = escaped
    let at = start
    for (; at < sql.length; at += 1) {
      const c = sql.charCodeAt(at)
      if (escapes && c === code.backslash) {
        spelled = true
        at += 1
      } else if (c === closing) {
        if (closing === code.bracketEnd || sql.charCodeAt(at + 1) !== closing) break
        doubled = true
        at += 1
      }
    }
    if (at >= sql.length) this.odd = true
    let text = sql.slice(start, at)
    if (doubled)
      text = text.replaceAll(String.fromCharCode(closing, closing), String.fromCharCode(closing))
    this.#at = at + 1
    const end = Math.min(this.#at, sql.length)
    if (kind === 'name') this.#push(kind, this.#name(kind, text), first, end)
    else if (!spelled) this.#push(kind, text, first, end)
    else {
      this.takeSpelled({ kind, text, start: first, end })
      this.#afterEscapes = escaped
    }
  }

  /** PostgreSQL cuts names after 63 bytes, between characters; its catalog has them like that. */
  #name(kind: 'word' | 'name', text: string): string {
    const { dialect } = this.#rules
    if (!this.#ascii && isDubiousName(dialect, kind, text)) this.odd = true
    return (dialect === 'postgres' ? cutName(text) : text).toLowerCase()
  }

  /** PostgreSQL's `$1` and `$tag$ text $tag$`; SQLite's `$name`; for MySQL a letter. */
  #dollar(): void {
    if (this.#rules.dialect === 'mysql') return this.#word()
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
      const start = this.#at
      this.#at = close < 0 ? this.#sql.length : close + tag.length
      const text = this.#sql.slice(end + 1, close < 0 ? undefined : close)
      this.#push('string', text, start, this.#at)
      return
    }
    this.#suffixed(this.#at + 1)
    const start = this.#at
    this.#at = end
    this.#push('placeholder', this.#sql.slice(start, end), start, end)
  }

  /** SQLite's parameters may have a suffix in parentheses, where quotes are no quotes: `$name(it's)`. */
  #suffixed(start: number): void {
    if (this.#rules.dialect !== 'sqlite') return
    let end = start
    while (isWordPart(this.#sql.charCodeAt(end)) || this.#sql.charCodeAt(end) === code.colon)
      end += 1
    if (end > start && this.#sql.charCodeAt(end) === code.open) this.odd = true
  }
}
