import type { CatalogQuery } from '../catalog-query.ts'
import type { ChangeEvent } from '../effects.ts'
import { defaultRules } from '../lexical-rules.ts'
import { isWord, wordOf, type Token } from '../token.ts'
import type { KeyKind } from '../predicates/canonical.ts'
import { tokenize } from '../tokenize.ts'
import type { CatalogColumn, CatalogTable } from './catalog-table.ts'
import type { CascadePart, CatalogParts, RoutinePart, TriggerPart, ViewPart } from './parts.ts'
import { actionOf, keysOf } from './referential.ts'
import { flag, folded, optionalText, text, type CatalogRow } from './row.ts'
import { familyOf, TableBuilder } from './table-builder.ts'

/** Functions of SQLite's own extensions that are not flagged deterministic, but are. */
const deterministicAnyway = new Set([
  'snippet',
  'highlight',
  'bm25',
  'matchinfo',
  'offsets',
  'match',
  'optimize',
  'fts5',
  'fts3_tokenizer',
  'fts5_get_locale',
  'fts5_locale',
  'fts5_insttoken',
  'rtreedepth',
  'rtreenode',
  'rtreecheck',
  'geopoly_debug',
])

/** Functions, and tables that are called like functions, that SQLite does not list before they are used. */
const knownAnyway = [
  'json_each',
  'json_tree',
  'jsonb_each',
  'jsonb_tree',
  'generate_series',
  'raise',
  'cast',
  'dbstat',
]
const deterministicFlag = 0x800

const rules = defaultRules('sqlite')

/** Reads SQLite's catalog: the main database, the temporary one, and attached ones. */
export async function loadSqlite(query: CatalogQuery): Promise<CatalogParts> {
  const databases = await query(
    `select name, sqlite_version() as version,
       exists (select 1 from pragma_collation_list where upper(name) not in ('BINARY', 'NOCASE', 'RTRIM')) as odd from pragma_database_list`,
  )
  const reader = new SqliteReader(query, databases[0] ?? {})
  for (const database of databases) await reader.schema(text(database, 'name'))
  await reader.functions()
  return reader.parts()
}

class SqliteReader {
  readonly #query: CatalogQuery
  readonly #tables: CatalogTable[] = []
  readonly #views: ViewPart[] = []
  readonly #triggers: TriggerPart[] = []
  readonly #cascades: CascadePart[] = []
  readonly #references: [string, string][] = []
  readonly #companions: [string, string][] = []
  readonly #replacing: string[] = []
  readonly #volatileTables: string[] = []
  readonly #volatileFunctions: string[] = []
  readonly #known: Set<string> = new Set(knownAnyway)

  readonly #canReturn: boolean
  readonly #ownCollations: boolean

  constructor(query: CatalogQuery, server: CatalogRow) {
    this.#query = query
    this.#canReturn = knowsReturning(text(server, 'version'))
    this.#ownCollations = flag(server, 'odd')
  }

