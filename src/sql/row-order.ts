import type { LexicalRules } from './lexical-rules.ts'
import { isMark, isWord } from './token.ts'
import { tokenize } from './tokenize.ts'

/** Whether a query says in which order its rows come: it has an ORDER BY of its own, outside of every parenthesis. */
export function ordersRows(sql: string, rules: LexicalRules): boolean {
  const { tokens } = tokenize(sql, rules)
  let depth = 0
  return tokens.some((token, index) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    return depth === 0 && isWord(token, 'order') && isWord(tokens[index + 1], 'by')
  })
}
