import { MillraceError } from '../../base/errors.ts'
import type { ErrorCode } from '../../base/errors.ts'

/** An error as plain data: what it says, and the error underneath. */
export interface PackedError {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly remedy?: string
  readonly cause?: PackedError
}

/** Takes an error apart for the way to another process. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: packError(error.cause) }
  if (!(error instanceof MillraceError) || error.remedy === undefined) {
    return { name: error.name, message: error.message, ...code, ...cause }
  }
  // The message ends with the remedy, which the other end's constructor appends again.
  const message = error.message.slice(0, -error.remedy.length).trimEnd()
  return { name: error.name, message, ...code, remedy: error.remedy, ...cause }
}

/** Puts an error together again: a `MillraceError` with its code and remedy if it was one. */
export function reviveError(packed: PackedError): Error {
  const cause = packed.cause === undefined ? {} : { cause: reviveError(packed.cause) }
  if (packed.code?.startsWith('MILLRACE_') === true) {
    return new MillraceError(packed.code as ErrorCode, packed.message, {
      ...(packed.remedy === undefined ? {} : { remedy: packed.remedy }),
      ...cause,
    })
  }
  const error = new Error(packed.message, cause)
  error.name = packed.name
  return packed.code === undefined ? error : Object.assign(error, { code: packed.code })
}
