import { isMark, isWord, wordOf } from '../token.ts'
import { readAtom } from './atom.ts'
import type { Condition } from './condition.ts'
import type { ExactToken } from './exact-tokens.ts'
import { isMember, skipPart, startsQuery, type ReadNested } from './expression.ts'
import type { TokenReader } from './token-reader.ts'

const opaque: Condition = { op: 'opaque' }

/**
 * Reads a WHERE or ON from its first token up to the token that ends the clause, which stays: a keyword of the clause that follows, a
 * comma, a semicolon, a closing parenthesis, or the end. What it cannot understand is opaque, by the smallest piece of which it is
 * certain where it ends. The reader gives up where that is not certain; the answer is worth nothing then.
 *
 * @param nested reads the queries inside; by default they are passed over
 */
export function readCondition(reader: TokenReader, nested: ReadNested = skipQuery): Condition {
  const condition = new Level(reader, nested, true).read()
  return reader.gaveUp ? opaque : condition
}

function skipQuery(reader: TokenReader): void {
  let depth = 0
  while (!reader.done) {
    if (reader.isMark('(')) depth += 1
    else if (reader.isMark(')')) depth -= 1
    if (depth < 0) return
    reader.skip()
  }
}

/** Words that end a condition, where it may end: right after something that has a value. */
const endings = new Set(
  `group having window order limit offset fetch union intersect except minus for lock returning into procedure where on using set do
   inner left right full cross natural join straight_join`.split(/\s+/),
)

/** Words after which something must follow: what comes next is no ending, whatever it is. */
const unfinished = new Set(
  `and or not xor in is like ilike glob regexp rlike match similar to between symmetric asymmetric escape uescape collate distinct from
   as case when then else at time zone interval binary div mod any all some exists array row cast operator overlaps contains sounds
   member of against over filter within using prior unique`.split(/\s+/),
)

/** Does something end with this token that has a value? */
function endsOperand(tokens: readonly ExactToken[], at: number): boolean {
  const token = tokens[at]
  if (token === undefined) return false
  if (token.kind === 'mark') return token.text === ')' || token.text === ']'
  return token.kind !== 'word' || !unfinished.has(token.text) || isMark(tokens[at - 1], '.')
}

/** Does a keyword stand here that ends the clause which began at `start`? */
export function endsClause(reader: TokenReader, start: number): boolean {
  const { at, tokens } = reader
  return at > start && endsOperand(tokens, at - 1) && endings.has(wordOf(reader.peek()))
}

/**
 * One level of parentheses: atoms with AND and OR between them. Everything else binds closer than AND, so that it stays between two of
 * them, but for what `see` looks for: that makes the whole level opaque.
 */
class Level {
  readonly #reader: TokenReader
  readonly #nested: ReadNested
  readonly #top: boolean
  /** What stands between OR. */
  readonly #alternatives: Condition[] = []
  /** What stands between AND, in the current alternative. */
  #terms: Condition[] = []
  /** Where the current term begins. */
  #start: number
  /** What stands in the parentheses with which the current term begins, and where they end. */
  #group: { readonly condition: Condition; readonly end: number } | undefined
  /** BETWEENs that have not seen their AND. */
  #betweens = 0
  /** CASEs that have not seen their END. */
  #cases = 0
  /** It is not certain what belongs to what. */
  #opaque = false

  constructor(reader: TokenReader, nested: ReadNested, top: boolean) {
    this.#reader = reader
    this.#nested = nested
    this.#top = top
    this.#start = reader.at
  }

