import type { CatalogQuery } from '../catalog-query.ts'
import type { ChangeEvent } from '../effects.ts'
import type { CatalogColumn, CatalogTable } from './catalog-table.ts'
import type {
  CascadePart,
  CatalogParts,
  ForeignAction,
  RoutinePart,
  TriggerPart,
  ViewPart,
} from './parts.ts'
import { postgresQueries } from './postgres-queries.ts'
import { keysOf, type ForeignKey } from './referential.ts'
import { flag, folded, optionalText, text, type CatalogRow } from './row.ts'
import { familyOf, TableBuilder } from './table-builder.ts'

/** Extensions whose functions touch no table that anybody else writes. */
const tablelessExtensions =
  /^(?:uuid-ossp|pgcrypto|pg_trgm|citext|hstore|ltree|fuzzystrmatch|unaccent|intarray|btree_gin|btree_gist|cube|earthdistance|isn|vector|seg|bloom|postgis(?:_.*)?|pgroonga|rum|ip4r|semver|pg_uuidv7|moddatetime|insert_username|autoinc|tcn|tsm_.*|dict_.*|intagg|pg_hashids)$/

/** Reads PostgreSQL's catalog: all schemas but the system's own. */
export async function loadPostgres(query: CatalogQuery): Promise<CatalogParts> {
  const ask = postgresQueries
  const [server = {}] = await query(ask.server)
  const relations = await query(ask.relations)
  const columns = await query(ask.columns)
  const keys = await query(ask.keys)
  const foreignRows = await query(ask.foreignKeys)
  const foreign = keysOf(foreignRows)
  const triggers = await query(ask.triggers)
  const rules = await query(ask.rules)
  const bases = await query(ask.viewTables)
  const inheritance = await query(ask.inheritance)
  const calls = await query(ask.hiddenCalls)
  const policies = await query(ask.policies)
  const routines = await query(ask.routines(Number(server['version'])))
  const [builtIn = {}] = await query(ask.builtIn)
  const known = new Set(words(builtIn, 'names'))
  for (const row of routines) known.add(folded(row, 'name'))
  return {
    rules: {
      dialect: 'postgres',
      backslashEscapes: folded(server, 'strings') === 'off',
      doubleQuotesName: true,
    },
    currentDatabase: undefined,
    tables: buildTables({ relations, columns, keys, foreignRows, inheritance, triggers }),
    views: viewParts(relations, bases, calls),
    cascades: foreign.map(cascadePart),
    triggers: [
      ...triggers.map(triggerPart),
      ...rules.map(rulePart),
      ...calls.filter((row) => !flag(row, 'view')).map(defaultPart),
    ],
    routines: routines.map(routinePart),
    children: inheritance.map((row) => [folded(row, 'parent'), folded(row, 'child')] as const),
    references: foreign.map(({ parent, child }) => [parent, child] as const),
    companions: policies.map((row) => [folded(row, 'tbl'), folded(row, 'companion')] as const),
    volatileTables: relations
      // Foreign tables, sequences, and tables that show each user other rows.
      .filter(
        (row) => text(row, 'kind') === 'f' || text(row, 'kind') === 'S' || flag(row, 'secured'),
      )
      .map((row) => folded(row, 'name')),
    replacingTables: [],
    volatileFunctions: words(builtIn, 'changing'),
    knownFunctions: known,
    hiddenRoutines: false,
    hiddenTriggers: false,
    schemaTriggers: flag(server, 'events'),
    bendsValues: false,
    incomplete: false,
  }
}

function words(row: CatalogRow, column: string): string[] {
  return folded(row, column).split(' ')
}

interface TableRows {
  readonly relations: readonly CatalogRow[]
  readonly columns: readonly CatalogRow[]
  readonly keys: readonly CatalogRow[]
  readonly foreignRows: readonly CatalogRow[]
  readonly inheritance: readonly CatalogRow[]
  readonly triggers: readonly CatalogRow[]
}

function buildTables(rows: TableRows): CatalogTable[] {
  const { relations, columns, keys, foreignRows, inheritance, triggers } = rows
  const related = new Set(
    inheritance.flatMap((row) => [folded(row, 'parent'), folded(row, 'child')]),
  )
  const builders = new Map<string, TableBuilder>()
  for (const row of relations) {
    const kind = text(row, 'kind')
    if (kind === 'v' || kind === 'm' || kind === 'S') continue
    const builder = new TableBuilder(text(row, 'name'))
    builder.hasTriggers = flag(row, 'triggered')
    builder.sharesRows = related.has(folded(row, 'name'))
    builder.hasRules = flag(row, 'ruled')
    builder.canReturn = !builder.hasRules && !flag(row, 'secured') && flag(row, 'readable')
    builders.set(text(row, 'id'), builder)
  }
  for (const row of columns) builders.get(text(row, 'id'))?.addColumn(columnOf(row))
  for (const row of keys) {
    const builder = builders.get(text(row, 'id'))
    if (flag(row, 'main')) builder?.addPrimary(text(row, 'col'), Number(row['place']))
    else builder?.addUnique(text(row, 'idx'), text(row, 'col'))
  }
  for (const row of foreignRows)
    builders.get(text(row, 'id'))?.addReference(text(row, 'parent'), text(row, 'own'))
  for (const row of triggers) {
    const builder = builders.get(text(row, 'id'))
    for (const event of ['insert', 'update'] as const)
      if (rewrites(Number(row['type']), event)) builder?.addRewriting(event)
  }
  return [...builders.values()].map((builder) => builder.build())
}

