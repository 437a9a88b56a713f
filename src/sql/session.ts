import type { Dialect } from '../contract/dialect.ts'
import { isMark, isWord, wordOf, type Token } from './token.ts'

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Settings that leave every result as it is. What they change of writes is counted anyway. */
const harmlessSettings: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  sqlite: set(
    `foreign_keys defer_foreign_keys busy_timeout journal_mode synchronous cache_size cache_spill mmap_size temp_store wal_autocheckpoint
     wal_checkpoint locking_mode page_size auto_vacuum incremental_vacuum secure_delete automatic_index cell_size_check threads optimize
     analysis_limit user_version application_id recursive_triggers ignore_check_constraints legacy_alter_table trusted_schema
     journal_size_limit checkpoint_fullfsync fullfsync max_page_count soft_heap_limit hard_heap_limit shrink_memory integrity_check
     quick_check foreign_key_check table_info table_xinfo table_list index_info index_xinfo index_list foreign_key_list query_only
     data_version freelist_count page_count database_list collation_list function_list module_list pragma_list compile_options stats`,
  ),
  postgres: set(
    `statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout transaction_timeout application_name
     client_min_messages work_mem maintenance_work_mem temp_buffers synchronous_commit jit random_page_cost seq_page_cost
     effective_cache_size max_parallel_workers_per_gather deadlock_timeout constraints`,
  ),
  mysql: set(
    `foreign_key_checks unique_checks max_execution_time max_statement_time wait_timeout interactive_timeout lock_wait_timeout
     innodb_lock_wait_timeout net_read_timeout net_write_timeout profiling autocommit`,
  ),
}

/** Does a SET, RESET, USE, PRAGMA or the like change what later statements of the session mean? */
export function altersSession(tokens: readonly Token[], dialect: Dialect): boolean {
  const second = wordOf(tokens[1])
  switch (wordOf(tokens[0])) {
    case 'pragma':
      return assigningPragma(tokens)
    case 'set':
      return dialect === 'mysql' ? setsMysql(tokens) : setsPostgres(tokens)
    case 'reset':
      return dialect === 'mysql' ? false : !harmlessSettings[dialect].has(second)
    case 'use':
    case 'attach':
    case 'detach':
    case 'discard':
      return true
    case 'load':
      return dialect === 'postgres'
    case 'prepare':
      return dialect === 'postgres' && second === 'transaction'
    default:
      return false
  }
}

/** Does a PRAGMA change the schema behind SQLite's back? */
export function pragmaWritesSchema(tokens: readonly Token[]): boolean {
  return pragmaName(tokens) === 'writable_schema' || pragmaName(tokens) === 'schema_version'
}

function pragmaName(tokens: readonly Token[]): string {
  return (isMark(tokens[2], '.') ? tokens[3] : tokens[1])?.text.toLowerCase() ?? ''
}

function assigningPragma(tokens: readonly Token[]): boolean {
  const rest = tokens.slice(isMark(tokens[2], '.') ? 4 : 2)
  return (
    (isMark(rest[0], '=') || isMark(rest[0], '(')) &&
    !harmlessSettings.sqlite.has(pragmaName(tokens))
  )
}

function setsPostgres(tokens: readonly Token[]): boolean {
  const words = tokens.slice(1, 6).map((token) => wordOf(token))
  if (words[0] === 'local' || words[0] === 'transaction' || words[0] === 'constraints') return false
  const setting = words[0] === 'session' ? words[1] : words[0]
  if (setting === 'characteristics') return isUncommitted(tokens)
  return !harmlessSettings.postgres.has(setting ?? '')
}

function setsMysql(tokens: readonly Token[]): boolean {
  const words = tokens.slice(1, 4).map((token) => wordOf(token))
  if (words[0] === 'transaction') return false
  if (words[1] === 'transaction') return isUncommitted(tokens)
  const names = assignedNames(tokens)
  return names.length === 0 || names.some((name) => !harmlessSettings.mysql.has(name))
}

/** Names that a MySQL SET assigns; those of the user's own variables are left out, as reading them is volatile. */
function assignedNames(tokens: readonly Token[]): string[] {
  const names: string[] = []
  for (const [at, token] of tokens.entries()) {
    if (!isMark(token, '=')) continue
    const nameAt = isMark(tokens[at - 1], ':') ? at - 2 : at - 1
    const own = isMark(tokens[nameAt - 1], '@') && !isMark(tokens[nameAt - 2], '@')
    names.push(own ? 'autocommit' : (tokens[nameAt]?.text.toLowerCase() ?? ''))
  }
  return names
}

function isUncommitted(tokens: readonly Token[]): boolean {
  return tokens.some((token) => isWord(token, 'uncommitted'))
}
