import type { CatalogQuery } from '../catalog-query.ts'
import type { ChangeEvent } from '../effects.ts'
import type { CatalogColumn, CatalogTable } from './catalog-table.ts'
import { hasExactCollation } from './mysql-collations.ts'
import type { CascadePart, CatalogParts, RoutinePart, TriggerPart, ViewPart } from './parts.ts'
import { actionOf, keysOf, type ForeignKey } from './referential.ts'
import { flag, folded, optionalText, text, type CatalogRow } from './row.ts'
import { familyOf, TableBuilder } from './table-builder.ts'

/** Engines whose rows come from elsewhere. */
const foreignEngines = /^(?:federated|connect|spider|mrg_myisam|csv|s3|blackhole|perfor)/

/** Reads the catalog of the MySQL or MariaDB database that the connection uses. */
export async function loadMysql(query: CatalogQuery): Promise<CatalogParts> {
  const [server] = await query('select database() as db, @@sql_mode as mode, version() as version')
  const mode = folded(server ?? {}, 'mode')
  const here = 'database()'
  const tables = await query(
    `select t.table_name as tbl, t.table_type as kind, t.engine as engine, e.transactions as transactional
     from information_schema.tables t left join information_schema.engines e on e.engine = t.engine where t.table_schema = ${here}`,
  )
  const columns = await query(
    `select table_name as tbl, column_name as name, column_type as type, is_nullable as nullable, column_default as value,
       extra as extra, generation_expression as expression, collation_name as collation
     from information_schema.columns where table_schema = ${here} order by table_name, ordinal_position`,
  )
  const keys = await query(
    `select table_name as tbl, index_name as idx, seq_in_index as place, column_name as col, sub_part as part
     from information_schema.statistics where table_schema = ${here} and non_unique = 0 order by table_name, index_name, seq_in_index`,
  )
  const foreign = await query(
    `select r.constraint_name as name, r.constraint_schema as own, r.table_name as child, r.referenced_table_name as parent,
       r.update_rule as upd, r.delete_rule as del, k.referenced_column_name as col, k.column_name as own,
       concat_ws('.', r.constraint_schema, r.table_name, r.constraint_name) as fk
     from information_schema.referential_constraints r join information_schema.key_column_usage k
       on k.constraint_schema = r.constraint_schema and k.constraint_name = r.constraint_name and k.table_name = r.table_name
     where k.referenced_table_name is not null and (r.constraint_schema = ${here} or r.unique_constraint_schema = ${here})
     order by fk, k.ordinal_position`,
  )
  const views = await query(
    `select table_name as name, view_definition as body from information_schema.views where table_schema = ${here}`,
  )
  const routines = await query(
    `select routine_name as name, routine_definition as body from information_schema.routines where routine_schema = ${here}`,
  )
  const triggers = await query(
    `select event_object_table as tbl, event_manipulation as event, action_timing as timing, action_statement as body
     from information_schema.triggers where event_object_schema = ${here}`,
  )
  const granted = await grants(query)
  const foreignKeys = keysOf(foreign)
  return {
    rules: {
      dialect: 'mysql',
      backslashEscapes: !mode.includes('no_backslash_escapes'),
      doubleQuotesName: mode.includes('ansi_quotes'),
    },
    currentDatabase: optionalText(server ?? {}, 'db')?.toLowerCase(),
    tables: buildTables({
      tables,
      columns,
      keys,
      foreign,
      triggers,
      mariadb: folded(server ?? {}, 'version').includes('mariadb'),
    }),
    views: views.map(viewPart),
    cascades: foreignKeys.map(cascadePart),
    triggers: triggers.map(triggerPart),
    routines: routines.map(routinePart),
    children: [],
    references: foreignKeys.map(({ parent, child }) => [parent, child] as const),
    companions: [],
    volatileTables: tables
      .filter(
        (row) => foreignEngines.test(folded(row, 'engine')) || folded(row, 'kind') === 'sequence',
      )
      .map((row) => folded(row, 'tbl')),
    replacingTables: [],
    volatileFunctions: [],
    knownFunctions: undefined,
    hiddenRoutines: !granted.has('EXECUTE'),
    hiddenTriggers: !granted.has('TRIGGER'),
    schemaTriggers: false,
    bendsValues: !/strict_(?:trans|all)_tables/.test(mode),
    incomplete: false,
  }
}

/**
 * What the user may do in the whole database. Without TRIGGER it does not see triggers, without EXECUTE not all routines:
 * both fire all the same.
 */
async function grants(query: CatalogQuery): Promise<ReadonlySet<string>> {
  const rows = await query(
    `select privilege_type as privilege from information_schema.user_privileges
       where replace(grantee, '''', '') = current_user()
     union select privilege_type from information_schema.schema_privileges
       where replace(grantee, '''', '') = current_user() and database() like table_schema`,
  )
  return new Set(rows.map((row) => text(row, 'privilege').toUpperCase()))
}

