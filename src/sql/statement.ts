import type { StatementFootprint } from '../contract/footprint.ts'
import type { Catalog } from './catalog/catalog.ts'
import { closeEffects } from './closure.ts'
import { Effects } from './effects.ts'
import type { ExactToken } from './predicates/exact-tokens.ts'
import { rowChanges, unknownRows } from './predicates/row-changes.ts'
import { queryUses } from './predicates/table-uses.ts'
import { readName } from './scan/names.ts'
import { scanBody } from './scan/scan-body.ts'
import { commitsImplicitly, scanSchemaChange } from './scan/scan-schema-change.ts'
import { scanTables } from './scan/scan-tables.ts'
import { altersSession, pragmaWritesSchema } from './session.ts'
import { isMark, isWord, wordOf, type Token } from './token.ts'
import { transactionControl } from './transaction-control.ts'

/** What one statement does, when the text was odd or nothing else is known. */
export function everythingFootprint(verb: string): StatementFootprint {
  return {
    verb,
    reads: 'everything',
    writes: 'everything',
    control: undefined,
    changesSchema: true,
    commitsImplicitly: false,
    locks: false,
    volatile: true,
    selects: false,
    altersSession: false,
    uses: [],
    changes: [],
    answer: undefined,
  }
}

/**
 * What one statement does. `tokens` has at least one.
 *
 * @param exact the same statement with nothing left out, if it is all of the text; without it nothing is said of rows
 */
export function statementFootprint(
  tokens: readonly Token[],
  catalog: Catalog,
  exact?: readonly ExactToken[],
): StatementFootprint {
  const { dialect } = catalog.rules
  const verbAt = tokens.findIndex((token) => !isMark(token, '('))
  const verb = wordOf(tokens[verbAt])
  const control = transactionControl(tokens, dialect)
  const outcome =
    control === undefined || control.op === 'autocommit' ? judge(verb, tokens, catalog) : nothing()
  const closed = closeEffects(outcome.effects, catalog)
  const writes = closed.writes
  const plain = queries.has(verb) && !outcome.effects.selectsInto
  const selects = plain && writes !== 'everything' && writes.size === 0
  return {
    verb,
    reads: closed.reads,
    writes,
    control,
    changesSchema: outcome.changesSchema,
    commitsImplicitly:
      commitsImplicitly(tokens, dialect, outcome.temporary) ||
      (dialect === 'mysql' && closed.commits) ||
      (control?.op === 'autocommit' && control.on),
    locks: outcome.effects.locks,
    volatile: closed.volatile || volatileVerbs.has(verb),
    selects,
    altersSession:
      outcome.temporary ||
      altersSession(tokens, dialect) ||
      (dialect === 'postgres' && outcome.effects.calls.has('set_config')),
    uses: exact === undefined || !selects ? [] : queryUses(exact, catalog, closed),
    ...(exact === undefined ? unknownRows : rowChanges(exact, catalog, closed)),
  }
}

const queries = new Set(['select', 'values', 'table', 'with'])

/** Their results tell of the database itself, which changes unseen. */
const volatileVerbs = new Set([
  'show',
  'explain',
  'describe',
  'desc',
  'pragma',
  'analyze',
  'handler',
  'check',
  'checksum',
  'fetch',
  'help',
])

/** Statements that touch no rows that anybody reads. */
const rowless = new Set([
  'vacuum',
  'reindex',
  'discard',
  'listen',
  'unlisten',
  'notify',
  'grant',
  'revoke',
  'comment',
  'security',
  'checkpoint',
  'deallocate',
  'close',
  'flush',
  'kill',
  'optimize',
  'check',
  'checksum',
  'repair',
  'lock',
  'unlock',
  'attach',
  'detach',
  'use',
  'cluster',
  'install',
  'uninstall',
  'purge',
  'cache',
  'stop',
  'change',
  'help',
  'show',
  'reassign',
  'savepoint',
  'release',
  'reset',
  'shutdown',
  'begin',
  'start',
  'signal',
])

interface Outcome {
  readonly effects: Effects
  readonly changesSchema: boolean
  readonly temporary: boolean
}

const only = (effects: Effects): Outcome => ({ effects, changesSchema: false, temporary: false })
const nothing = (): Outcome => only(new Effects())
const everything = (): Outcome => ({
  effects: new Effects().everything(),
  changesSchema: true,
  temporary: false,
})

