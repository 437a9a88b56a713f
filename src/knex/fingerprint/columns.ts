import { walkAnalytic } from './analytic-columns.ts'
import { walkJsonColumn } from './json-columns.ts'
import { walkNames } from './names.ts'
import type { Statement } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** What is selected. */
export function walkColumns(walk: Walk, statements: readonly Statement[]): boolean {
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i] as Statement
    if (statement.grouping === 'columns' && !walkColumnsStatement(walk, statement)) return false
  }
  return true
}

function walkColumnsStatement(walk: Walk, it: Statement): boolean {
  switch (it.type) {
    case undefined:
      if (!Array.isArray(it.value)) return walk.fail('unknown-clause')
      if (it.distinctOn) walk.word(word.distinctOn)
      else walk.word(it.distinct ? word.distinct : word.columns)
      return walkNames(walk, it.value)
    case 'pluck':
      if (typeof it.value !== 'string') return walk.fail('unknown-value')
      walk.word(word.pluckColumn)
      return walk.identifier(it.value)
    case 'aggregate':
      return walkAggregate(walk, it)
    case 'aggregateRaw':
      walk.word(it.aggregateDistinct ? word.aggregateRawDistinct : word.aggregateRaw)
      return walk.nameOrAbsent(it.method) && walk.nested.part(walk, it.value)
    case 'json':
      return walkJsonColumn(walk, it)
    case 'analytic':
      return walkAnalytic(walk, it)
    default:
      return walk.fail('unknown-clause')
  }
}

/** What Knex takes apart here as anywhere else. */
const aggregated = /^[\w.*]*( as \w*)?$/i

function walkAggregate(walk: Walk, it: Statement): boolean {
  walk.word(it.aggregateDistinct ? word.aggregateDistinct : word.aggregate)
  if (!walk.nameOrAbsent(it.method) || !walk.aliasOrAbsent(it.alias)) return false
  const { value } = it
  if (walk.wrapsNames && typeof value === 'string' && !aggregated.test(value)) {
    return walk.fail('custom-names')
  }
  // With aliases in it, which Knex looks for only here.
  if (typeof value === 'string' || Array.isArray(value)) return walkNames(walk, value)
  if (typeof value !== 'object' || value === null) return walk.fail('unknown-value')
  return walkAggregatesByAlias(walk, value)
}

function walkAggregatesByAlias(walk: Walk, aggregates: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(aggregates)
  if (prototype !== Object.prototype && prototype !== null) return walk.fail('unknown-value')
  walk.word(word.aliases)
  for (const [alias, columns] of Object.entries(aggregates)) {
    if (!walk.alias(alias)) return false
    if (!walkNames(walk, columns)) return false
  }
  walk.word(word.end)
  return true
}
