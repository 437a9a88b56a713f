import type { Dialect } from '../../contract/dialect.ts'
import { Effects } from '../effects.ts'
import type { KnownNames } from '../known-names.ts'
import { isMark, isNameLike, isWord, wordOf, type Token } from '../token.ts'
import { beforeTable } from './keywords.ts'
import { readName } from './names.ts'
import { scanTables } from './scan-tables.ts'

/** What a schema change does. */
export interface SchemaChange {
  readonly effects: Effects
  readonly changesSchema: boolean
  /** Only this session sees it. */
  readonly temporary: boolean
}

const subjects = new Set([
  'table',
  'view',
  'index',
  'sequence',
  'trigger',
  'function',
  'procedure',
  'routine',
  'rule',
  'policy',
  'schema',
  'database',
  'extension',
  'type',
  'domain',
  'cast',
  'operator',
  'aggregate',
  'language',
  'event',
  'server',
  'user',
  'role',
  'group',
  'publication',
  'subscription',
  'statistics',
  'collation',
  'conversion',
  'tablespace',
  'owned',
  'package',
  'system',
  'default',
  'instance',
  'resource',
  'text',
  'access',
  'transform',
  'large',
])

/** Schema changes that touch neither rows nor what a statement reads and writes. */
const harmless = new Set([
  'user',
  'role',
  'group',
  'publication',
  'statistics',
  'tablespace',
  'resource',
  'default',
  'system',
  'instance',
])

/** Scans CREATE, ALTER, DROP and RENAME. */
export function scanSchemaChange(
  tokens: readonly Token[],
  names: KnownNames,
  runsTriggers: boolean,
): SchemaChange {
  const { dialect } = names.rules
  const head = tokens.slice(0, 24)
  const subjectAt = head.findIndex(
    (token, at) => at > 0 && token.kind === 'word' && subjects.has(token.text),
  )
  const subject = wordOf(head[subjectAt])
  const temporary = head
    .slice(1, Math.max(1, subjectAt))
    .some((token) => isWord(token, 'temp') || isWord(token, 'temporary'))
  if (harmless.has(subject))
    return { effects: new Effects(), changesSchema: false, temporary: false }
  const rename = wordOf(tokens[0]) === 'rename'
  if (
    runsTriggers ||
    !(
      subject === 'table' ||
      subject === 'view' ||
      subject === 'index' ||
      subject === 'sequence' ||
      (subject === 'trigger' && dialect !== 'postgres')
    )
  ) {
    return { effects: new Effects().everything(), changesSchema: true, temporary }
  }
  const effects = scanTables(tokens, names)
  // What looks like a call is mostly a list of columns here.
  for (const name of effects.calls) if (!names.hasRoutine(name)) effects.calls.delete(name)
  for (const name of touchedNames(tokens, names)) effects.change(name, 'schema')
  // With foreign keys on, SQLite empties a table, and what hangs on it, before it drops it.
  const drops = dialect === 'sqlite' && isWord(tokens[0], 'drop') && subject === 'table'
  if (drops) for (const { table } of [...effects.changes]) effects.change(table, 'delete')
  if (rename) effects.reads.clear()
  return { effects, changesSchema: true, temporary }
}

const nameFollows = new Set([
  'table',
  'view',
  'on',
  'to',
  'exists',
  'into',
  'like',
  'only',
  'partition',
  'of',
  'index',
  'with',
  'inherits',
  'inherit',
])

/** Every known table in the statement, and unknown names where tables are named. */
function touchedNames(tokens: readonly Token[], names: KnownNames): Set<string> {
  const touched = new Set<string>()
  let expects = false
  let list = false
  for (let at = 1; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (!isNameLike(token)) {
      expects = isMark(token, ',') && list
      if (isMark(token, '(')) list = false
      continue
    }
    if (names.hasTable(token.text.toLowerCase())) touched.add(token.text.toLowerCase())
    const next = tokens[at + 1]
    if (token.kind === 'word' && nameFollows.has(token.text)) {
      expects = true
      list = true
    } else if (
      expects &&
      !(token.kind === 'word' && beforeTable.has(token.text) && isNameLike(next))
    ) {
      const name = readName(tokens, at)
      if (name !== undefined) {
        touched.add(name.last)
        at = name.end - 1
      }
      expects = false
    }
  }
  return touched
}

const commits = new Set([
  'create',
  'alter',
  'drop',
  'rename',
  'truncate',
  'analyze',
  'optimize',
  'repair',
  'check',
  'lock',
  'unlock',
  'grant',
  'revoke',
  'flush',
  'reset',
  'install',
  'uninstall',
  'start',
  'begin',
  'stop',
  'change',
  'cache',
  'import',
  'purge',
  'backup',
])

/** MySQL: does the statement commit the open transaction before it runs? */
export function commitsImplicitly(
  tokens: readonly Token[],
  dialect: Dialect,
  temporary: boolean,
): boolean {
  if (dialect !== 'mysql') return false
  const verb = wordOf(tokens[0])
  if (verb === 'set') return wordOf(tokens[1]) === 'password'
  if (verb === 'load') return wordOf(tokens[1]) === 'index'
  if (verb === 'analyze') return wordOf(tokens[1]) === 'table' || wordOf(tokens[2]) === 'table'
  if ((verb === 'create' || verb === 'drop') && temporary) return false
  return commits.has(verb)
}
