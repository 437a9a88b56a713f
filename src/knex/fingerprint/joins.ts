import { begin, walkStatement, walkOnCondition } from './conditions.ts'
import { walkName } from './names.ts'
import type { Condition, Statement } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** The joined tables and what they are joined on. */
export function walkJoins(walk: Walk, statements: readonly Statement[]): boolean {
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i] as Statement
    if (statement.grouping === 'join' && !walkJoin(walk, statement)) return false
  }
  return true
}

function walkJoin(walk: Walk, it: Statement): boolean {
  if (it.joinType === 'raw') {
    walk.word(word.joinRaw)
    return walkStatement(walk, it.table)
  }
  if (typeof it.joinType !== 'string' || !Array.isArray(it.clauses)) {
    return walk.fail('unknown-clause')
  }
  walk.word(word.join)
  walk.name(it.joinType)
  // Knex puts the schema before the text of an object or function too, whatever that is.
  if (it.schema && typeof it.table !== 'string' && !isRaw(it.table)) {
    return walk.fail('unknown-value')
  }
  if (!walk.identifierOrAbsent(it.schema) || !walkName(walk, it.table)) return false
  return walkOnConditions(walk, it, it.clauses as readonly Condition[])
}

function isRaw(table: unknown): boolean {
  return typeof table === 'object' && table !== null && 'isRawInstance' in table
}

function walkOnConditions(walk: Walk, join: object, clauses: readonly Condition[]): boolean {
  for (let i = 0; i < clauses.length; i++) {
    const clause = clauses[i] as Condition
    const isWalked =
      clause.type === 'onWrapped'
        ? begin(walk, word.wrapped, clause) && walkOnGroup(walk, join, clause.value)
        : walkOnCondition(walk, clause)
    if (!isWalked) return false
  }
  walk.word(word.end)
  return true
}

/** A function that is given a join of its own, without a table. */
function walkOnGroup(walk: Walk, join: object, callback: unknown): boolean {
  if (typeof callback !== 'function') return walk.fail('unknown-value')
  const { constructor: JoinClause } = Object.getPrototypeOf(join) as {
    readonly constructor: new () => { readonly clauses: readonly Condition[] }
  }
  const group = new JoinClause()
  walk.ranCallbacks = true
  try {
    callback.call(group, group)
  } catch {
    return walk.fail('callback-error')
  }
  return walk.enter() && walkOnConditions(walk, join, group.clauses) && walk.leave()
}
