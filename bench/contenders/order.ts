import { fileURLToPath } from 'node:url'
import type { DatabaseAddress } from '../../test/support/database-config.ts'
import type { ContenderId } from './contender.ts'
import type { PostCounts, Question } from './posts.ts'

/** What a contender's process is started with. Plain JSON. */
export interface ContenderOrder {
  readonly id: ContenderId
  readonly address: DatabaseAddress
  readonly counts: PostCounts
  readonly questions: readonly Question[]
  /** Where reads and writes are raced: on its own database, or on another one, where a second one of it is opened. Default: nowhere. */
  readonly race?: 'itself' | DatabaseAddress
  /** How many callers ask at the same time; each number is a kind of its own. Default: one caller, and one kind for each question. */
  readonly inFlight?: readonly number[]
  /** The questions are asked by so many workers of `node:cluster`, and the process is their primary. Default: 0, it asks itself. */
  readonly workers?: number
}

/** The kinds of slices that a question has. */
export function kindsOf(
  { name }: Question,
  { inFlight }: Pick<ContenderOrder, 'inFlight'>,
): readonly { readonly name: string; readonly inFlight?: number }[] {
  if (inFlight === undefined) return [{ name }]
  return inFlight.map((callers) => ({ name: `${name} x ${callers}`, inFlight: callers }))
}

/** The compiled program that takes such an order. */
export const contenderProgram: string = fileURLToPath(new URL('program.js', import.meta.url))
