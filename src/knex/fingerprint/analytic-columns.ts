import { walkNames } from './names.ts'
import type { Statement } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** `rank`, `denseRank` and `rowNumber`. Knex puts the values of a raw statement into their text, so with one they are unknown. */
export function walkAnalytic(walk: Walk, it: Statement): boolean {
  if (it.raw !== undefined) return walk.fail('unknown-value')
  walk.word(word.analytic)
  return (
    walk.nameOrAbsent(it.method) &&
    walk.aliasOrAbsent(it.alias) &&
    walkWindow(walk, it.partitions) &&
    walkWindow(walk, it.order)
  )
}

function walkWindow(walk: Walk, parts: unknown): boolean {
  if (!Array.isArray(parts)) return walk.fail('unknown-value')
  for (const part of parts as readonly unknown[]) {
    if (!(typeof part === 'string' ? walk.identifier(part) : walkDirected(walk, part))) return false
  }
  walk.word(word.end)
  return true
}

function walkDirected(walk: Walk, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return walk.fail('unknown-value')
  const { column, order } = part as { readonly column?: unknown; readonly order?: unknown }
  if (!isNames(column)) return walk.fail('unknown-value')
  walk.word(word.order)
  return walkNames(walk, column) && walk.nameOrAbsent(order)
}

function isNames(column: unknown): boolean {
  return Array.isArray(column)
    ? column.every((name) => typeof name === 'string')
    : typeof column === 'string'
}
