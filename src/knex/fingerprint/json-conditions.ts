import type { Condition } from './statements.ts'
import type { Walk } from './walk.ts'

/** The column of a JSON condition and the JSON that it is compared with. */
export function walkJsonValue(walk: Walk, it: Condition): boolean {
  if (it.asColumn || typeof it.column !== 'string') return walk.fail('unknown-value')
  return walk.identifier(it.column) && bindJson(walk, it.value)
}

/** The column, the path in it, and what is found there. */
export function walkJsonPath(walk: Walk, it: Condition): boolean {
  if (it.asColumn || typeof it.column !== 'string') return walk.fail('unknown-value')
  if (typeof it.jsonPath !== 'string' || typeof it.operator !== 'string') {
    return walk.fail('unknown-value')
  }
  const cast = castOf(it.value)
  if (cast === undefined) return walk.fail('unknown-value')
  if (!walk.identifier(it.column)) return false
  walk.name(it.operator)
  walk.word(cast)
  return walk.bind(it.jsonPath, it.jsonPath) && bindJson(walk, it.value)
}

/** As what PostgreSQL is told to read the JSON that it finds: Knex decides by the value that it is compared with. */
function castOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
    case 'string':
    case 'boolean':
      if (Number.isNaN(Number(value))) return 0
      if (Number.parseInt(String(value))) return 1
      return Number.parseFloat(String(value)) ? 2 : 0
    case 'object':
      return value === null || isPlainObject(value) ? 0 : undefined
    default:
      return undefined
  }
}

/** Knex sends JSON as a text, and texts that hold JSON without their spaces. */
function bindJson(walk: Walk, value: unknown): boolean {
  if (typeof value === 'string') return walk.bind(value, compact(value))
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'function' ? walk.fail('unknown-value') : walk.bind(value, value)
  }
  if (!Array.isArray(value) && !isPlainObject(value)) return walk.fail('unknown-value')
  return walk.bind(value, JSON.stringify(value))
}

function compact(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text.replace(/\n|\t/g, '')))
  } catch {
    return text
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