interface TableRows {
  readonly tables: readonly CatalogRow[]
  readonly columns: readonly CatalogRow[]
  readonly keys: readonly CatalogRow[]
  readonly foreign: readonly CatalogRow[]
  readonly triggers: readonly CatalogRow[]
  readonly mariadb: boolean
}

function buildTables(rows: TableRows): CatalogTable[] {
  const { tables, columns, keys, foreign, triggers, mariadb } = rows
  const builders = new Map<string, TableBuilder>()
  for (const row of tables) {
    if (folded(row, 'kind').includes('view')) continue
    const builder = new TableBuilder(text(row, 'tbl'))
    builder.transactional = flag(row, 'transactional')
    builders.set(text(row, 'tbl'), builder)
  }
  for (const row of columns) builders.get(text(row, 'tbl'))?.addColumn(columnOf(row, mariadb))
  addKeys(builders, keys)
  for (const row of foreign)
    builders.get(text(row, 'child'))?.addReference(text(row, 'parent'), text(row, 'own'))
  for (const row of triggers) {
    const builder = builders.get(text(row, 'tbl'))
    if (builder === undefined) continue
    builder.hasTriggers = true
    const event = folded(row, 'event')
    if (folded(row, 'timing') === 'before' && (event === 'insert' || event === 'update'))
      builder.addRewriting(event)
  }
  return [...builders.values()].map((builder) => builder.build())
}

function columnOf(row: CatalogRow, mariadb: boolean): CatalogColumn {
  const type = folded(row, 'type')
  const extra = folded(row, 'extra')
  const generated = (optionalText(row, 'expression') ?? '') !== ''
  const numbers = extra.includes('auto_increment')
  const value = optionalText(row, 'value')
  const nullable = flag(row, 'nullable')
  // MariaDB spells out that there is none.
  const preset = value !== undefined && !(mariadb && value === 'NULL')
  return {
    name: text(row, 'name'),
    type,
    family: familyOf(type),
    nullable,
    hasDefault: !generated && (numbers || value !== undefined),
    generated,
    stamped: extra.includes('on update'),
    kind: generated ? undefined : kindOf(type, folded(row, 'collation')),
    absentIsNull: nullable && !preset && !numbers && !generated && extra === '',
    selfFilling: numbers,
  }
}

function kindOf(type: string, collation: string): CatalogColumn['kind'] {
  if (/^(?:tiny|small|medium|big)?int\b/.test(type)) return 'integer'
  const isText = /^(?:var)?char\b|^(?:tiny|medium|long)?text\b/.test(type)
  return isText && hasExactCollation(collation) ? 'text' : undefined
}

/** Keys over a part of a column, or over an expression, identify no row by its columns. */
function addKeys(builders: ReadonlyMap<string, TableBuilder>, keys: readonly CatalogRow[]): void {
  const partial = new Set<string>()
  const nameOf = (row: CatalogRow): string => `${text(row, 'tbl')} ${text(row, 'idx')}`
  for (const row of keys) {
    if (optionalText(row, 'part') !== undefined || optionalText(row, 'col') === undefined)
      partial.add(nameOf(row))
  }
  for (const row of keys) {
    const builder = builders.get(text(row, 'tbl'))
    if (partial.has(nameOf(row)) || builder === undefined) continue
    if (text(row, 'idx') === 'PRIMARY') builder.addPrimary(text(row, 'col'), Number(row['place']))
    else builder.addUnique(text(row, 'idx'), text(row, 'col'))
  }
}

function viewPart(row: CatalogRow): ViewPart {
  const definition = text(row, 'body')
  // The definition is empty for users without SHOW VIEW.
  return {
    name: folded(row, 'name'),
    definition: definition === '' ? undefined : definition,
    bases: [],
    functions: [],
    materialized: false,
  }
}

function routinePart(row: CatalogRow): RoutinePart {
  return {
    name: folded(row, 'name'),
    body: optionalText(row, 'body'),
    volatility: 'undeclared',
    tableless: false,
  }
}

function triggerPart(row: CatalogRow): TriggerPart {
  return {
    table: folded(row, 'tbl'),
    events: [folded(row, 'event') as ChangeEvent],
    body: optionalText(row, 'body'),
    calls: [],
  }
}

function cascadePart({ row, ...key }: ForeignKey): CascadePart {
  const { parent, child, parentColumns, childColumns } = key
  return {
    parent,
    child,
    onDelete: actionOf(text(row, 'del')),
    onUpdate: actionOf(text(row, 'upd')),
    parentColumns,
    childColumns,
  }
}
