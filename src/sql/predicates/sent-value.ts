import { isMark, wordOf } from '../token.ts'
import { isNumber, type ExactToken } from './exact-tokens.ts'
import { isMember, skipPart } from './expression.ts'
import type { TokenReader } from './token-reader.ts'
import type { Assignments, SentValue } from './write-shape.ts'

/** Words that end a value in a list of values or assignments. */
const endings = new Set(
  'as union where returning order limit on do from set values select'.split(' '),
)

/**
 * Reads a value up to what ends it, which stays: a comma, a closing parenthesis, the keyword of the clause that follows, or the end.
 */
export function readSent(reader: TokenReader): SentValue {
  const start = reader.at
  while (!reader.done && !ends(reader)) skipPart(reader, skipNested)
  return sentValue(reader.tokens.slice(start, reader.at))
}

/** Reads `a = 1, t.b = ...`. Gives up over lists of columns, parts of columns, and columns of another table than `qualifier`. */
export function readAssignments(reader: TokenReader, qualifier: string): Assignments {
  const assigned = new Map<string, SentValue[]>()
  do {
    const column = readAssigned(reader, qualifier)
    reader.expectMark('=')
    assigned.set(column, [...(assigned.get(column) ?? []), readSent(reader)])
  } while (!reader.gaveUp && reader.takeMark(','))
  return assigned
}

/** Reads an unqualified name. Gives up, and returns nothing of worth, where there is none. */
export function readPlainName(reader: TokenReader): string {
  const token = reader.peek()
  if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) {
    reader.giveUp()
    return ''
  }
  reader.skip()
  return token.text
}

function readAssigned(reader: TokenReader, qualifier: string): string {
  const first = readPlainName(reader)
  if (!reader.takeMark('.')) return first
  if (first !== qualifier) reader.giveUp()
  return readPlainName(reader)
}

function ends(reader: TokenReader): boolean {
  if (reader.isMark(',') || reader.isMark(')')) return true
  const word = wordOf(reader.peek())
  if (!endings.has(word) || isMember(reader)) return false
  // is [not] distinct from
  return word !== 'from' || wordOf(reader.peek(-1)) !== 'distinct'
}

/** Goes past a query in parentheses: whatever it says, its value is not known. */
export function skipNested(reader: TokenReader): void {
  let depth = 0
  while (!reader.done) {
    if (reader.isMark('(')) depth += 1
    else if (reader.isMark(')')) {
      if (depth === 0) return
      depth -= 1
    }
    reader.skip()
  }
}

function sentValue(tokens: readonly ExactToken[]): SentValue {
  const [first, second, third] = tokens
  if (tokens.length === 1) {
    const word = wordOf(first)
    if (word === 'null') return { op: 'plain', source: { from: 'null' }, numeric: false }
    if (word === 'default') return { op: 'default' }
    if (first?.value !== undefined)
      return { op: 'plain', source: first.value, numeric: isNumber(first) }
  }
  if (tokens.length === 2 && isMark(first, '-') && isNumber(second)) {
    const value = second.value
    if (value?.from === 'literal')
      return {
        op: 'plain',
        source: { from: 'literal', value: `-${value.value}` },
        numeric: true,
      }
  }
  if (tokens.length === 3 && first?.text === 'excluded' && isMark(second, '.'))
    return third?.kind === 'word' || third?.kind === 'name'
      ? { op: 'excluded', column: third.text }
      : { op: 'expression' }
  return { op: 'expression' }
}
