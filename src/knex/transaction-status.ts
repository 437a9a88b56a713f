import type { EventEmitter } from 'node:events'
import type { Awaitable } from '../base/awaitable.ts'
import type { Clock } from '../base/clock.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { PooledConnection } from './plain-client.ts'

/** A statement's answer about its connection's transaction. */
export interface StatusProbe {
  /**
   * After the statement on the connection, with the driver's response if it succeeded: whether a transaction is open; undefined if
   * nobody says.
   */
  after(connection: PooledConnection, response?: unknown): Awaitable<boolean | undefined>
}

const sqliteProbe: StatusProbe = { after: (connection) => connection.inTransaction }
const mysqlProbe: StatusProbe = { after: (_connection, response) => mysqlStatus(response) }
const noProbe: StatusProbe = { after: () => undefined }

/**
 * The drivers' own word on whether a transaction is open on a connection: better-sqlite3's `inTransaction`, PostgreSQL's
 * ReadyForQuery status, MySQL's SERVER_STATUS_IN_TRANS.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html (ReadyForQuery),
 * https://mariadb.com/kb/en/ok_packet/ (server status flag)
 */
export class TransactionStatus {
  readonly #dialect: Dialect
  readonly #clock: Clock
  readonly #lines = new WeakMap<PooledConnection, PostgresLine>()

  constructor(dialect: Dialect, clock: Clock) {
    this.#dialect = dialect
    this.#clock = clock
  }

  /** Call it before the statement is sent. */
  probe(connection: PooledConnection): StatusProbe {
    switch (this.#dialect) {
      case 'sqlite':
        return sqliteProbe
      case 'mysql':
        return mysqlProbe
      case 'postgres':
        return this.#line(connection)?.probe() ?? noProbe
    }
  }

  #line(connection: PooledConnection): PostgresLine | undefined {
    let line = this.#lines.get(connection)
    if (line !== undefined) return line
    const { connection: wire } = connection as { connection?: unknown }
    // pg-native has no such object, and a wrapped pool may hide it.
    if (!isEmitter(wire)) return undefined
    line = new PostgresLine(wire, this.#clock)
    this.#lines.set(connection, line)
    return line
  }
}

/** How long a refused statement's ReadyForQuery is waited for; it follows the error in the same answer. */
const readyWithinMs = 1000

/** Listens for ReadyForQuery on one connection of pg. */
class PostgresLine {
  readonly #wire: EventEmitter
  readonly #clock: Clock
  #answers = 0
  #open: boolean | undefined
  #ended = false

  constructor(wire: EventEmitter, clock: Clock) {
    this.#wire = wire
    this.#clock = clock
    wire.on('readyForQuery', (message: { readonly status?: unknown }) => {
      this.#answers += 1
      this.#open = typeof message.status === 'string' ? message.status !== 'I' : undefined
    })
    wire.on('end', () => {
      this.#ended = true
    })
  }

  probe(): StatusProbe {
    const before = this.#answers
    return {
      // pg rejects on the error, which comes before the status.
      after: () => {
        if (this.#answers > before) return this.#open
        // Nothing more comes from a line that has ended; a statement on it is refused without having been sent.
        return this.#ended ? undefined : this.#nextAnswer()
      },
    }
  }

  #nextAnswer(): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        this.#wire.off('readyForQuery', heard)
        this.#wire.off('end', lost)
      }
      const heard = (): void => {
        done()
        resolve(this.#open)
      }
      const lost = (): void => {
        done()
        resolve(undefined)
      }
      const cancel = this.#clock.after(readyWithinMs, lost)
      this.#wire.on('readyForQuery', heard)
      this.#wire.on('end', lost)
    })
  }
}

const inTransactionFlag = 1

/** mysql2: `[header, fields]`, or a list of headers and rows for several results. Rows carry no status. */
function mysqlStatus(response: unknown): boolean | undefined {
  const [first] = Array.isArray(response) ? (response as unknown[]) : []
  const results: unknown[] = Array.isArray(first) ? first : [first]
  const last = results.at(-1)
  if (typeof last !== 'object' || last === null || !('serverStatus' in last)) return undefined
  const { serverStatus } = last
  return typeof serverStatus === 'number' ? (serverStatus & inTransactionFlag) !== 0 : undefined
}

function isEmitter(value: unknown): value is EventEmitter {
  return typeof value === 'object' && value !== null && 'on' in value && 'off' in value
}
