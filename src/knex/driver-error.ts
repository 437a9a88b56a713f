/** What the drivers put on their errors, as far as a verdict needs it. */
export interface DriverError {
  readonly name: string
  readonly message: string
  /** SQLSTATE, `ER_...`, `SQLITE_...` or a system code such as `ECONNRESET`. */
  readonly code: string
  /** The server's number on MySQL (above 0), the system's elsewhere. */
  readonly errno: number
  /** mysql2: the connection cannot be used any more. */
  readonly fatal: boolean
  /** pg: `ERROR`, `FATAL` or `PANIC`, in the server's language. */
  readonly severity: string
  /** pg: the server function that raised it. */
  readonly routine: string
  /** The system call that failed; `connect` means that nothing was sent. */
  readonly syscall: string
}

/** Reads an unknown thrown value as a {@link DriverError}; what is missing is empty. */
export function readDriverError(error: unknown): DriverError {
  const fields: Readonly<Record<string, unknown>> =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {}
  return {
    name: text(fields['name']),
    message: text(fields['message']),
    code: text(fields['code']),
    errno: typeof fields['errno'] === 'number' ? fields['errno'] : 0,
    fatal: fields['fatal'] === true,
    severity: text(fields['severity']),
    routine: text(fields['routine']),
    syscall: text(fields['syscall']),
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** System codes of a connection that broke while it was open, and Node's for a stream that was closed before its end. */
const brokenLine = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'ENETRESET',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/** System codes of a connection that was never made. */
const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
])

/** The verdict on a failed line to the server, or `undefined` when the error is not about the line. */
export function lineVerdict(error: DriverError): 'transient' | 'unknown' | undefined {
  if (neverConnected.has(error.code)) return 'transient'
  if (error.syscall === 'connect') return 'transient'
  if (brokenLine.has(error.code)) return 'unknown'
  return undefined
}
