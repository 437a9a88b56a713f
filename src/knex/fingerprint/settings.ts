import { serialiseValue } from '../../cache/key-text.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** What a whole statement carries beside its SQL. */
export interface StatementSettings {
  readonly _options?: unknown
  readonly _timeout?: unknown
  readonly _cancelOnTimeout?: unknown
}

/** Driver options and time limit: those of the outermost builder, as Knex looks at no others. Part of the shape. */
export function walkSettings(walk: Walk, it: StatementSettings): boolean {
  if (it._options !== undefined && !walkOptions(walk, it._options)) return false
  return it._timeout === undefined || walkTimeout(walk, it)
}

function walkOptions(walk: Walk, options: unknown): boolean {
  const text = serialiseValue(options, 'ordered')
  if (text === undefined) return walk.fail('unknown-setting')
  walk.word(word.options)
  walk.name(text)
  return true
}

function walkTimeout(walk: Walk, { _timeout, _cancelOnTimeout }: StatementSettings): boolean {
  if (typeof _timeout !== 'number') return walk.fail('unknown-setting')
  walk.word(_cancelOnTimeout ? word.cancelOnTimeout : word.timeout)
  walk.name(String(_timeout))
  return true
}
