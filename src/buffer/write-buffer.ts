import type { Awaitable } from '../base/awaitable.ts'
import type { Clock } from '../base/clock.ts'
import { MillraceError } from '../base/errors.ts'
import type { Codec } from '../contract/codec.ts'
import type { EventSink } from '../contract/events.ts'
import type { Journal } from '../contract/journal.ts'
import type { Target } from '../contract/target.ts'
import { ConnectionBuffer } from './connection-buffer.ts'
import { unknownLetter } from './dead-letters.ts'
import type {
  AckLevel,
  BufferPort,
  BufferStats,
  DeadLetter,
  KeyInput,
  Submitted,
  WriteRequest,
} from '../contract/buffer-port.ts'
import type { BufferSettings } from './settings.ts'
import { summarize } from './stats.ts'

/** What a {@link WriteBuffer} is made of. */
export interface WriteBufferOptions {
  /** The databases, by connection name. */
  readonly targets: ReadonlyMap<string, Target>
  /** Opens the journal; called at most once at a time, with the first write or for what is left of an earlier life. */
  readonly openJournal: () => Promise<Journal>
  /** Whether there is a journal to recover from. */
  readonly journalExists: () => Awaitable<boolean>
  readonly codec: Codec
  readonly clock: Clock
  readonly settings: BufferSettings
  readonly onEvent: EventSink
  /** Source of the jitter between retries. Default: `Math.random`. */
  readonly random?: () => number
}

/** How long opening waits for a database to say whether the journal is its own. */
const longestLookMs = 5000

/**
 * The write-behind buffer of one process, for all its connections. Until its first write it makes neither files nor
 * tables.
 */
export class WriteBuffer implements BufferPort {
  readonly #options: WriteBufferOptions
  readonly #connections: ReadonlyMap<string, ConnectionBuffer>
  #journal: Journal | undefined
  #opening: Promise<Journal> | undefined
  #closing: Promise<void> | undefined
  #refusing = false

  constructor(options: WriteBufferOptions) {
    this.#options = options
    const { codec, clock, settings, random } = options
    const onEvent: EventSink = (event) => {
      try {
        options.onEvent(event)
      } catch {
        // A listener's fault must not stop a flush.
      }
    }
    this.#connections = new Map(
      [...options.targets].map(([name, target]) => [
        name,
        new ConnectionBuffer({
          target,
          journal: () => this.#openedJournal(),
          codec,
          clock,
          settings,
          onEvent,
          ...(random === undefined ? {} : { random }),
        }),
      ]),
    )
  }

  /**
   * Takes up what an earlier life left in the journal, and applies it in the background. Rejects with the journal's own codes,
   * and with `MILLRACE_JOURNAL_FOREIGN` for one that belongs to another database; a database that is away does not reject, and a
   * gap halts that connection and reaches the event sink. Writes of connections that are no longer opened stay where they are.
   */
  async open(): Promise<void> {
    if (!(await this.#options.journalExists())) return
    const journal = await this.#openedJournal()
    for (const lane of journal.lanes()) {
      const connection = this.#connections.get(lane)
      if (connection === undefined) continue
      await connection.recover()
      const claimed = connection.claim().catch((error: unknown) => {
        if (error instanceof MillraceError && error.code === 'MILLRACE_JOURNAL_FOREIGN') throw error
      })
      await this.#within(longestLookMs, claimed)
    }
  }

  async submit(connection: string, request: WriteRequest, ack?: AckLevel): Promise<Submitted> {
    this.#refuseClosed()
    return this.#connection(connection).submit(request, ack)
  }

  async get(connection: string, table: string, key: KeyInput, column: string): Promise<unknown> {
    return this.#connection(connection).get(table, key, column)
  }

  async flush(connection?: string, table?: string): Promise<void> {
    const chosen =
      connection === undefined ? [...this.#connections.values()] : [this.#connection(connection)]
    const outcomes = await Promise.allSettled(chosen.map((one) => one.flush(table)))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  stats(): Promise<BufferStats> {
    return Promise.resolve(
      summarize(new Map([...this.#connections].map(([name, one]) => [name, one.reading()]))),
    )
  }

  async deadLetters(connection?: string): Promise<readonly DeadLetter[]> {
    const chosen =
      connection === undefined ? [...this.#connections.values()] : [this.#connection(connection)]
    return (await Promise.all(chosen.map((one) => one.listLetters()))).flat()
  }

  async retryDeadLetter(id: string): Promise<void> {
    this.#refuseClosed()
    for (const one of this.#connections.values()) if (await one.retryLetter(id)) return
    throw unknownLetter(id)
  }

  async discardDeadLetter(id: string): Promise<void> {
    for (const one of this.#connections.values()) if (await one.discardLetter(id)) return
    throw unknownLetter(id)
  }

  /**
   * Accepts no more writes and applies what is pending; resolves with whether that was done within the time. What is not
   * waits in the journal for the next start, and is reported.
   */
  async drain(timeoutMs: number = this.#options.settings.drainTimeoutMs): Promise<boolean> {
    this.#refusing = true
    for (const one of this.#connections.values()) one.refuse()
    const drained = Promise.all([...this.#connections.values()].map((one) => one.drained()))
    const done = await this.#within(timeoutMs, drained)
    if (done) return true
    for (const [connection, one] of this.#connections) {
      const { pending } = one.reading()
      if (pending > 0) this.#options.onEvent({ type: 'drain-timeout', connection, pending })
    }
    return false
  }

  /** Drains within `drainTimeoutMs`, then closes the journal. Safe to call again. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.drain()
    const stopping = Promise.all([...this.#connections.values()].map((one) => one.stop()))
    // A database that never answers must not keep the process from closing.
    await this.#within(1000, stopping)
    for (const one of this.#connections.values()) one.abandon()
    const journal = this.#journal ?? (await this.#opening?.catch(() => undefined))
    await journal?.close()
  }

  async #within(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
    let cancel: (() => void) | undefined
    const late = new Promise<false>((resolve) => {
      cancel = this.#options.clock.after(timeoutMs, () => {
        resolve(false)
      })
    })
    try {
      return await Promise.race([work.then(() => true), late])
    } finally {
      cancel?.()
    }
  }

  #connection(name: string): ConnectionBuffer {
    const connection = this.#connections.get(name)
    if (connection !== undefined) return connection
    throw new MillraceError(
      'MILLRACE_CONNECTION_UNKNOWN',
      `There is no connection ${JSON.stringify(name)}.`,
      {
        remedy: `There are ${[...this.#connections.keys()].map((known) => `"${known}"`).join(', ')}.`,
      },
    )
  }

  #openedJournal(): Promise<Journal> {
    if (this.#journal !== undefined) return Promise.resolve(this.#journal)
    this.#opening ??= this.#options
      .openJournal()
      .then((journal) => (this.#journal = journal))
      .finally(() => {
        this.#opening = undefined
      })
    return this.#opening
  }

  #refuseClosed(): void {
    if (!this.#refusing) return
    throw new MillraceError('MILLRACE_CLOSED', 'The buffer is closed and accepts no more writes.', {
      remedy: 'Open Millrace again.',
    })
  }
}
