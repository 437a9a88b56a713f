import type { Dialect } from '../contract/dialect.ts'
import type { TransactionControl } from '../contract/footprint.ts'
import { isMark, isWord, wordOf, type Token } from './token.ts'

/**
 * Reads a statement as one that opens, ends or divides a transaction. Two-phase commit (PREPARE TRANSACTION, XA) is none of
 * these: its outcome lies elsewhere.
 */
export function transactionControl(
  tokens: readonly Token[],
  dialect: Dialect,
): TransactionControl | undefined {
  const second = wordOf(tokens[1])
  switch (wordOf(tokens[0])) {
    case 'begin':
      return second === 'not' ? undefined : { op: 'begin' }
    case 'start':
      return second === 'transaction' ? { op: 'begin' } : undefined
    case 'end':
      return dialect === 'mysql' ? undefined : { op: 'commit', chain: chains(tokens) }
    case 'commit':
      return second === 'prepared' ? undefined : { op: 'commit', chain: chains(tokens) }
    case 'abort':
      return dialect === 'postgres' ? { op: 'rollback', chain: chains(tokens) } : undefined
    case 'rollback':
      return second === 'prepared' ? undefined : rollback(tokens)
    case 'savepoint':
      return named('savepoint', tokens[1])
    case 'release':
      return named('release', second === 'savepoint' && tokens.length > 2 ? tokens[2] : tokens[1])
    case 'set':
      return dialect === 'mysql' ? autocommit(tokens) : undefined
    default:
      return undefined
  }
}

function named(
  op: 'savepoint' | 'release' | 'rollback-to',
  token: Token | undefined,
): TransactionControl | undefined {
  return token === undefined ? undefined : { op, name: token.text.toLowerCase() }
}

/** ... AND CHAIN, but not ... AND NO CHAIN. */
function chains(tokens: readonly Token[]): boolean {
  return tokens.some((token, at) => isWord(token, 'chain') && isWord(tokens[at - 1], 'and'))
}

function rollback(tokens: readonly Token[]): TransactionControl | undefined {
  const to = tokens.findIndex((token) => isWord(token, 'to'))
  if (to < 0) return { op: 'rollback', chain: chains(tokens) }
  const savepoint = isWord(tokens[to + 1], 'savepoint') && to + 2 < tokens.length
  return named('rollback-to', tokens[savepoint ? to + 2 : to + 1])
}

const offWords = new Set(['0', 'off', 'false'])
const onWords = new Set(['1', 'on', 'true', 'default'])

/** SET autocommit, in its spellings: with @@, SESSION or LOCAL, alone or in a list. GLOBAL is for other sessions. */
function autocommit(tokens: readonly Token[]): TransactionControl | undefined {
  let found: TransactionControl | undefined
  for (const [at, token] of tokens.entries()) {
    if (
      token.text.toLowerCase() !== 'autocommit' ||
      token.kind === 'string' ||
      isGlobal(tokens, at)
    )
      continue
    // @autocommit is a variable of the user's own.
    if (isMark(tokens[at - 1], '@') && !isMark(tokens[at - 2], '@')) continue
    let next = at + 1
    if (isMark(tokens[next], ':')) next += 1
    if (!isMark(tokens[next], '=')) continue
    const value = tokens[next + 1]?.text.toLowerCase() ?? ''
    // A value that cannot be read counts as off: then nothing is taken for committed too early.
    found = { op: 'autocommit', on: onWords.has(value) && !offWords.has(value) }
  }
  return found
}

function isGlobal(tokens: readonly Token[], at: number): boolean {
  const scope = isMark(tokens[at - 1], '.') ? wordOf(tokens[at - 2]) : wordOf(tokens[at - 1])
  return scope === 'global' || scope === 'persist' || scope === 'persist_only'
}
