import type { Dialect } from '../contract/dialect.ts'
import { afterParentheses } from './scan/names.ts'
import { isMark, type Token } from './token.ts'

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

const everywhere =
  'random rand now uuid current_timestamp current_date current_time localtime localtimestamp current_user session_user user'

const volatileCalls: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  sqlite: set(
    `${everywhere} randomblob changes total_changes last_insert_rowid sqlite_version sqlite_source_id sqlite_compileoption_get
     sqlite_compileoption_used sqlite_offset load_extension uuid7 fts5_source_id`,
  ),
  postgres: set(
    `${everywhere} gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 random_normal clock_timestamp
     statement_timestamp transaction_timestamp timeofday nextval currval lastval setval setseed set_config current_setting current_schema
     current_schemas current_database current_catalog current_query current_role system_user version inet_client_addr inet_client_port
     inet_server_addr inet_server_port row_security_active to_regclass to_regproc to_regtype to_regrole to_regnamespace obj_description
     col_description shobj_description format_type xid8 query_to_xml query_to_xmlschema query_to_xml_and_xmlschema table_to_xml
     table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema schema_to_xml_and_xmlschema database_to_xml
     database_to_xmlschema database_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema ts_stat ts_rewrite gen_salt gen_random_bytes`,
  ),
  mysql: set(
    `${everywhere} curdate curtime sysdate unix_timestamp utc_date utc_time utc_timestamp uuid_short uuid_v4 uuid_v7 sys_guid
     random_bytes last_insert_id found_rows row_count connection_id database schema system_user current_role version sleep benchmark
     get_lock release_lock release_all_locks is_free_lock is_used_lock nextval lastval setval next_value_for master_pos_wait
     master_gtid_wait source_pos_wait wait_for_executed_gtid_set wait_until_sql_thread_after_gtids load_file statement_digest
     ps_current_thread_id ps_thread_id rownum encrypt binlog_gtid_pos mysql_current_role`,
  ),
}

/** Keywords that call a function without parentheses. */
const volatileWords: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  sqlite: set('current_timestamp current_date current_time'),
  postgres: set(
    `current_timestamp current_date current_time localtime localtimestamp current_user session_user user system_user current_role
     current_catalog current_schema tablesample`,
  ),
  mysql: set(
    `current_timestamp current_date current_time localtime localtimestamp current_user current_role utc_date utc_time utc_timestamp
     sysdate rownum`,
  ),
}

/** PostgreSQL functions that run SQL given as text, or read tables named by text. */
const readsAnything =
  /^(?:query_to_xml|table_to_xml|schema_to_xml|database_to_xml|cursor_to_xml|ts_stat|ts_rewrite)/

/** Is a keyword, used as a value, something that changes without a write? */
export function isVolatileWord(dialect: Dialect, word: string): boolean {
  return volatileWords[dialect].has(word)
}

/** Does a function that the database brings along depend on time, chance or the session? */
export function isVolatileCall(dialect: Dialect, name: string): boolean {
  if (volatileCalls[dialect].has(name)) return true
  return (
    dialect === 'postgres' && /^(?:pg_(?!typeof$|column_size$)|txid_|inet_|has_|lo_)/.test(name)
  )
}

/** Does a built-in function read tables that the text does not name as such? */
export function readsByText(dialect: Dialect, name: string): boolean {
  return dialect === 'postgres' && readsAnything.test(name)
}

const sqliteTime = set('date time datetime julianday strftime unixepoch timediff')

/** Does the SQLite date function called at `open` (its parenthesis) use the clock? It does when it may be given 'now'. */
export function readsClock(
  dialect: Dialect,
  name: string,
  tokens: readonly Token[],
  open: number,
): boolean {
  if (dialect === 'postgres' && name === 'age') return !hasComma(tokens, open)
  if (dialect !== 'sqlite' || !sqliteTime.has(name)) return false
  const end = afterParentheses(tokens, open)
  const inside = tokens.slice(open + 1, end - 1)
  if (inside.length === 0 || (name === 'strftime' && !inside.some((token) => isMark(token, ','))))
    return true
  return inside.some((token) =>
    token.kind === 'string' ? namesCurrentTime('sqlite', token.text) : token.text === '?',
  )
}

function hasComma(tokens: readonly Token[], open: number): boolean {
  const end = afterParentheses(tokens, open)
  for (let i = open; i < end; i += 1) if (isMark(tokens[i], ',')) return true
  return false
}

/**
 * Does a text, used as a date or time, mean the present? PostgreSQL takes `'now'`, `'today'` ... for such, SQLite's date
 * functions `'now'`. Bound values deserve the same question as literals.
 */
export function namesCurrentTime(dialect: Dialect, text: string): boolean {
  if (dialect === 'mysql' || text.length > 40) return false
  if (dialect === 'sqlite') return /^\s*(?:now|subsecond|subsec)\b/i.test(text)
  return /\b(?:now|today|tomorrow|yesterday)\b/i.test(text)
}
