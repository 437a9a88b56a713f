import { walkStatement } from './conditions.ts'
import { walkNames } from './names.ts'
import type { Statement } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** `group by`. */
export function walkGroups(walk: Walk, statements: readonly Statement[]): boolean {
  for (const it of statements) {
    if (it.grouping !== 'group') continue
    if (it.type === 'groupByBasic') {
      walk.word(word.group)
      if (!walkNames(walk, it.value)) return false
    } else if (it.type === 'groupByRaw') {
      walk.word(word.groupRaw)
      if (!walkStatement(walk, it.value)) return false
    } else return walk.fail('unknown-clause')
  }
  return true
}

/** `order by`. */
export function walkOrders(walk: Walk, statements: readonly Statement[]): boolean {
  for (let i = 0; i < statements.length; i++) {
    const it = statements[i] as Statement
    if (it.grouping === 'order' && !walkOrder(walk, it)) return false
  }
  return true
}

function walkOrder(walk: Walk, it: Statement): boolean {
  if (it.type === 'orderByRaw') {
    walk.word(word.orderRaw)
    return walkStatement(walk, it.value)
  }
  if (it.type !== 'orderByBasic') return walk.fail('unknown-clause')
  walk.word(word.order)
  if (!walkNames(walk, it.value)) return false
  // A raw statement can stand for the direction too.
  const { direction } = it
  if (typeof direction === 'object' && direction !== null) {
    if (!walkStatement(walk, direction)) return false
  } else if (!walk.nameOrAbsent(direction)) return false
  return walk.nameOrAbsent(it.nulls)
}
