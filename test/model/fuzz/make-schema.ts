import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Kind } from './kind.ts'
import { kindsOf } from './kinds.ts'
import { literal } from './literal.ts'
import type { Random } from './random.ts'
import type { Action, ForeignKey, Schema, Table, TableColumn } from './schema.ts'
import { columnOf, quote } from './schema.ts'

const tableNames = ['p', 'c', 'Orders', 'user', 't_1', 'order', 'Log', 'a b', 'k', 'items']
const columnNames = ['k', 'n', 'x', 'name', 's', 'Flag', 'val', 'note', 'At', 'key', 'p']
const keyNames = ['id', 'id', 'id', 'k', 'code', 'Id']

/** Draws the tables of an episode. Views and triggers come later: they need queries. */
export function makeTables(random: Random, dialect: Dialect): Schema {
  const names = random.some(tableNames, random.between(2, 3))
  // A twin in another spelling is another table where names are told apart by case.
  if (dialect !== 'sqlite' && names.includes('items') && random.chance(0.5)) names.push('Items')
  const tables: Table[] = []
  for (const name of names) {
    tables.push(makeTable(random, dialect, name, tables))
    const table = tables.at(-1)
    if (table !== undefined && dialect === 'postgres') tables.push(...makeParts(random, tables))
  }
  return { dialect, tables, views: [], triggers: [] }
}

/** What a table is put together from. */
class TableDraft {
  readonly random: Random
  readonly dialect: Dialect
  readonly columns: TableColumn[] = []
  readonly uniques: string[][] = []
  readonly foreignKeys: ForeignKey[] = []
  primaryKey: string[] = []

  constructor(random: Random, dialect: Dialect) {
    this.random = random
    this.dialect = dialect
  }

  isFree(name: string): boolean {
    return this.columns.every((column) => column.name.toLowerCase() !== name.toLowerCase())
  }

  free(names: readonly string[]): string {
    const free = names.filter((name) => this.isFree(name))
    return free.length > 0 ? this.random.pick(free) : `c${this.columns.length}`
  }

  add(name: string, kind: Kind, more: Partial<TableColumn> = {}): string {
    const nullable = more.nullable ?? true
    const column = { name, kind, nullable, wide: false, auto: false, fallback: undefined }
    this.columns.push({ ...column, generated: undefined, ...more })
    return name
  }
}

function keyable(random: Random, dialect: Dialect): Kind {
  const kinds = kindsOf(dialect).filter((kind) => kind.keyable)
  return random.chance(0.5) ? integer(dialect) : random.pick(kinds)
}

function integer(dialect: Dialect): Kind {
  const [first] = kindsOf(dialect)
  if (first === undefined) throw new Error('There is no kind.')
  return first
}

function makeTable(
  random: Random,
  dialect: Dialect,
  name: string,
  others: readonly Table[],
): Table {
  const draft = new TableDraft(random, dialect)
  const style = random.weighted([
    [40, 'auto'],
    [28, 'plain'],
    [14, 'any'],
    [14, 'composite'],
    [4, 'none'],
  ] as const)
  if (style !== 'none') addPrimaryKey(draft, style)
  const engine = dialect === 'mysql' && random.chance(0.06) ? ' engine = MyISAM' : ''
  const links = random.weighted([
    [25, 0],
    [55, 1],
    [20, 2],
  ])
  const parents = engine === '' ? others.filter(isParent) : []
  for (let i = 0; i < links && parents.length > 0; i++) addForeignKey(draft, random.pick(parents))
  if (engine === '' && random.chance(0.15)) addSelfReference(draft, name)
  addPlainColumns(draft)
  const [first] = draft.columns
  if (style === 'none' && random.chance(0.5) && first?.kind.keyable === true) {
    draft.uniques.push([first.name])
  }
  addGenerated(draft)
  const { columns, uniques, foreignKeys, primaryKey } = draft
  const rowid = dialect === 'sqlite' && style !== 'auto' && style !== 'none' && random.chance(0.25)
  const suffix = rowid ? ' without rowid' : engine
  return {
    name,
    columns,
    key: primaryKey,
    uniques,
    foreignKeys,
    suffix,
    parts: [],
    partOf: undefined,
    weight: 1,
  }
}

function isParent(table: Table): boolean {
  return (
    table.partOf === undefined &&
    !table.suffix.includes('MyISAM') &&
    (table.key.length > 0 || table.uniques.length > 0)
  )
}

function addPrimaryKey(draft: TableDraft, style: 'auto' | 'plain' | 'any' | 'composite'): void {
  const { random, dialect } = draft
  const key = { nullable: false, wide: true }
  const kind =
    style === 'any' ? random.pick(kindsOf(dialect).filter((k) => k.keyable)) : integer(dialect)
  const first = draft.add(draft.free(keyNames), kind, { ...key, auto: style === 'auto' })
  draft.primaryKey = [first]
  if (style !== 'composite') return
  draft.primaryKey.push(draft.add(draft.free(columnNames), keyable(random, dialect), key))
}

const actions: readonly Action[] = [
  'cascade',
  'cascade',
  'set null',
  'set default',
  'restrict',
  'no action',
]

