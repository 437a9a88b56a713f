import { isMark, isNameLike, isWord, type Token } from '../token.ts'
import { notAlias } from './keywords.ts'

/** A name with its qualifiers, in lower case. */
export interface DottedName {
  readonly parts: readonly string[]
  /** The bare name: its last part. */
  readonly last: string
  /** The index of the first token after it. */
  readonly end: number
}

/** Reads `a`, `a.b` or `a.b.c` at an index. */
export function readName(tokens: readonly Token[], at: number): DottedName | undefined {
  const first = tokens[at]
  if (!isNameLike(first)) return undefined
  const parts = [first.text.toLowerCase()]
  let end = at + 1
  for (;;) {
    const part = tokens[end + 1]
    if (!isMark(tokens[end], '.') || !isNameLike(part)) break
    parts.push(part.text.toLowerCase())
    end += 2
  }
  return { parts, last: parts.at(-1) ?? '', end }
}

/** The alias that begins at an index, after the name of a table. */
export function aliasAt(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at]
  if (isWord(token, 'as')) return tokens[at + 1]?.text.toLowerCase()
  if (!isNameLike(token) || (token.kind === 'word' && notAlias.has(token.text))) return undefined
  return token.text.toLowerCase()
}

/** The index after the parenthesis that closes the one at `open`, or the end of the tokens. */
export function afterParentheses(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let i = open; i < tokens.length; i += 1) {
    if (isMark(tokens[i], '(')) depth += 1
    else if (isMark(tokens[i], ')')) {
      depth -= 1
      if (depth <= 0) return i + 1
    }
  }
  return tokens.length
}

/** Names of common table expressions: a name, perhaps columns, then AS and a parenthesis. */
export function cteNames(tokens: readonly Token[]): ReadonlySet<string> {
  const names = new Set<string>()
  let inWith = false
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'word' && token.text === 'with') inWith = true
    if (!inWith || !isNameLike(token)) continue
    const before = tokens[at - 1]
    const starts =
      isMark(before, ',') ||
      (before?.kind === 'word' && (before.text === 'with' || before.text === 'recursive'))
    if (!starts) continue
    let next = at + 1
    if (isMark(tokens[next], '(')) next = afterParentheses(tokens, next)
    if (tokens[next]?.kind !== 'word' || tokens[next]?.text !== 'as') continue
    next += 1
    if (tokens[next]?.text === 'not') next += 1
    if (tokens[next]?.text === 'materialized') next += 1
    if (isMark(tokens[next], '(')) names.add(token.text.toLowerCase())
  }
  return names
}
