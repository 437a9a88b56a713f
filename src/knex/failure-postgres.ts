import type { FailureKind } from '../contract/target.ts'
import type { DriverError } from './driver-error.ts'

/** SQLSTATEs that differ from their class. */
const byState: Readonly<Record<string, FailureKind>> = {
  '08001': 'transient', // the server was not reached
  '08004': 'transient', // the server refused the connection
  '0A000': 'schema',
  '21000': 'permanent', // one key twice in ON CONFLICT DO UPDATE
  '25P03': 'transient', // idle in transaction for too long: rolled back
  '28000': 'transient',
  '28P01': 'transient',
  '40002': 'permanent',
  '40003': 'unknown', // the standard's "statement completion unknown"
  '428C9': 'permanent', // a value for a generated column: other rows may have none
  '55000': 'schema',
  '57014': 'transient', // cancelled, by a timeout for example
  '57P01': 'unknown', // the backend was told to end while the statement was out
  '57P02': 'unknown',
  '57P03': 'transient', // starting up or shutting down: nothing was sent
  '57P05': 'transient',
  XX000: 'permanent', // extensions raise it about data
}

/** By class, the first two characters. */
const byClass: Readonly<Record<string, FailureKind>> = {
  '08': 'unknown',
  '0A': 'schema',
  '22': 'permanent',
  '23': 'permanent',
  '25': 'transient',
  '26': 'transient',
  '28': 'transient',
  '2D': 'transient',
  '3B': 'transient',
  '3D': 'schema',
  '3F': 'schema',
  '40': 'transient',
  '42': 'schema',
  '44': 'permanent',
  '53': 'transient',
  '54': 'permanent',
  '55': 'transient',
  '57': 'transient',
  '58': 'transient',
  '72': 'transient',
  F0: 'transient',
  P0: 'permanent',
  XX: 'transient',
}

const sqlState = /^[0-9A-Z]{5}$/
/** Said of a statement that pg never sent. */
const unsentText = /is not queryable|timeout expired|timeout exceeded when trying to connect/i
/** Said of a statement whose answer will not come. */
const unansweredText = /connection terminated|query read timeout|connection ended unexpectedly/i

/** How an error of pg is to be taken; `undefined` when it is none. */
export function classifyPostgres(error: DriverError): FailureKind | undefined {
  // System codes such as EPIPE also have five capital letters; a SQLSTATE comes with a severity.
  if (error.severity !== '' && sqlState.test(error.code)) return classifyState(error)
  if (unsentText.test(error.message)) return 'transient'
  if (unansweredText.test(error.message)) return 'unknown'
  return undefined
}

function classifyState(error: DriverError): FailureKind {
  // A row that a policy refuses has the code of a missing privilege.
  if (error.code === '42501' && error.routine === 'ExecWithCheckOptions') return 'permanent'
  // An amount for a column that cannot be added to: the fault of this write, whatever the others are.
  if (error.routine === 'op_error') return 'permanent'
  // A prepared plan that no longer fits its table; prepared anew it does.
  if (error.code === '0A000' && error.routine === 'RevalidateCachedQuery') return 'transient'
  // The server calls a batch with too many parameters a violation of the protocol, and lives on.
  if (error.code === '08P01' && !isFatal(error)) return 'permanent'
  const known = byState[error.code] ?? byClass[error.code.slice(0, 2)]
  if (known !== undefined) return known
  return isFatal(error) ? 'unknown' : 'permanent'
}

/** The server ended the session with it. Other severities are translated, these two words are not. */
function isFatal(error: DriverError): boolean {
  return error.severity.startsWith('FATAL') || error.severity.startsWith('PANIC')
}
