import type { Slot } from '../../contract/authority.ts'
import type { Message } from '../../contract/bus.ts'
import type { Program } from '../../contract/program.ts'
import { list, unreadable } from './message-fields.ts'

/** How deep alternatives may be nested in a message: no query comes near, and no message can exhaust the stack. */
const maxDepth = 64

/**
 * A program as it travels: one list, in which a number is a slot that must hold and a list is a group, of programs in the same form.
 * `[0, 7, [[5], [6, 8]]]` is "0 and 7, and 5 or both 6 and 8"; a program without alternatives is the list of its slots.
 */
export function packProgram({ all, any }: Program): Message {
  return any.length === 0 ? all : [...all, ...any.map((group) => group.map(packProgram))]
}

/** The program again. Throws `MILLRACE_PRIMARY_MISMATCH` for a message that is none, or too deep. */
export function readProgram(message: Message | undefined, depth = 0): Program {
  if (depth > maxDepth) return unreadable()
  const all: Slot[] = []
  const any: Program[][] = []
  for (const part of list(message)) {
    if (typeof part === 'number') all.push(part)
    else any.push(list(part).map((alternative) => readProgram(alternative, depth + 1)))
  }
  return { all, any }
}
