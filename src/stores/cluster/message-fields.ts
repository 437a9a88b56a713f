import { MillraceError } from '../../base/errors.ts'
import type { Message } from '../../contract/bus.ts'

/** Reads a number; throws `MILLRACE_PRIMARY_MISMATCH` for anything else, as all of these do. */
export function number(message: Message | undefined): number {
  return typeof message === 'number' ? message : unreadable()
}

export function numbers(message: Message | undefined): number[] {
  return list(message).map(number)
}

export function text(message: Message | undefined): string {
  return typeof message === 'string' ? message : unreadable()
}

export function list(message: Message | undefined): readonly Message[] {
  return Array.isArray(message) ? (message as readonly Message[]) : unreadable()
}

/** Reads one word of a closed set. */
export function wordOf<Word extends string>(
  words: Readonly<Record<Word, true>>,
  message: Message | undefined,
): Word {
  const word = text(message)
  return Object.hasOwn(words, word) ? (word as Word) : unreadable()
}

/** Refuses a message that another version of this code may have made. */
export function unreadable(): never {
  throw new MillraceError(
    'MILLRACE_PRIMARY_MISMATCH',
    'A message of another Millrace process cannot be read.',
    {
      remedy: 'Use one version of Millrace in the primary and in its workers.',
    },
  )
}
