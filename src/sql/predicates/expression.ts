import { isMark, wordOf, type Token } from '../token.ts'
import type { TokenReader } from './token-reader.ts'

/**
 * Reads a query that begins at the reader's current token, in parentheses or after UNION, and stops before what it does not belong to.
 */
export type ReadNested = (reader: TokenReader) => void

/** Functions with a FROM among their arguments: `extract(year from x)`. */
const takesFrom = new Set(['extract', 'substring', 'substr', 'mid', 'trim', 'overlay', 'position'])

const setOperators = new Set(['union', 'intersect', 'except'])

/** Words that belong to a query and to nothing else: where one stands in an expression, the text is not what it looks like. */
const queryOnly = new Set(['select', 'join', 'into', 'insert', 'update', 'delete', 'merge'])

/** Does a query begin at the reader's current token? A parenthesis may begin one too: not asked here. */
export function startsQuery(reader: TokenReader): boolean {
  const word = wordOf(reader.peek())
  if (word === 'table') return reader.dialect !== 'sqlite' && !isMark(reader.peek(1), '.')
  return (word === 'select' || word === 'with' || word === 'values') && !isMark(reader.peek(1), '.')
}

/**
 * Goes past one token of an expression, or past a whole group in parentheses or brackets. Queries inside are given to `nested`; of the
 * rest nothing is kept.
 */
export function skipPart(reader: TokenReader, nested: ReadNested, opener = ''): void {
  const token = reader.peek()
  if (token?.kind === 'mark') skipMark(reader, nested, token)
  else if (token?.kind === 'word' && !isMember(reader)) skipWord(reader, nested, token.text, opener)
  else reader.skip()
}

/** Does a dot stand before the current token? Then it is a name, whatever it says. */
export function isMember(reader: TokenReader): boolean {
  return isMark(reader.tokens[reader.at - 1], '.')
}

function skipMark(reader: TokenReader, nested: ReadNested, { text }: Token): void {
  const before = wordOf(reader.tokens[reader.at - 1])
  reader.skip()
  if (text === '(') skipGroup(reader, nested, ')', before)
  else if (text === '[') skipGroup(reader, nested, ']', '')
  else if (text === ')' || text === ']' || text === ';' || text === '{' || text === '}')
    reader.giveUp()
}

function skipGroup(reader: TokenReader, nested: ReadNested, closing: string, opener: string): void {
  reader.deeper(() => {
    if (closing === ')' && startsQuery(reader)) nested(reader)
    else while (!reader.done && !reader.isMark(closing)) skipPart(reader, nested, opener)
    reader.expectMark(closing)
  })
}

function skipWord(reader: TokenReader, nested: ReadNested, word: string, opener: string): void {
  // MySQL has a function insert().
  if (queryOnly.has(word) && (word !== 'insert' || !reader.isMark('(', 1))) return reader.giveUp()
  if (word === 'from' && !isComparison(reader) && !takesFrom.has(opener)) return reader.giveUp()
  if (word === 'where' && opener !== 'filter') return reader.giveUp()
  reader.skip()
  // SQLite: x IN table
  if (word === 'in' && reader.dialect === 'sqlite' && !reader.isMark('(')) reader.giveUp()
  if (setOperators.has(word)) operand(reader, nested)
}

/** Is the FROM here that of `is distinct from`, `is not distinct from`? */
export function isComparison(reader: TokenReader): boolean {
  const { tokens, at } = reader
  const before = wordOf(tokens[at - 2])
  return wordOf(tokens[at - 1]) === 'distinct' && (before === 'is' || before === 'not')
}

/** What follows a set operator. */
function operand(reader: TokenReader, nested: ReadNested): void {
  if (!reader.takeWord('all')) reader.takeWord('distinct')
  if (!startsQuery(reader)) {
    if (!reader.isMark('(')) reader.giveUp()
    return
  }
  nested(reader)
  if (!reader.isMark(')')) reader.giveUp()
}
