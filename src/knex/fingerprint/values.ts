import type { Walk } from './walk.ts'
import { word } from './words.ts'

/** The values of `in`: a list, a list of lists, or one thing that stands for a list. */
export function walkMembers(walk: Walk, members: unknown): boolean {
  if (!Array.isArray(members)) return walk.value(members)
  return Array.isArray(members[0]) ? walkRows(walk, members) : walkList(walk, members)
}

/** A list of lists, for several columns. */
export function walkRows(walk: Walk, rows: readonly unknown[]): boolean {
  walk.word(word.rows)
  for (let i = 0; i < rows.length; i++) {
    if (!walkListOrOne(walk, rows[i])) return false
  }
  walk.word(word.end)
  return true
}

/** A list, or one value that Knex takes for a list of one. */
export function walkListOrOne(walk: Walk, list: unknown): boolean {
  if (Array.isArray(list)) return walkList(walk, list)
  if (!walk.isPlain(list)) return walk.nested.part(walk, list)
  walk.word(word.value)
  return walk.bind(list, memberBinding(list))
}

/** A list of values. Most have nothing else in them, so that one step says how many there are. */
function walkList(walk: Walk, list: readonly unknown[]): boolean {
  walk.word(word.list)
  let run = 0
  for (let i = 0; i < list.length; i++) {
    const member = list[i]
    if (walk.isPlain(member)) {
      run++
      if (!walk.bind(member, memberBinding(member))) return false
      continue
    }
    if (run > 0) endRun(walk, run)
    run = 0
    if (!walk.nested.part(walk, member)) return false
  }
  if (run > 0) endRun(walk, run)
  walk.word(word.end)
  return true
}

function endRun(walk: Walk, length: number): void {
  walk.word(word.run)
  walk.word(length)
}

/** Knex sends plain objects in lists as JSON. */
function memberBinding(member: unknown): unknown {
  if (typeof member !== 'object' || member === null) return member
  const prototype: unknown = Object.getPrototypeOf(member)
  return prototype === Object.prototype || prototype === null ? JSON.stringify(member) : member
}