  async schema(name: string): Promise<void> {
    const from = `"${name.replaceAll('"', '""')}".sqlite_master`
    const quoted = `'${name.replaceAll("'", "''")}'`
    const objects = await this.#query(
      `select type, name, tbl_name, sql from ${from} where type in ('table', 'view', 'trigger')`,
    )
    const plain = `m.type = 'table' and m.sql not like 'create virtual%'`
    const columns = await this.#query(
      `select m.name as tbl, c.name, c.type, c."notnull" as required, c.dflt_value as value, c.pk, c.hidden
       from ${from} m join pragma_table_xinfo(m.name, ${quoted}) c where ${plain}`,
    )
    const keys = await this.#query(
      `select m.name as tbl, l.name as key, l.origin, i.name as col
       from ${from} m join pragma_index_list(m.name, ${quoted}) l join pragma_index_info(l.name, ${quoted}) i
       where ${plain} and l."unique" = 1 and l.partial = 0 order by l.name, i.seqno`,
    )
    const foreign = await this.#query(
      `select m.name as child, f."table" as parent, f."from" as own, f."to" as col, m.name || ' ' || f.id as fk,
         f.on_update as upd, f.on_delete as del
       from ${from} m join pragma_foreign_key_list(m.name, ${quoted}) f where ${plain} order by m.name, f.id, f.seq`,
    )
    this.#buildTables(objects, columns, keys, foreign)
    this.#foreignKeys(foreign)
    for (const object of objects) this.#object(object)
    if (name === 'temp')
      for (const object of objects) this.#volatileTables.push(folded(object, 'name'))
  }

  async functions(): Promise<void> {
    const listed = await this.#query('select name, builtin, type, flags from pragma_function_list')
    for (const row of listed) {
      const name = folded(row, 'name')
      this.#known.add(name)
      const deterministic = (Number(row['flags']) & deterministicFlag) !== 0
      const aggregate = flag(row, 'builtin') && text(row, 'type') !== 's'
      if (!deterministic && !aggregate && !deterministicAnyway.has(name))
        this.#volatileFunctions.push(name)
    }
    for (const row of await this.#query('select name from pragma_module_list'))
      this.#known.add(folded(row, 'name'))
  }

  parts(): CatalogParts {
    const routines: RoutinePart[] = []
    return {
      rules,
      currentDatabase: undefined,
      tables: this.#tables,
      views: this.#views,
      cascades: this.#cascades,
      triggers: this.#triggers,
      routines,
      children: [],
      references: this.#references,
      companions: this.#companions,
      volatileTables: this.#volatileTables,
      replacingTables: this.#replacing,
      volatileFunctions: this.#volatileFunctions,
      knownFunctions: this.#known,
      hiddenRoutines: false,
      hiddenTriggers: false,
      schemaTriggers: false,
      bendsValues: false,
      incomplete: false,
    }
  }

  #buildTables(
    objects: readonly CatalogRow[],
    columns: readonly CatalogRow[],
    keys: readonly CatalogRow[],
    foreign: readonly CatalogRow[],
  ): void {
    const builders = new Map<string, TableBuilder>()
    for (const row of objects) {
      if (text(row, 'type') !== 'table') continue
      const builder = new TableBuilder(text(row, 'name'))
      builder.canReturn = this.#canReturn
      builders.set(text(row, 'name'), builder)
    }
    const primary = new Map<string, number>()
    for (const row of columns)
      if (Number(row['pk']) > 0)
        primary.set(text(row, 'tbl'), (primary.get(text(row, 'tbl')) ?? 0) + 1)
    // A primary key that is the rowid has no index of its own.
    const indexed = new Set<string>()
    for (const row of keys) if (text(row, 'origin') === 'pk') indexed.add(text(row, 'tbl'))
    for (const row of columns) {
      const table = text(row, 'tbl')
      const place = Number(row['pk'])
      const isRowId = place > 0 && primary.get(table) === 1 && !indexed.has(table)
      builders.get(table)?.addColumn(this.#column(row, isRowId))
      if (place > 0) builders.get(table)?.addPrimary(text(row, 'name'), place)
    }
    for (const row of keys)
      if (text(row, 'origin') !== 'pk')
        builders.get(text(row, 'tbl'))?.addUnique(text(row, 'key'), text(row, 'col'))
    for (const row of foreign)
      builders.get(text(row, 'child'))?.addReference(text(row, 'parent'), text(row, 'own'))
    for (const row of objects) {
      if (text(row, 'type') !== 'trigger') continue
      for (const [name, builder] of builders)
        if (name.toLowerCase() === folded(row, 'tbl_name')) builder.hasTriggers = true
    }
    for (const builder of builders.values()) this.#tables.push(builder.build())
  }

  #column(row: CatalogRow, isRowId: boolean): CatalogColumn {
    const type = folded(row, 'type')
    const hidden = Number(row['hidden'])
    const generated = hidden === 2 || hidden === 3
    const value = optionalText(row, 'value')
    const nullable = !flag(row, 'required')
    return {
      name: text(row, 'name'),
      type,
      // Every type with "int" in it has integer affinity.
      family: type.includes('int') ? 'integer' : familyOf(type),
      nullable,
      hasDefault: value !== undefined || (Number(row['pk']) === 1 && type === 'integer'),
      generated,
      kind: generated ? undefined : kindOf(type, this.#ownCollations),
      absentIsNull: nullable && !generated && !isRowId && /^(?:null)?$/i.test(value ?? ''),
      selfFilling: isRowId,
    }
  }

  #foreignKeys(rows: readonly CatalogRow[]): void {
    for (const { parent, child, parentColumns, childColumns, row } of keysOf(rows)) {
      this.#references.push([parent, child])
      this.#cascades.push({
        parent,
        child,
        onDelete: actionOf(text(row, 'del')),
        onUpdate: actionOf(text(row, 'upd')),
        parentColumns,
        childColumns,
      })
    }
  }

  #object(row: CatalogRow): void {
    const name = folded(row, 'name')
    const { tokens } = tokenize(text(row, 'sql'), rules)
    if (text(row, 'type') === 'view') {
      this.#views.push({
        name,
        definition: text(row, 'sql'),
        bases: [],
        functions: [],
        materialized: false,
      })
    } else if (text(row, 'type') === 'trigger') this.#triggers.push(triggerPart(row, tokens))
    else this.#table(name, tokens)
  }

  #table(name: string, tokens: readonly Token[]): void {
    if (isWord(tokens[1], 'virtual')) return this.#virtual(name, tokens)
    const replaces = tokens.some(
      (token, at) => isWord(token, 'replace') && isWord(tokens[at - 1], 'conflict'),
    )
    if (replaces) this.#replacing.push(name)
  }

  /** A virtual table keeps its rows in shadow tables, or in the table that it names as its content. */
  #virtual(name: string, tokens: readonly Token[]): void {
    const others = new Set(this.#tables.map((table) => table.name.toLowerCase()))
    let content = false
    for (const [at, token] of tokens.entries()) {
      const other = token.text.toLowerCase()
      if (at > 2 && other !== name && others.has(other)) {
        this.#companions.push([name, other])
        content = true
      }
    }
    for (const other of others)
      if (other.startsWith(`${name}_`)) this.#companions.push([name, other], [other, name])
    const module = wordOf(tokens[tokens.findIndex((token) => isWord(token, 'using')) + 1])
    if (!content && !/^(?:fts[345]|rtree|rtree_i32|geopoly)$/.test(module))
      this.#volatileTables.push(name)
  }
}

/** SQLite's rules of type affinity, for the two that compare exactly. */
function kindOf(type: string, ownCollations: boolean): KeyKind | undefined {
  if (type.includes('int')) return 'integer'
  // A collation of the application's own may find anything equal.
  return /char|clob|text/.test(type) && !ownCollations ? 'text' : undefined
}

/** RETURNING came with SQLite 3.35. */
function knowsReturning(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 35)
}

/** CREATE TRIGGER name AFTER UPDATE OF a, b ON table ... BEGIN body END */
function triggerPart(row: CatalogRow, tokens: readonly Token[]): TriggerPart {
  const begin = tokens.findIndex((token) => isWord(token, 'begin'))
  const event = tokens
    .slice(0, begin)
    .find((token, at) => at > 2 && /^(?:insert|update|delete)$/.test(wordOf(token)))
  const sql = text(row, 'sql')
  // The body's place in the text: after the first BEGIN that is a word of its own.
  const body = sql.slice(Math.max(0, sql.search(/\bbegin\b/i)))
  const events: readonly ChangeEvent[] =
    event === undefined ? ['insert', 'update', 'delete'] : [event.text as ChangeEvent]
  return { table: folded(row, 'tbl_name'), events, body: `${body};`, calls: [] }
}
