import { MillraceError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'
import type { Message } from '../../contract/bus.ts'

/** An error as it travels: code, message and remedy of a `MillraceError`, name and message of any other. */
export function packError(error: unknown): Message {
  if (error instanceof MillraceError) {
    const { code, remedy } = error
    if (remedy === undefined) return { code, message: error.message }
    // The constructor appends the remedy to the message; the other end's constructor will do so again.
    const message = error.message.slice(0, -remedy.length).trimEnd()
    return { code, message, remedy }
  }
  if (error instanceof Error) return { name: error.name, message: error.message }
  return { message: String(error) }
}

/** The error again: a `MillraceError` with its code if it was one. */
export function reviveError(packed: Message): Error {
  const field = (name: string): string | undefined => {
    if (typeof packed !== 'object' || packed === null || Array.isArray(packed)) return undefined
    const value = (packed as Readonly<Record<string, Message>>)[name]
    return typeof value === 'string' ? value : undefined
  }
  const message = field('message') ?? 'The primary answered with an error.'
  const code = field('code')
  const remedy = field('remedy')
  if (code?.startsWith('MILLRACE_') === true) {
    return new MillraceError(code as ErrorCode, message, remedy === undefined ? {} : { remedy })
  }
  const error = new Error(message)
  error.name = field('name') ?? error.name
  return error
}
