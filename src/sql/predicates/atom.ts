import type { Dialect } from '../../contract/dialect.ts'
import type { ValueSource } from '../../contract/rows.ts'
import { isMark, isWord } from '../token.ts'
import { isVolatileWord } from '../volatile-functions.ts'
import type { ColumnName, Condition, PinnedColumn } from './condition.ts'
import { isNumber, type ExactToken } from './exact-tokens.ts'

/** Longer lists cost more to look up than they are worth. */
const maxValues = 256

const opaque: Condition = { op: 'opaque' }
const never: Condition = { op: 'never' }

/**
 * Understands what stands in a text between AND and OR, from one index to another, if it is one of the atoms of {@link Condition} and
 * nothing besides: anything before or after it, a cast or a collation, makes it opaque.
 */
export function readAtom(
  tokens: readonly ExactToken[],
  start: number,
  end: number,
  dialect: Dialect,
): Condition {
  return new AtomReader(tokens.slice(start, end), dialect).read()
}

/** Words that stand for a value, or begin something that is no column. Where the server would take them for a column, that is lost. */
const noColumn = new Set(
  `null true false default unknown not case exists interval binary distinct all any some array row select cast prior unique values
   current_timestamp current_date current_time localtime localtimestamp`.split(/\s+/),
)

interface Literal {
  readonly source: ValueSource
  /** A number, written without quotes. */
  readonly numeric: boolean
}

class AtomReader {
  readonly #tokens: readonly ExactToken[]
  readonly #dialect: Dialect
  #at = 0

  constructor(tokens: readonly ExactToken[], dialect: Dialect) {
    this.#tokens = tokens
    this.#dialect = dialect
  }

  read(): Condition {
    const first = this.#tokens[0]
    if (isMark(first, '(')) return this.#rows() ?? opaque
    if (isWord(first, 'false') && this.#tokens.length === 1)
      // SQLite asks first whether there is a column of that name.
      return this.#dialect === 'sqlite' ? opaque : never
    const column = this.#column()
    if (column !== undefined) return this.#afterColumn(column) ?? opaque
    const value = this.#value()
    return (value === undefined ? undefined : this.#afterValue(value)) ?? opaque
  }

  get #done(): boolean {
    return this.#at === this.#tokens.length
  }

  #takeMark(mark: string): boolean {
    const there = isMark(this.#tokens[this.#at], mark)
    if (there) this.#at += 1
    return there
  }

  #takeWord(word: string): boolean {
    const there = isWord(this.#tokens[this.#at], word)
    if (there) this.#at += 1
    return there
  }

  /** `x` or `t.x`. Stays where it is if there is no such. */
  #column(): ColumnName | undefined {
    const first = this.#namePart(0)
    if (first === undefined) return undefined
    if (!isMark(this.#tokens[this.#at + 1], '.')) {
      if (first.kind === 'word' && this.#isNoColumn(first.text)) return undefined
      this.#at += 1
      return { qualifier: undefined, name: first.text, spelling: first.spelling }
    }
    const second = this.#namePart(2)
    // With a schema before the table, a table of another name may be meant.
    if (second === undefined || isMark(this.#tokens[this.#at + 3], '.')) return undefined
    this.#at += 3
    return { qualifier: first.text, name: second.text, spelling: second.spelling }
  }

  #namePart(ahead: number): ExactToken | undefined {
    const token = this.#tokens[this.#at + ahead]
    return token?.kind === 'word' || token?.kind === 'name' ? token : undefined
  }

  #isNoColumn(word: string): boolean {
    return noColumn.has(word) || isVolatileWord(this.#dialect, word)
  }

  /** A placeholder, a string, a number with or without its sign. */
  #value(): Literal | undefined {
    const minus = this.#takeMark('-')
    const signed = minus || this.#takeMark('+')
    const token = this.#tokens[this.#at]
    const source = token?.value
    if (source === undefined || (signed && !isNumber(token))) return undefined
    this.#at += 1
    if (minus && source.from === 'literal')
      return { source: { from: 'literal', value: `-${source.value}` }, numeric: true }
    return { source, numeric: isNumber(token) }
  }

  #afterColumn(column: ColumnName): Condition | undefined {
    if (this.#takeMark('=')) {
      const other = this.#column()
      if (other !== undefined)
        return this.#done ? { op: 'same', left: column, right: other } : undefined
      const value = this.#value()
      return value !== undefined && this.#done ? pinned(column, [value]) : undefined
    }
    if (this.#takeWord('is'))
      return this.#takeWord('null') && this.#done ? { op: 'null', column } : undefined
    if (!this.#takeWord('in')) return undefined
    const values = this.#list()
    if (values === undefined || !this.#done || values.length > maxValues) return undefined
    return values.length === 0 ? never : pinned(column, values)
  }

  #afterValue(value: Literal): Condition | undefined {
    if (!this.#takeMark('=')) return undefined
    const column = this.#column()
    if (column !== undefined) return this.#done ? pinned(column, [value]) : undefined
    const other = this.#value()
    if (other === undefined || !this.#done) return undefined
    return differ(value, other) ? never : undefined
  }

  /** `(value, ...)` */
  #list(): Literal[] | undefined {
    if (!this.#takeMark('(')) return undefined
    const values: Literal[] = []
    // Only SQLite has lists without members.
    if (this.#takeMark(')')) return values
    do {
      const value = this.#value()
      if (value === undefined) return undefined
      values.push(value)
    } while (this.#takeMark(','))
    return this.#takeMark(')') ? values : undefined
  }

  /** `(a, b) in ((1, 2), ...)`, for SQLite `in (values (1, 2), ...)`; `(a, b) = (1, 2)`. */
  #rows(): Condition | undefined {
    this.#at += 1
    const columns: ColumnName[] = []
    do {
      const column = this.#column()
      if (column === undefined) return undefined
      columns.push(column)
    } while (this.#takeMark(','))
    if (!this.#takeMark(')')) return undefined
    const rows = this.#takeMark('=') ? [this.#list()] : this.#listOfLists()
    if (rows === undefined || !this.#done || rows.length * columns.length > maxValues)
      return undefined
    if (rows.some((row) => row?.length !== columns.length)) return undefined
    // Which value of one column goes with which of another is lost; no row is.
    return {
      op: 'and',
      of: columns.map((column, place) =>
        pinned(
          column,
          rows.flatMap((row) => row?.[place] ?? []),
        ),
      ),
    }
  }

  #listOfLists(): (Literal[] | undefined)[] | undefined {
    if (!this.#takeWord('in') || !this.#takeMark('(')) return undefined
    this.#takeWord('values')
    const rows: (Literal[] | undefined)[] = []
    do rows.push(this.#list())
    while (rows.at(-1) !== undefined && this.#takeMark(','))
    return this.#takeMark(')') ? rows : undefined
  }
}

function pinned(column: ColumnName, values: readonly Literal[]): PinnedColumn {
  return {
    op: 'equals',
    column,
    values: values.map((value) => value.source),
    numeric: values.some((value) => value.numeric),
  }
}

/** Are they two different whole numbers? */
function differ(a: Literal, b: Literal): boolean {
  if (!a.numeric || !b.numeric || a.source.from !== 'literal' || b.source.from !== 'literal')
    return false
  const digits = /^-?\d{1,18}$/
  return (
    digits.test(a.source.value) &&
    digits.test(b.source.value) &&
    BigInt(a.source.value) !== BigInt(b.source.value)
  )
}
