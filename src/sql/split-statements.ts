import type { Dialect } from '../contract/dialect.ts'
import { isMark, isWord, wordOf, type Token } from './token.ts'

/**
 * Cuts tokens at the semicolons between statements. The bodies of triggers and routines stay with their CREATE.
 * Empty statements are left out.
 */
export function splitStatements(tokens: readonly Token[], dialect: Dialect): Token[][] {
  const statements: Token[][] = []
  let current: Token[] = []
  let body: BodyDepth | undefined
  for (const [index, token] of tokens.entries()) {
    if (isMark(token, ';') && (body === undefined || body.closed)) {
      if (current.length > 0) statements.push(current)
      current = []
      body = undefined
      continue
    }
    current.push(token)
    if (body === undefined && opensBody(current, dialect)) body = new BodyDepth()
    body?.see(token, tokens[index - 1], tokens[index + 1])
  }
  if (current.length > 0) statements.push(current)
  return statements
}

const routines = new Set(['trigger', 'procedure', 'function', 'event', 'package'])

/** Does the statement read so far have a body that may hold semicolons? */
function opensBody(current: readonly Token[], dialect: Dialect): boolean {
  const word = wordOf(current.at(-1))
  if (dialect === 'mysql' && word === 'not')
    return isWord(current.at(-2), 'begin') && current.length === 2
  if (word !== 'begin' && word !== 'atomic') return false
  if (dialect === 'postgres' && word !== 'atomic') return false
  const first = wordOf(current[0])
  if (first !== 'create' && first !== 'alter') return false
  for (let i = 1; i < Math.min(current.length, 16); i += 1)
    if (routines.has(wordOf(current[i]))) return true
  return false
}

/** Counts BEGIN and CASE against END. */
class BodyDepth {
  #depth = 1
  #first = true

  get closed(): boolean {
    return this.#depth <= 0
  }

  see(token: Token, before: Token | undefined, after: Token | undefined): void {
    if (this.#first) {
      this.#first = false
      return
    }
    const word = wordOf(token)
    if (word === 'end') {
      const what = wordOf(after)
      if (
        what !== 'if' &&
        what !== 'while' &&
        what !== 'loop' &&
        what !== 'repeat' &&
        what !== 'for'
      )
        this.#depth -= 1
    } else if (word === 'begin' || (word === 'case' && !isWord(before, 'end'))) this.#depth += 1
  }
}