const exactKinds: Readonly<Record<string, CatalogColumn['kind']>> = {
  integer: 'integer',
  text: 'text',
  uuid: 'uuid',
}

function columnOf(row: CatalogRow): CatalogColumn {
  const type = folded(row, 'type')
  const generated = flag(row, 'generated')
  const preset = flag(row, 'preset')
  const nullable = !flag(row, 'required')
  return {
    name: text(row, 'name'),
    type,
    family: familyOf(type),
    nullable,
    hasDefault: preset && !generated,
    generated,
    kind: exactKinds[text(row, 'exact')],
    absentIsNull: nullable && !preset && !generated,
    selfFilling: false,
  }
}

function viewParts(
  relations: readonly CatalogRow[],
  bases: readonly CatalogRow[],
  calls: readonly CatalogRow[],
): ViewPart[] {
  const views: ViewPart[] = []
  for (const row of relations) {
    const kind = text(row, 'kind')
    if (kind !== 'v' && kind !== 'm') continue
    const name = folded(row, 'name')
    views.push({
      name,
      definition: optionalText(row, 'body'),
      bases: bases
        .filter((base) => folded(base, 'view') === name)
        .map((base) => folded(base, 'base')),
      functions: calls
        .filter((call) => flag(call, 'view') && folded(call, 'tbl') === name)
        .map((call) => folded(call, 'call')),
      materialized: kind === 'm',
    })
  }
  return views
}

const foreignActions: Readonly<Record<string, ForeignAction>> = {
  c: 'cascade',
  n: 'set-null',
  d: 'set-default',
}

function cascadePart({ row, ...key }: ForeignKey): CascadePart {
  const { parent, child, parentColumns, childColumns } = key
  return {
    parent,
    child,
    onDelete: foreignActions[text(row, 'del')],
    onUpdate: foreignActions[text(row, 'upd')],
    parentColumns,
    childColumns,
  }
}

const triggerBits: readonly (readonly [number, ChangeEvent])[] = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
]

/** Only a trigger that runs before each row can change what is stored. */
function rewrites(type: number, event: 'insert' | 'update'): boolean {
  const bits = 1 | 2 | (event === 'insert' ? 4 : 16)
  return (type & bits) === bits
}

function triggerPart(row: CatalogRow): TriggerPart {
  const type = Number(row['type'])
  return {
    table: folded(row, 'tbl'),
    events: triggerBits.filter(([bit]) => (type & bit) !== 0).map(([, event]) => event),
    body: '',
    calls: [folded(row, 'call')],
  }
}

const ruleEvents: Readonly<Record<string, ChangeEvent>> = {
  '2': 'update',
  '3': 'insert',
  '4': 'delete',
}

/** CREATE RULE name AS ON event TO table DO [ALSO | INSTEAD] (commands) */
function rulePart(row: CatalogRow): TriggerPart {
  const event = ruleEvents[text(row, 'event')]
  const definition = text(row, 'body')
  const start = definition.search(/\bdo\b/i)
  const body =
    start < 0
      ? undefined
      : definition
          .slice(start + 2)
          .replace(/^\s*(?:also|instead)\b/i, '')
          .replace(/^\s*nothing\b/i, '')
  return {
    table: folded(row, 'tbl'),
    events: event === undefined ? ['insert', 'update', 'delete'] : [event],
    body,
    calls: [],
  }
}

/** Functions in defaults and checks run with every insert and update. */
function defaultPart(row: CatalogRow): TriggerPart {
  return {
    table: folded(row, 'tbl'),
    events: ['insert', 'update'],
    body: '',
    calls: [folded(row, 'call')],
  }
}

const volatilities = { v: 'volatile', s: 'stable', i: 'immutable' } as const

function routinePart(row: CatalogRow): RoutinePart {
  const parts = optionalText(row, 'parts')
  // An aggregate is what its parts do.
  const body =
    optionalText(row, 'agg') === undefined
      ? optionalText(row, 'body')
      : (parts ?? '')
          .split(' ')
          .map((name) => `"${name}"(1)`)
          .join(' + ')
  const letter = text(row, 'volatility')
  return {
    name: folded(row, 'name'),
    body,
    volatility:
      letter === 'v' || letter === 's' || letter === 'i' ? volatilities[letter] : 'undeclared',
    tableless: tablelessExtensions.test(text(row, 'extension')),
  }
}
