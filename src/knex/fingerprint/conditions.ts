import { walkJsonPath, walkJsonValue } from './json-conditions.ts'
import { walkName, walkNames } from './names.ts'
import type { Condition, Statement } from './statements.ts'
import { walkListOrOne, walkMembers, walkRows } from './values.ts'
import type { Walk } from './walk.ts'
import { flag, word } from './words.ts'

/** The conditions of `where`. */
export function walkWhere(walk: Walk, statements: readonly Statement[]): boolean {
  walk.word(word.where)
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i] as Statement
    if (statement.grouping === 'where' && !walkWhereCondition(walk, statement)) return false
  }
  return true
}

function walkWhereCondition(walk: Walk, it: Condition): boolean {
  switch (it.type) {
    case 'whereBasic':
      return walkBasic(walk, it)
    case 'whereIn':
      return begin(walk, word.in, it) && walkNames(walk, it.column) && walkMembers(walk, it.value)
    case 'whereNull':
      return begin(walk, word.isNull, it) && walkName(walk, it.column)
    case 'whereWrapped':
      return begin(walk, word.wrapped, it) && walk.nested.group(walk, it.value)
    case 'whereBetween':
      return walkBetween(walk, it)
    case 'whereLike':
      return begin(walk, word.like, it) && walkNames(walk, it.column) && walkValueOrColumn(walk, it)
    case 'whereILike':
      return (
        begin(walk, word.ilike, it) && walkNames(walk, it.column) && walkValueOrColumn(walk, it)
      )
    case 'whereRaw':
      return begin(walk, word.conditionRaw, it) && walkStatement(walk, it.value)
    case 'whereExists':
      return begin(walk, word.exists, it) && walkComputed(walk, it.value)
    case 'whereJsonObject':
      return begin(walk, word.jsonObject, it) && walkJsonValue(walk, it)
    case 'whereJsonSupersetOf':
      return begin(walk, word.jsonSuperset, it) && walkJsonValue(walk, it)
    case 'whereJsonSubsetOf':
      return begin(walk, word.jsonSubset, it) && walkJsonValue(walk, it)
    case 'whereJsonPath':
      return begin(walk, word.jsonPath, it) && walkJsonPath(walk, it)
    default:
      return walk.fail('unknown-clause')
  }
}

/** The conditions of `having`. */
export function walkHaving(walk: Walk, statements: readonly Statement[]): boolean {
  walk.word(word.having)
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i] as Statement
    if (statement.grouping === 'having' && !walkHavingCondition(walk, statement)) return false
  }
  return true
}

function walkHavingCondition(walk: Walk, it: Condition): boolean {
  switch (it.type) {
    case 'havingBasic':
      return walkBasic(walk, it)
    case 'havingIn':
      return walkHavingIn(walk, it)
    case 'havingNull':
      return begin(walk, word.isNull, it) && walkName(walk, it.column)
    case 'havingWrapped':
      return begin(walk, word.wrapped, it) && walk.nested.group(walk, it.value)
    case 'havingBetween':
      return walkBetween(walk, it)
    case 'havingRaw':
      return begin(walk, word.conditionRaw, it) && walkStatement(walk, it.value)
    case 'havingExists':
      return begin(walk, word.exists, it) && walkComputed(walk, it.value)
    default:
      return walk.fail('unknown-clause')
  }
}

/** One condition of `on`, but for groups of them. */
export function walkOnCondition(walk: Walk, it: Condition): boolean {
  switch (it.type) {
    case 'onBasic':
      return (
        begin(walk, word.basic, it) &&
        walkName(walk, it.column) &&
        walkOperator(walk, it.operator) &&
        walkName(walk, it.value)
      )
    case 'onVal':
      return (
        begin(walk, word.onValue, it) &&
        walkName(walk, it.column) &&
        walkOperator(walk, it.operator) &&
        walk.value(it.value)
      )
    case 'onIn':
      return walkOnIn(walk, it)
    case 'onNull':
      return begin(walk, word.isNull, it) && walkName(walk, it.column)
    case 'onBetween':
      return walkBetween(walk, it)
    case 'onRaw':
      return begin(walk, word.conditionRaw, it) && walkStatement(walk, it.value)
    case 'onExists':
      return begin(walk, word.exists, it) && walkComputed(walk, it.value)
    case 'onUsing':
      return begin(walk, word.using, it) && walkNames(walk, it.column)
    case 'onJsonPathEquals':
      return (
        begin(walk, word.onJsonPath, it) &&
        walkName(walk, it.columnFirst) &&
        walk.value(it.jsonPathFirst) &&
        walkName(walk, it.columnSecond) &&
        walk.value(it.jsonPathSecond)
      )
    default:
      return walk.fail('unknown-clause')
  }
}

/** The word of a condition, with how it joins the one before. */
export function begin(walk: Walk, base: number, it: Condition): boolean {
  let flags: number = it.bool === 'or' ? flag.or : 0
  if (flags === 0 && it.bool !== 'and') return walk.fail('unknown-clause')
  // Knex looks at their truth too.
  if (it.not) flags |= flag.not
  walk.word(base + flags)
  return true
}

function walkBasic(walk: Walk, it: Condition): boolean {
  return (
    begin(walk, word.basic, it) &&
    walkName(walk, it.column) &&
    walkOperator(walk, it.operator) &&
    walkValueOrColumn(walk, it)
  )
}

function walkValueOrColumn(walk: Walk, it: Condition): boolean {
  if (!it.asColumn) return walk.value(it.value)
  walk.word(word.column)
  return walkName(walk, it.value)
}

function walkBetween(walk: Walk, it: Condition): boolean {
  if (!begin(walk, word.between, it) || !walkName(walk, it.column)) return false
  if (!Array.isArray(it.value)) return walk.fail('unknown-value')
  walk.word(it.value.length)
  for (let i = 0; i < it.value.length; i++) {
    if (!walk.value(it.value[i])) return false
  }
  return true
}

/** `in` of `having` and `on`, which know lists of lists for several columns only. */
function walkHavingIn(walk: Walk, it: Condition): boolean {
  if (!begin(walk, word.in, it)) return false
  if (Array.isArray(it.column)) return walkTupleIn(walk, it)
  return walkName(walk, it.column) && walkListOrOne(walk, it.value)
}

/** Of `on`, Knex compiles the values before the column. */
function walkOnIn(walk: Walk, it: Condition): boolean {
  if (!begin(walk, word.in, it)) return false
  if (Array.isArray(it.column)) return walkTupleIn(walk, it)
  return walkListOrOne(walk, it.value) && walkName(walk, it.column)
}

function walkTupleIn(walk: Walk, it: Condition): boolean {
  if (!Array.isArray(it.value)) return walk.fail('unknown-value')
  return walkNames(walk, it.column) && walkRows(walk, it.value)
}

/** An operator, whose spelling decides whether Knex knows it; or a raw statement for one. */
function walkOperator(walk: Walk, operator: unknown): boolean {
  if (typeof operator !== 'string') return walkStatement(walk, operator)
  walk.name(operator)
  return true
}

/** What must be a raw statement or a subquery; of a function Knex takes nothing here. */
export function walkStatement(walk: Walk, value: unknown): boolean {
  return typeof value === 'object' ? walk.nested.part(walk, value) : walk.fail('unknown-value')
}

/** What must be a raw statement, a subquery or a function that makes one. */
function walkComputed(walk: Walk, value: unknown): boolean {
  return walk.nested.part(walk, value)
}