  read(): Condition {
    const reader = this.#reader
    while (!reader.done && !this.#ends()) {
      const word = isMember(reader) ? '' : wordOf(reader.peek())
      if (word === '' || !this.#connects(word)) {
        this.#see(word)
        if (reader.at === this.#start && reader.isMark('(')) this.#parentheses()
        else if (this.#isSeparator()) this.#separate()
        else skipPart(reader, this.#nested)
      }
    }
    this.#endTerm()
    this.#endAlternative()
    if (this.#betweens > 0 || this.#cases > 0) this.#opaque = true
    return this.#opaque ? opaque : join('or', this.#alternatives)
  }

  #ends(): boolean {
    const reader = this.#reader
    if (reader.isMark(')')) return true
    if (!this.#top || this.#cases > 0) return false
    const separates = reader.isMark(',') || reader.isMark(';')
    if (!separates && (!endings.has(wordOf(reader.peek())) || isMember(reader))) return false
    if (this.#hasOperand()) return true
    if (separates || !this.#isName()) reader.giveUp()
    return false
  }

  /**
   * Is the word here, which would end the clause, a name for certain, because the term cannot end before it? Elsewhere it may be both, for
   * what looks like an operator may be a column or the end of a type: `x = time order by y`, `x::timestamp with time zone limit 5`.
   */
  #isName(): boolean {
    const reader = this.#reader
    if (reader.at === this.#start) return true
    const before = reader.peek(-1)
    if (isWord(before, 'not') || (before?.kind === 'mark' && /[=<>]/.test(before.text))) return true
    if (!reader.isMark('(', 1)) return false
    const word = wordOf(reader.peek())
    return word === 'left' || word === 'right' || (word === 'group' && isWord(before, 'within'))
  }

  /** Does the current term end with something that has a value? */
  #hasOperand(): boolean {
    const { at, tokens } = this.#reader
    return at > this.#start && endsOperand(tokens, at - 1)
  }

  /** Ends the term if the word is an AND or OR of this level. */
  #connects(word: string): boolean {
    if (this.#cases > 0) return false
    if (word === 'and') {
      if (this.#betweens > 0) {
        this.#betweens -= 1
        return false
      }
      this.#endTerm()
    } else if (word === 'or') {
      // SQLite takes `between 1 or 2 and 3`.
      if (this.#betweens > 0) this.#opaque = true
      this.#endTerm()
      this.#endAlternative()
    } else return false
    this.#reader.skip()
    this.#start = this.#reader.at
    return true
  }

  /** Looks for what opens a range of its own, and for what binds looser than AND. */
  #see(word: string): void {
    const reader = this.#reader
    if (word === 'case') this.#cases += 1
    else if (word === 'end' && this.#cases > 0) this.#cases -= 1
    else if (this.#cases > 0) return
    else if (word === 'between') this.#betweens += 1
    else if (word === 'xor' || /^(?:when|then|else|end)$/.test(word)) this.#opaque = true
    else if (reader.isMark(':') && reader.isMark('=', 1)) this.#opaque = true
    else if (reader.dialect === 'mysql' && reader.isMark('|') && reader.isMark('|', 1))
      this.#opaque = true
  }

  /** A comma between parentheses: the members of a row. */
  #isSeparator(): boolean {
    return !this.#top && this.#cases === 0 && this.#reader.isMark(',')
  }

  #separate(): void {
    this.#opaque = true
    this.#endTerm()
    this.#reader.skip()
    this.#start = this.#reader.at
  }

  /** Parentheses with which a term begins. They may be all of it. */
  #parentheses(): void {
    const reader = this.#reader
    reader.skip()
    if (startsQuery(reader)) {
      reader.deeper(() => this.#nested(reader))
      reader.expectMark(')')
      return
    }
    reader.deeper(() => {
      const condition = new Level(reader, this.#nested, false).read()
      reader.expectMark(')')
      this.#group = { condition, end: reader.at }
    })
  }

  #endTerm(): void {
    const reader = this.#reader
    // `where and`, `x = and`: something else than it seems.
    if (!this.#hasOperand()) return reader.giveUp()
    const group = this.#group
    this.#group = undefined
    if (group?.end === reader.at) this.#terms.push(group.condition)
    else this.#terms.push(readAtom(reader.tokens, this.#start, reader.at, reader.dialect))
  }

  #endAlternative(): void {
    this.#alternatives.push(join('and', this.#terms))
    this.#terms = []
  }
}

function join(op: 'and' | 'or', of: readonly Condition[]): Condition {
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { op, of }
}