function judge(verb: string, tokens: readonly Token[], catalog: Catalog): Outcome {
  const { dialect } = catalog.rules
  switch (verb) {
    case 'select':
    case 'with':
    case 'values':
    case 'table':
    case 'insert':
    case 'update':
    case 'delete':
    case 'replace':
    case 'merge':
    case 'truncate':
    case 'declare':
      return intoTable(scanTables(tokens, catalog), tokens)
    case 'create':
    case 'alter':
    case 'drop':
    case 'rename':
      return scanSchemaChange(tokens, catalog, catalog.schemaTriggers && !catalog.incomplete)
    case 'explain':
    case 'describe':
    case 'desc':
      return only(explained(tokens, catalog))
    case 'analyze':
      return dialect === 'mysql' && !tokens.slice(1, 3).some((token) => isWord(token, 'table'))
        ? only(scanTables(tokens.slice(1), catalog))
        : nothing()
    case 'pragma':
      return pragmaWritesSchema(tokens) && tokens.length > 2 ? everything() : nothing()
    case 'set':
      // MariaDB: SET STATEMENT variable = value FOR statement
      if (wordOf(tokens[1]) === 'statement') return everything()
      return dialect === 'mysql' ? only(readsOf(scanTables(tokens, catalog))) : nothing()
    case 'call':
      return only(calling(tokens, catalog))
    case 'do':
      return only(dialect === 'postgres' ? block(tokens, catalog) : scanTables(tokens, catalog))
    case 'copy':
      return only(copying(tokens, catalog))
    case 'load':
      return only(dialect === 'mysql' ? loading(tokens) : new Effects().everything())
    case 'handler':
      return only(handling(tokens))
    case 'refresh':
      return only(refreshing(tokens, catalog))
    case 'prepare':
      if (dialect === 'mysql') return nothing()
      return wordOf(tokens[1]) === 'transaction' ? everything() : only(scanTables(tokens, catalog))
    default:
      return rowless.has(verb) && wordOf(tokens[1]) !== 'not' ? nothing() : everything()
  }
}

/** SELECT ... INTO makes a table on PostgreSQL. */
function intoTable(effects: Effects, tokens: readonly Token[]): Outcome {
  const creates = effects.changes.some((change) => change.event === 'schema')
  const temporary =
    creates && tokens.some((token) => isWord(token, 'temp') || isWord(token, 'temporary'))
  return { effects, changesSchema: creates, temporary }
}

/** Only with ANALYZE does EXPLAIN run the statement. */
function explained(tokens: readonly Token[], catalog: Catalog): Effects {
  const effects = scanTables(tokens.slice(1), catalog)
  return tokens.some((token) => isWord(token, 'analyze')) ? effects : readsOf(effects)
}

/** What is read, without what would be written; functions still run. */
function readsOf(effects: Effects): Effects {
  effects.changes.length = 0
  return effects
}

function calling(tokens: readonly Token[], catalog: Catalog): Effects {
  const effects = scanTables(tokens, catalog)
  const name = readName(tokens, 1)
  if (name !== undefined && catalog.hasRoutine(name.last)) return effects
  effects.everything()
  effects.commits = true
  return effects
}

/** DO [LANGUAGE name] 'body' [LANGUAGE name] */
function block(tokens: readonly Token[], catalog: Catalog): Effects {
  const body = tokens.find(
    (token, at) => token.kind === 'string' && !isWord(tokens[at - 1], 'language'),
  )
  const languageAt = tokens.findIndex((token) => isWord(token, 'language'))
  const language = languageAt < 0 ? 'plpgsql' : tokens[languageAt + 1]?.text.toLowerCase()
  return body === undefined || language !== 'plpgsql'
    ? new Effects().everything()
    : scanBody(body.text, catalog)
}

function copying(tokens: readonly Token[], catalog: Catalog): Effects {
  const effects = scanTables(tokens, catalog)
  const name = readName(tokens, 1)
  if (name === undefined) return effects
  effects.reads.add(name.last)
  if (tokens.some((token, at) => at >= name.end && isWord(token, 'from')))
    effects.change(name.last, 'insert')
  return effects
}

function loading(tokens: readonly Token[]): Effects {
  const effects = new Effects()
  if (isWord(tokens[1], 'index')) return effects
  const intoAt = tokens.findIndex(
    (token, at) => isWord(token, 'into') && isWord(tokens[at + 1], 'table'),
  )
  const name = intoAt < 0 ? undefined : readName(tokens, intoAt + 2)
  if (name === undefined || name.parts.length > 1) return effects.everything()
  for (const event of ['insert', 'update', 'delete'] as const) effects.change(name.last, event)
  return effects
}

function handling(tokens: readonly Token[]): Effects {
  const effects = new Effects()
  const name = readName(tokens, 1)
  if (name === undefined) return effects.everything()
  effects.reads.add(name.last)
  return effects
}

function refreshing(tokens: readonly Token[], catalog: Catalog): Effects {
  const effects = new Effects()
  const name = readName(tokens, isWord(tokens[3], 'concurrently') ? 3 : 2)
  const target = isWord(tokens[2], 'view')
    ? readName(tokens, isWord(tokens[3], 'concurrently') ? 4 : 3)
    : name
  if (target === undefined) return effects.everything()
  effects.change(target.last, 'schema')
  const view = catalog.views.get(target.last)
  for (const read of view?.effects.reads ?? []) effects.reads.add(read)
  for (const call of view?.effects.calls ?? []) effects.calls.add(call)
  return effects
}
