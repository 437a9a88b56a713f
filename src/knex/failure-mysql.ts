import type { FailureKind } from '../contract/target.ts'
import { lineVerdict } from './driver-error.ts'
import type { DriverError } from './driver-error.ts'

/** Server error numbers of MySQL and MariaDB by verdict. */
const numbers: Readonly<Record<FailureKind, readonly number[]>> = {
  transient: [
    3, // error writing a file (disk full)
    1015, // cannot lock the file
    1020, // the record changed since it was read
    1021, // disk full
    1026, // error writing a file
    1028,
    1030, // error from the storage engine, disk full among them
    1034,
    1036, // the table is read only
    1037, // out of memory
    1038,
    1040, // too many connections
    1041,
    1042, // the host name cannot be resolved
    1043, // bad handshake
    1045, // the account was refused: nothing was sent
    1047, // Galera: the node is not ready
    1099,
    1114, // the table is full
    1129, // the host is blocked
    1130,
    1135,
    1194, // the table is marked as crashed
    1195,
    1203,
    1205, // lock wait timeout
    1206, // the lock table is full
    1213, // deadlock
    1226, // a limit of the account
    1290, // --read-only
    1317, // interrupted
    1412, // the table definition changed
    1615, // prepare again
    1637,
    1792, // read only transaction
    1836, // read only mode
    1969, // MariaDB: max_statement_time
    3024, // MySQL: max_execution_time
    3572, // NOWAIT
    4031, // idle for too long
  ],
  unknown: [
    1053, // the server shuts down
    1077,
    1079,
    1080,
    1152, // the connection was aborted
    1158,
    1159,
    1160,
    1161,
    1180, // an error during COMMIT
    1184,
    1927, // MariaDB: the connection was killed
  ],
  schema: [
    1044, // no access to the database
    1046,
    1049,
    1051,
    1054, // no such column
    1064, // syntax
    1109,
    1110,
    1136,
    1142, // no privilege on the table
    1143,
    1146, // no such table
    1227,
    1288,
    1305,
    1347,
    1348,
    1356,
    1370,
    1449,
    1471,
    1665, // binlog_format=STATEMENT under READ COMMITTED
    1932,
  ],
  permanent: [],
}

const byNumber: ReadonlyMap<number, FailureKind> = new Map(
  (Object.keys(numbers) as FailureKind[]).flatMap((kind) =>
    numbers[kind].map((errno): [number, FailureKind] => [errno, kind]),
  ),
)

/** Said of a statement that mysql2 never sent. */
const unsentText = /can't add new command when connection is in closed state/i

/** How an error of mysql2 is to be taken; `undefined` when it is none. */
export function classifyMysql(error: DriverError): FailureKind | undefined {
  if (unsentText.test(error.message)) return 'transient'
  // Numbers of the operating system are negative.
  if (error.errno > 0) return byNumber.get(error.errno) ?? 'permanent'
  // mysql2 calls a connection that was never made fatal too.
  const line = lineVerdict(error)
  if (line !== undefined) return line
  return error.code.startsWith('PROTOCOL_') || error.fatal ? 'unknown' : undefined
}
