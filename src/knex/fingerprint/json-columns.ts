import type { Statement } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** What is read of the arguments of Knex's JSON columns. */
interface JsonArguments {
  readonly column?: unknown
  readonly path?: unknown
  readonly alias?: unknown
  readonly value?: unknown
  readonly singleValue?: unknown
}

/** `jsonExtract`, `jsonSet`, `jsonInsert` and `jsonRemove`. Paths are part of the shape: PostgreSQL's compiler rewrites some. */
export function walkJsonColumn(walk: Walk, { method, params }: Statement): boolean {
  const it = params as JsonArguments
  walk.word(word.json)
  switch (method) {
    case 'jsonExtract':
      walk.name(method)
      walk.word(it.singleValue ? word.yes : word.no)
      return Array.isArray(it.column)
        ? walkExtractions(walk, it.column)
        : walkExtraction(walk, it.column, it.path, it.alias)
    case 'jsonRemove':
      walk.name(method)
      return walkExtraction(walk, it.column, it.path, it.alias)
    case 'jsonSet':
    case 'jsonInsert':
      walk.name(method)
      return walkExtraction(walk, it.column, it.path, it.alias) && walk.value(it.value)
    default:
      return walk.fail('unknown-clause')
  }
}

function walkExtractions(walk: Walk, extractions: readonly unknown[]): boolean {
  walk.word(word.list)
  for (const extraction of extractions) {
    if (!Array.isArray(extraction)) return walk.fail('unknown-value')
    const [column, path, alias] = extraction as unknown[]
    if (!walkExtraction(walk, column, path, alias)) return false
  }
  walk.word(word.end)
  return true
}

function walkExtraction(walk: Walk, column: unknown, path: unknown, alias: unknown): boolean {
  if (typeof column !== 'string' || typeof path !== 'string' || column === '' || path === '') {
    return walk.fail('unknown-value')
  }
  if (!walk.identifier(column)) return false
  walk.name(path)
  walk.bindings[walk.bindingCount++] = path
  return walk.aliasOrAbsent(alias)
}
