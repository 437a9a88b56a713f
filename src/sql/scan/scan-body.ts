import { Effects } from '../effects.ts'
import type { KnownNames } from '../known-names.ts'
import { isMark, isWord, wordOf, type Token } from '../token.ts'
import { tokenize } from '../tokenize.ts'
import { scanTables } from './scan-tables.ts'

/** Statements whose effect inside a routine is not followed up. */
const opaque = new Set([
  'create',
  'alter',
  'drop',
  'rename',
  'refresh',
  'copy',
  'load',
  'import',
  'handler',
  'xa',
  'lock',
  'grant',
  'revoke',
  'set_config',
  'discard',
  'attach',
  'use',
  'optimize',
  'repair',
  'fetch',
  'move',
])

/** Words after which a statement begins in a body. */
const starters = new Set(['begin', 'then', 'else', 'loop', 'do', 'atomic', 'repeat'])

/**
 * Scans the body of a routine or trigger. SQL built at run time (EXECUTE, PREPARE), schema changes and the like make it
 * do everything.
 */
export function scanBody(text: string, names: KnownNames): Effects {
  const { tokens, odd } = tokenize(text, names.rules)
  const effects = scanTables(tokens, names, { body: true })
  if (odd) effects.everything()
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'word' && startsStatement(tokens, at))
      judge(effects, token.text, tokens[at + 1])
  }
  return effects
}

function startsStatement(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  return (
    before === undefined ||
    isMark(before, ';') ||
    isMark(before, ':') ||
    isMark(before, '>') ||
    starters.has(wordOf(before)) ||
    isWord(tokens[at], 'execute')
  )
}

function judge(effects: Effects, word: string, next: Token | undefined): void {
  if (opaque.has(word) || word === 'execute' || word === 'prepare') effects.everything()
  if (word === 'commit' || word === 'rollback' || (word === 'start' && isWord(next, 'transaction')))
    effects.commits = true
  if (opaque.has(word) || word === 'truncate' || word === 'execute') effects.commits = true
  if (word === 'set' && isWord(next, 'autocommit')) effects.commits = true
}
