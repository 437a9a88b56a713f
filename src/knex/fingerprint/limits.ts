import type { SingleSettings } from './statements.ts'
import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** Limit and offset: bindings, or part of the text where the builder says so. */
export function walkLimits(walk: Walk, single: SingleSettings): boolean {
  const { limit, offset } = single
  if (limit === undefined && offset === undefined) return true
  if (single.skipBinding === undefined) return walk.fail('unknown-setting')
  return walkLimit(walk, single) && walkOffset(walk, single)
}

function walkLimit(walk: Walk, { limit, offset, skipBinding }: SingleSettings): boolean {
  if (limit === undefined || limit === null) {
    if (!offset) return true
    // SQLite knows no offset without a limit, so Knex sends one that limits nothing: it is no value of the builder's.
    if (skipBinding?.limit === true) walk.word(word.limitInText)
    else if (walk.kind?.boundNoLimit === true) walk.bindings[walk.bindingCount++] = -1
    return true
  }
  if (typeof limit !== 'number') return walk.fail('unknown-value')
  if (skipBinding?.limit === true) {
    walk.word(word.limitInText)
    walk.name(String(limit))
    return true
  }
  walk.word(word.limit)
  return walk.value(limit)
}

function walkOffset(walk: Walk, { offset, skipBinding }: SingleSettings): boolean {
  if (offset === undefined || offset === null) return true
  // None is sent for 0.
  if (offset === 0) {
    walk.word(word.offset)
    walk.name('0')
    return true
  }
  if (skipBinding?.offset === true) {
    if (typeof offset !== 'number') return walk.fail('unknown-value')
    walk.word(word.offsetInText)
    walk.name(String(offset))
    return true
  }
  walk.word(word.offset)
  return walk.value(offset)
}
