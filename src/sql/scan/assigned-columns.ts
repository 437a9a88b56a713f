import { isMark, isWord, type Token } from '../token.ts'
import { afterParentheses, readName } from './names.ts'

/**
 * The columns that `SET a = 1, t.b = ...` assigns, from the index after SET; undefined where the text is not that plain
 * (lists of columns in parentheses, MySQL's SET over several rows).
 */
export function assignedColumns(
  tokens: readonly Token[],
  at: number,
): ReadonlySet<string> | undefined {
  const columns = new Set<string>()
  let i = at
  for (;;) {
    const name = readName(tokens, i)
    if (name === undefined) return undefined
    i = name.end
    if (isMark(tokens[i], '[')) return undefined
    if (isMark(tokens[i], ':')) i += 1
    if (!isMark(tokens[i], '=')) return undefined
    columns.add(name.last)
    i = afterValue(tokens, i + 1)
    if (!isMark(tokens[i], ',')) return columns
    i += 1
  }
}

const ends = new Set(['from', 'where', 'returning', 'order', 'limit', 'on', 'do'])

/** The index of the comma or keyword that ends the value which starts at `at`. */
function afterValue(tokens: readonly Token[], at: number): number {
  let i = at
  while (i < tokens.length) {
    const token = tokens[i]
    if (isMark(token, ',') || isMark(token, ')') || isMark(token, ';')) return i
    // "is distinct from" is part of a value.
    if (token?.kind === 'word' && ends.has(token.text) && !isWord(tokens[i - 1], 'distinct'))
      return i
    i = isMark(token, '(') ? afterParentheses(tokens, i) : i + 1
  }
  return i
}
