import { walkColumns } from './columns.ts'
import { walkHaving, walkWhere } from './conditions.ts'
import { walkJoins } from './joins.ts'
import { walkName, walkNames } from './names.ts'
import { walkLimits } from './limits.ts'
import { walkOrders, walkGroups } from './orders.ts'
import type { SelectBuilder, SingleSettings, Statement } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

const part = {
  with: 1,
  columns: 2,
  hints: 4,
  join: 8,
  where: 16,
  union: 32,
  group: 64,
  having: 128,
  order: 256,
} as const

/**
 * A whole select, in the order in which Knex compiles its parts, whatever the order of the calls: `bindings` follow it.
 */
export function walkSelect(walk: Walk, builder: SelectBuilder): boolean {
  const single = builder._single
  if (!walkMethod(walk, builder) || !hasKnownSettings(walk, single)) return false
  const statements = builder._statements
  const parts = partsOf(statements)
  if (parts < 0) return walk.fail('unknown-clause')
  const { owner } = walk
  if (walk.wrapsNames) walk.owner = builder
  const isWalked =
    ((parts & part.with) === 0 || walkWiths(walk, statements)) &&
    (builder._comments.length === 0 || walkComments(walk, builder)) &&
    walkHead(walk, single, statements, parts) &&
    ((parts & part.join) === 0 || walkJoins(walk, statements)) &&
    ((parts & part.where) === 0 || walkWhere(walk, statements)) &&
    ((parts & part.union) === 0 || walkUnions(walk, statements)) &&
    ((parts & part.group) === 0 || walkGroups(walk, statements)) &&
    ((parts & part.having) === 0 || walkHaving(walk, statements)) &&
    ((parts & part.order) === 0 || walkOrders(walk, statements)) &&
    walkLimits(walk, single)
  // Its alias is a name of the builder around it.
  if (walk.wrapsNames) walk.owner = owner ?? builder
  return isWalked && walkAs(walk, single) && end(walk)
}

/** The conditions that a group takes from a builder; Knex compiles nothing else of it. */
export function walkGroupOf(walk: Walk, builder: SelectBuilder): boolean {
  if (builder._method !== 'select') return walk.fail('not-a-query')
  const { owner } = walk
  if (walk.wrapsNames) walk.owner = builder
  const isWalked = walkWhere(walk, builder._statements)
  walk.owner = owner
  return isWalked && end(walk)
}

function end(walk: Walk): true {
  walk.word(word.end)
  return true
}

function walkMethod(walk: Walk, builder: SelectBuilder): boolean {
  switch (builder._method) {
    case 'select':
      walk.word(word.select)
      return true
    case 'first':
      walk.word(word.first)
      return true
    case 'pluck':
      walk.word(word.pluck)
      if (typeof builder._single.pluck !== 'string') return walk.fail('unknown-value')
      walk.name(builder._single.pluck)
      return true
    default:
      return walk.fail('not-a-query')
  }
}

/** Symbols are Millrace's own. */
function hasKnownSettings(walk: Walk, single: SingleSettings): boolean {
  for (const name in single) {
    switch (name) {
      case 'table':
      case 'only':
      case 'limit':
      case 'offset':
      case 'skipBinding':
      case 'schema':
      case 'as':
      case 'pluck':
        continue
      default:
        return walk.fail('unknown-setting')
    }
  }
  return true
}

/** Which parts are there; negative if there is one that nobody knows. */
function partsOf(statements: readonly Statement[]): number {
  let parts = 0
  for (let i = 0; i < statements.length; i++) {
    const bit = partOf((statements[i] as Statement).grouping)
    if (bit === 0) return -1
    parts |= bit
  }
  return parts
}

function partOf(grouping: unknown): number {
  switch (grouping) {
    case 'where':
      return part.where
    case 'columns':
      return part.columns
    case 'join':
      return part.join
    case 'order':
      return part.order
    case 'group':
      return part.group
    case 'with':
      return part.with
    case 'having':
      return part.having
    case 'union':
      return part.union
    case 'hintComments':
      return part.hints
    default:
      return 0
  }
}

/**
 * Columns and table. Knex compiles the table when it first asks for its name: after the columns, but before them where it has to
 * know whether there are unions only. Of such it takes no columns.
 */
function walkHead(
  walk: Walk,
  single: SingleSettings,
  statements: readonly Statement[],
  parts: number,
): boolean {
  const isUnion = (parts & part.union) !== 0 && mayBeUnionsOnly(statements)
  if (isUnion && !single.table) return true
  if (isUnion && !walkTable(walk, single)) return false
  if ((parts & part.hints) !== 0 && !walkHints(walk, statements)) return false
  if ((parts & part.columns) !== 0 && !walkColumns(walk, statements)) return false
  return isUnion || walkTable(walk, single)
}

function mayBeUnionsOnly(statements: readonly Statement[]): boolean {
  const columns = statements.find((statement) => statement.grouping === 'columns')
  return columns === undefined || Boolean(columns.value)
}

function walkTable(walk: Walk, single: SingleSettings): boolean {
  const { table, schema } = single
  if (!table) return true
  walk.word(single.only ? word.only : word.table)
  // Knex puts the schema before the text of an object, whatever that is; not so before a subquery.
  if (schema && typeof table === 'object' && walk.isPlain(table)) {
    return walk.fail('unknown-value')
  }
  return walkName(walk, table) && walk.identifierOrAbsent(schema)
}

function walkAs(walk: Walk, { as }: SingleSettings): boolean {
  if (as === undefined) return true
  walk.word(word.as)
  return walk.identifierOrAbsent(as)
}

function walkWiths(walk: Walk, statements: readonly Statement[]): boolean {
  for (const it of statements) {
    if (it.grouping !== 'with') continue
    if (it.type !== 'withWrapped' || typeof it.alias !== 'string') {
      return walk.fail('unknown-clause')
    }
    walk.word(word.with)
    if (!walk.identifier(it.alias)) return false
    walk.word(it.recursive ? word.yes : word.no)
    if (it.materialized === undefined) walk.word(word.absent)
    else walk.word(it.materialized ? word.yes : word.no)
    if (!walk.nested.part(walk, it.value)) return false
    if (it.columnList === undefined || it.columnList === null) walk.word(word.absent)
    else if (!walkNames(walk, it.columnList)) return false
  }
  return true
}

function walkComments(walk: Walk, builder: SelectBuilder): boolean {
  for (const { comment } of builder._comments) {
    if (typeof comment !== 'string') return walk.fail('unknown-value')
    walk.word(word.comment)
    walk.name(comment)
  }
  return true
}

function walkHints(walk: Walk, statements: readonly Statement[]): boolean {
  for (const it of statements) {
    if (it.grouping !== 'hintComments') continue
    if (!Array.isArray(it.value)) return walk.fail('unknown-clause')
    walk.word(word.hints)
    for (const hint of it.value as readonly unknown[]) {
      if (typeof hint !== 'string') return walk.fail('unknown-value')
      walk.name(hint)
    }
    walk.word(word.end)
  }
  return true
}

function walkUnions(walk: Walk, statements: readonly Statement[]): boolean {
  for (const it of statements) {
    if (it.grouping !== 'union') continue
    if (typeof it.clause !== 'string') return walk.fail('unknown-clause')
    walk.word(it.wrap ? word.unionWrapped : word.union)
    walk.name(it.clause)
    if (!walk.nested.part(walk, it.value)) return false
  }
  return true
}
