import { MillraceError } from '../base/errors.ts'

/** What `judge` gives, but `undefined` where the catalog does not know a column: a newer one may. */
export function unlessUnknownColumn<T>(judge: () => T): T | undefined {
  try {
    return judge()
  } catch (error) {
    if (error instanceof MillraceError && error.code === 'MILLRACE_COLUMN_UNKNOWN') return undefined
    throw error
  }
}

/** The answer to an increment that was accepted, but whose value cannot be told. */
export function valueUnread(table: string, column: string, cause: unknown): MillraceError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new MillraceError(
    'MILLRACE_FLUSH_FAILED',
    `The increment of "${column}" of "${table}" is accepted, but its new value cannot be read: ${why}.`,
    { remedy: 'Do not send it again; read the value later.', cause },
  )
}

/** What those are told who still wait for `applied` when the buffer closes. */
export function unapplied(): MillraceError {
  return new MillraceError(
    'MILLRACE_CLOSED',
    'The buffer was closed before the write was applied.',
    {
      remedy: 'What was acknowledged is kept in the journal and applied by the next start.',
    },
  )
}

/** No room, and the caller does not want to wait. */
export function bufferFull(table: string, maxPending: number): MillraceError {
  return new MillraceError(
    'MILLRACE_BUFFER_FULL',
    `Table "${table}" has no room for this write: the buffer holds up to ${String(maxPending)} of each table.`,
    { remedy: "Try again later, raise buffer.maxPending, or choose overflow: 'block'." },
  )
}

/** A write that no statement of this database can carry, nor the dead letter that it might become. */
export function oversized(table: string, bytes: number, limit: number): MillraceError {
  return new MillraceError(
    'MILLRACE_VALUE_INVALID',
    `A write to "${table}" has ${String(bytes)} bytes; the buffer takes up to ${String(limit)} here, half of the server's max_allowed_packet.`,
    { remedy: 'Raise max_allowed_packet, or write directly.' },
  )
}