function addForeignKey(draft: TableDraft, parent: Table): void {
  const { random, dialect } = draft
  const keys = [parent.key, ...parent.uniques].filter((key) => key.length > 0)
  const parentColumns = random.pick(keys)
  const columns = parentColumns.map((name) => {
    const { kind } = columnOf(parent.columns, name)
    // Not MariaDB: the types must be equal there.
    const like =
      dialect === 'mysql'
        ? [kind]
        : kindsOf(dialect).filter(
            (k) => k.keyable && k.group === kind.group && (k.group !== 'other' || k === kind),
          )
    // No type but its own goes with a kind that is no key of others.
    const own = like.length === 0 || random.chance(0.75) ? kind : random.pick(like)
    const fallback = random.chance(0.3) ? literal(dialect, random.pick(kind.values)) : undefined
    return draft.add(draft.free(['pid', 'ref', 'Parent', `${parent.name}_id`, 'k']), own, {
      wide: true,
      fallback,
    })
  })
  pushForeignKey(draft, columns, parent.name, parentColumns)
  if (random.chance(0.12)) draft.uniques.push(columns)
}

function addSelfReference(draft: TableDraft, name: string): void {
  const [key, ...more] = draft.primaryKey
  if (key === undefined || more.length > 0) return
  const { kind } = columnOf(draft.columns, key)
  pushForeignKey(draft, [draft.add(draft.free(['up', 'parent']), kind, { wide: true })], name, [
    key,
  ])
}

function pushForeignKey(
  draft: TableDraft,
  columns: readonly string[],
  parent: string,
  parentColumns: readonly string[],
): void {
  const { random, dialect } = draft
  const action = (): Action => {
    const drawn = random.pick(actions)
    return drawn === 'set default' && dialect === 'mysql' ? 'set null' : drawn
  }
  const deferred = dialect !== 'mysql' && random.chance(0.2)
  draft.foreignKeys.push({
    columns,
    parent,
    parentColumns,
    onDelete: action(),
    onUpdate: action(),
    deferred,
  })
}

function addPlainColumns(draft: TableDraft): void {
  const { random, dialect } = draft
  for (let i = random.between(2, 3); i > 0; i--) {
    const kind = random.chance(0.3) ? integer(dialect) : random.pick(kindsOf(dialect))
    const unique = kind.keyable && random.chance(0.18)
    const fallback = random.chance(0.25) ? literal(dialect, random.pick(kind.values)) : undefined
    const name = draft.add(draft.free(columnNames), kind, {
      wide: unique,
      fallback,
      nullable: random.chance(0.85),
    })
    if (unique) draft.uniques.push([name])
  }
  const pair = random.some(
    draft.columns.filter(({ kind }) => kind.keyable),
    2,
  )
  if (pair.length === 2 && random.chance(0.15)) draft.uniques.push(pair.map(({ name }) => name))
}

function addGenerated(draft: TableDraft): void {
  const { random, dialect } = draft
  if (!random.chance(0.25)) return
  const plain = draft.columns.filter(({ auto, kind }) => !auto && kind === integer(dialect))
  // InnoDB forbids actions on columns that others are computed from.
  const linked = new Set(draft.foreignKeys.flatMap(({ columns }) => columns))
  const base = plain.find(({ name }) => !linked.has(name))
  if (base === undefined) return
  const name = draft.free(['g', 'G2'])
  const stored = dialect === 'postgres' || random.chance(0.5)
  const expression = `${quote(dialect, base.name)} ${random.pick(['+ 1', '* 2', '% 3'])}`
  const unique = random.chance(0.5) && !expression.includes('%')
  draft.add(name, integer(dialect), { wide: unique, generated: { expression, stored } })
  if (unique) draft.uniques.push([name])
}

/** Partitions of a table, or a table that inherits from it. PostgreSQL. */
function makeParts(random: Random, tables: Table[]): Table[] {
  const table = tables.at(-1)
  const [key, ...more] = table?.key ?? []
  if (table === undefined || key === undefined || more.length > 0 || !random.chance(0.15)) return []
  const column = columnOf(table.columns, key)
  const q = (name: string): string => quote('postgres', name)
  const part = (name: string): Table => ({
    ...table,
    name,
    uniques: [],
    foreignKeys: [],
    parts: [],
    partOf: table.name,
  })
  if (random.chance(0.4)) {
    const heir = `${table.name}_heir`
    const inherits = `create table ${q(heir)} (primary key (${q(key)})) inherits (${q(table.name)})`
    // The key tells rows of one table apart, not those of both.
    tables[tables.length - 1] = { ...table, parts: [inherits], key: [] }
    return [part(heir)]
  }
  if (
    column.kind !== integer('postgres') ||
    table.uniques.length > 0 ||
    table.columns.some(({ generated }) => generated)
  )
    return []
  const [low, high] = [`${table.name}_low`, `${table.name}_high`]
  const of = (name: string, bounds: string): string =>
    `create table ${q(name)} partition of ${q(table.name)} for values ${bounds}`
  const parts = [of(low, 'from (minvalue) to (5)'), of(high, 'from (5) to (maxvalue)')]
  tables[tables.length - 1] = { ...table, parts, suffix: ` partition by range (${q(key)})` }
  return [part(low), part(high)]
}
