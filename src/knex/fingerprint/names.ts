import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** One name, or what can stand for it: a raw statement, a subquery, names by their aliases. */
export function walkName(walk: Walk, name: unknown): boolean {
  return typeof name === 'string' ? walk.identifier(name) : walk.nested.name(walk, name)
}

/** One name or a list of them. */
export function walkNames(walk: Walk, names: unknown): boolean {
  if (!Array.isArray(names)) return walkName(walk, names)
  walk.word(word.list)
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as unknown
    // What most lists hold, and most instances spell by themselves, on the shortest way.
    if (typeof name === 'string' && !walk.wrapsNames) walk.name(name)
    else if (!walkName(walk, name)) return false
  }
  walk.word(word.end)
  return true
}

/** `{ alias: name }`. An empty one would compile to nothing, which Knex takes for something else again. */
export function walkAliases(walk: Walk, names: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(names)
  if (prototype !== Object.prototype && prototype !== null) return walk.fail('unknown-value')
  walk.word(word.aliases)
  let isEmpty = true
  for (const alias in names) {
    isEmpty = false
    if (!walk.alias(alias)) return false
    if (!walkName(walk, (names as Record<string, unknown>)[alias])) return false
  }
  walk.word(word.end)
  return !isEmpty || walk.fail('unknown-value')
}
