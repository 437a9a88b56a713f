import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../base/clock.ts'
import type { Deferred } from '../base/deferred.ts'
import { deferred } from '../base/deferred.ts'
import { MillraceError } from '../base/errors.ts'
import type { TableDescription } from '../contract/catalog.ts'
import type { Codec } from '../contract/codec.ts'
import type { EventSink } from '../contract/events.ts'
import type { Journal } from '../contract/journal.ts'
import type { Target } from '../contract/target.ts'
import {
  bufferFull,
  oversized,
  unapplied,
  unlessUnknownColumn,
  valueUnread,
} from './buffer-errors.ts'
import { acceptRequest, knownColumn, namedKey } from './accept.ts'
import { DeadLetterBox, unknownLetter } from './dead-letters.ts'
import { Flusher } from './flusher.ts'
import { isLarge, Lane } from './lane.ts'
import type { Operation, RowKey } from './operation.ts'
import type {
  AckLevel,
  DeadLetter,
  KeyInput,
  Submitted,
  WriteRequest,
} from '../contract/buffer-port.ts'
import { readPending } from './read-pending.ts'
import { readRow } from './read-row.ts'
import { resolveKey } from './row-key.ts'
import type { BufferSettings } from './settings.ts'
import { spell } from './spell.ts'
import type { LaneReading } from './stats.ts'
import { LaneCounters } from './stats.ts'
import { encodeOperation } from './turn.ts'
import { Ticket } from './ticket.ts'
import { Turnstile } from './turnstile.ts'

/** What a {@link ConnectionBuffer} is made of. */
export interface ConnectionBufferOptions {
  readonly target: Target
  /** Opens the journal, once for all connections. */
  readonly journal: () => Promise<Journal>
  readonly codec: Codec
  readonly clock: Clock
  readonly settings: BufferSettings
  readonly onEvent: EventSink
  readonly random?: () => number
}

/** What a statement has beside its values, generously. */
const roomForText = 8192

type Judge = (table: TableDescription) => readonly Operation[]

interface Queued {
  readonly ticket: Ticket
  readonly table: TableDescription
}

interface Works {
  readonly lane: Lane
  readonly flusher: Flusher
}

/**
 * The buffer of one connection: judges writes and queues them in the order of the calls, and answers what is pending. Its lane
 * and flusher come to life with the first write, or when the journal holds writes of an earlier life.
 */
export class ConnectionBuffer {
  readonly #options: ConnectionBufferOptions
  readonly #turnstile = new Turnstile()
  readonly #counters = new LaneCounters()
  readonly #letters: DeadLetterBox
  #works: Works | undefined
  #opening: Promise<Works> | undefined
  #room: Deferred<void> | undefined
  /** Resolved while a write waits for room. */
  #crowded: Deferred<void> = deferred()
  #refreshing: Promise<void> | undefined
  #closed = false
  #stopped = false

  constructor(options: ConnectionBufferOptions) {
    this.#options = options
    this.#letters = new DeadLetterBox(options.target, options.codec)
  }

  /** Wakes the buffer for what the journal holds, without waiting for the database. */
  async recover(): Promise<void> {
    const { flusher } = await this.#awake()
    flusher.urge()
  }

  /** Resolves when journal and database were found to fit; rejects when they do not, or the database is away. */
  async claim(): Promise<void> {
    const { flusher } = await this.#awake()
    await flusher.claim()
  }

  async submit(
    request: WriteRequest,
    ack: AckLevel = this.#options.settings.ack,
  ): Promise<Submitted> {
    const { dialect } = this.#options.target
    const { ticket, table } = await this.#queue(request.table, (description) =>
      acceptRequest(request, description, dialect),
    )
    const level: AckLevel = ack === 'memory' ? 'memory' : 'disk'
    if (request.kind !== 'increment' || !request.returning) {
      if (level === 'disk') await ticket.durable
      return { ack: level, applied: ticket.applied }
    }
    const key = resolveKey(table, namedKey(table, request.key, dialect))
    const column = knownColumn(table, request.column, dialect)
    const value = this.#read(table, key, column).catch((cause: unknown) => {
      throw valueUnread(table.name, column, cause)
    })
    // The write counts once it is durable, even if the value cannot be read then.
    value.catch(() => undefined)
    if (level === 'disk') await ticket.durable
    return { ack: level, applied: ticket.applied, value: await value }
  }

  async get(tableName: string, keyInput: KeyInput, columnName: string): Promise<unknown> {
    const { dialect } = this.#options.target
    // Behind the writes that were called before this; not behind one that waits for room, which is not accepted yet.
    await Promise.race([this.#turnstile.enter(() => undefined), this.#crowded.promise])
    const find = (
      table: TableDescription,
    ): { table: TableDescription; key: RowKey; column: string } => ({
      table,
      key: resolveKey(table, namedKey(table, keyInput, dialect)),
      column: knownColumn(table, columnName, dialect),
    })
    const { table, key, column } = await this.#judged(tableName, find)
    return this.#read(table, key, column)
  }

  /** See `BufferPort.flush`. Writes that still wait for room or for the journal count as accepted. */
  async flush(tableName?: string): Promise<void> {
    const passed = this.#turnstile.enter(() => true)
    // Writes that wait for room come in as others are applied; where nothing can be, the caller must hear of it.
    while ((await Promise.race([passed, this.#crowded.promise])) !== true) {
      await this.#works?.flusher.flush(this.#works.lane.last)
      await nextTurn()
    }
    if (this.#works === undefined) return
    const { lane, flusher } = this.#works
    const name =
      tableName === undefined ? undefined : (this.#describe(tableName)?.name ?? tableName)
    const position = lane.lastPendingOf(name)
    if (position > 0) await flusher.flush(position)
  }

  /** Resolves when nothing is pending any more, however often a flush fails; or when no flush can help. */
  async drained(): Promise<void> {
    await this.#turnstile.enter(() => undefined)
    if (this.#works === undefined) return
    const { lane, flusher } = this.#works
    while (lane.pending > 0 && flusher.halted === undefined && !this.#stopped) {
      await flusher.flush(lane.last).catch(() => undefined)
    }
  }

  reading(): LaneReading {
    const { lane, flusher } = this.#works ?? {}
    return {
      state: flusher?.state ?? 'unassigned',
      pending: lane?.pending ?? 0,
      oldestAgeMs: lane?.oldestAgeMs ?? 0,
      counters: this.#counters,
    }
  }

  listLetters(): Promise<readonly DeadLetter[]> {
    return this.#letters.list()
  }

  /** `false` if the letter is not in this database. */
  async retryLetter(id: string): Promise<boolean> {
    const kept = await this.#letters.find(id)
    if (kept === undefined) return false
    const { operation } = kept
    const { ticket } = await this.#queue(operation.table, (table) => {
      if (table.name !== operation.table) throw unknownLetter(id)
      return [{ kind: 'retry', table: operation.table, letter: id, of: operation }]
    })
    await ticket.durable
    await this.flush()
    await ticket.applied
    return true
  }

  discardLetter(id: string): Promise<boolean> {
    return this.#letters.discard(id)
  }

  /** Accepts nothing more; what was accepted is still applied. */
  refuse(): void {
    this.#closed = true
    this.#makeRoom()
  }

  /** Flushes no more. */
  async stop(): Promise<void> {
    this.refuse()
    this.#stopped = true
    await this.#works?.flusher.stop()
  }

  /** Tells those who still wait that nothing more is applied here; cuts what the database does not answer. */
  abandon(): void {
    this.#options.target.cut?.()
    this.#works?.lane.abandon(unapplied())
  }

  /** Judges and queues in the order of the calls, each call as a whole; within the call where nothing must be awaited. */
  #queue(tableName: string, judge: Judge): Promise<Queued> {
    return this.#turnstile.enter(() => {
      this.#refuseClosed()
      const table = this.#describe(tableName)
      if (table === undefined || this.#works === undefined)
        return this.#queueSlowly(tableName, judge)
      const operations = unlessUnknownColumn(() => judge(table))
      if (operations === undefined) return this.#queueSlowly(tableName, judge)
      if (
        this.#isFull(this.#works.lane, table.name, operations.length) ||
        operations.some(isLarge)
      ) {
        return this.#queueSlowly(tableName, judge)
      }
      return this.#enqueue(this.#works, table, operations)
    })
  }

  async #queueSlowly(tableName: string, judge: Judge): Promise<Queued> {
    const { table, operations } = await this.#judged(tableName, (description) => ({
      table: description,
      operations: judge(description),
    }))
    await this.#refuseOversized(table.name, operations)
    const works = await this.#awake()
    await this.#waitForRoom(works, table.name, operations.length)
    this.#refuseClosed()
    return this.#enqueue(works, table, operations)
  }

  #enqueue(
    { lane, flusher }: Works,
    table: TableDescription,
    operations: readonly Operation[],
  ): Queued {
    if (flusher.halted !== undefined) throw flusher.halted
    const ticket = new Ticket(operations.length)
    lane.enqueue(operations, ticket)
    return { ticket, table }
  }

  /** A list longer than the bound gets through alone: it could never fit otherwise. */
  #isFull(lane: Lane, table: string, count: number): boolean {
    const pending = lane.pendingOf(table)
    return pending > 0 && pending + count > this.#options.settings.maxPending
  }

  async #waitForRoom({ lane, flusher }: Works, table: string, count: number): Promise<void> {
    const { maxPending, overflow } = this.#options.settings
    while (this.#isFull(lane, table, count)) {
      if (flusher.halted !== undefined) throw flusher.halted
      this.#refuseClosed()
      if (overflow === 'reject') throw bufferFull(table, maxPending)
      flusher.urge()
      this.#room ??= deferred()
      this.#crowded.resolve()
      await this.#room.promise
      this.#crowded = deferred()
    }
  }

  async #read(table: TableDescription, key: RowKey, column: string): Promise<unknown> {
    const { target } = this.#options
    const works = this.#works
    if (works === undefined) return (await readRow(target, table, key))?.[column]
    const { lane, flusher } = works
    return readPending({ target, lane, flusher, table, key, column })
  }

  /** Judges by the catalog, and once more by a new one when it knows no such table or column: somebody else may have added it. */
  async #judged<T>(name: string, judge: (table: TableDescription) => T): Promise<T> {
    const table = this.#describe(name)
    if (table === undefined) return judge(await this.#describeAnew(name))
    return unlessUnknownColumn(() => judge(table)) ?? judge(await this.#describeAnew(name))
  }

  /** A server that is sent too much hangs up, which looks like any lost connection: such a write would be tried for ever. */
  async #refuseOversized(table: string, operations: readonly Operation[]): Promise<void> {
    const { target, codec } = this.#options
    for (const operation of operations) {
      if (operation.kind === 'retry' || !isLarge(operation)) continue
      const packet = await target.largestPacket?.()
      if (packet === undefined) return
      const { length } = encodeOperation(codec, operation)
      if (length > packet / 2 - roomForText)
        throw oversized(table, length, packet / 2 - roomForText)
    }
  }

  #describe(name: string): TableDescription | undefined {
    return typeof name === 'string' ? this.#options.target.table(name) : undefined
  }

  /** The table may be newer than the catalog: reads it again, once for all who miss it at the same time. */
  async #describeAnew(name: string): Promise<TableDescription> {
    this.#refreshing ??= this.#options.target.refreshCatalog().finally(() => {
      this.#refreshing = undefined
    })
    try {
      await this.#refreshing
    } catch (cause) {
      throw new MillraceError(
        'MILLRACE_DATABASE_UNREACHABLE',
        `Table ${spell(name)} is not known, and the database cannot be asked.`,
        { remedy: 'Try again when the database is back.', cause },
      )
    }
    const table = this.#describe(name)
    if (table !== undefined) return table
    throw new MillraceError(
      'MILLRACE_TABLE_UNKNOWN',
      `Connection "${this.#options.target.connection}" has no table ${spell(name)}.`,
      { remedy: 'Create it first, or check the spelling.' },
    )
  }

  #awake(): Promise<Works> {
    if (this.#works !== undefined) return Promise.resolve(this.#works)
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #open(): Promise<Works> {
    const { target, codec, clock, settings, onEvent, random } = this.#options
    const journal = await this.#options.journal()
    const lane: Lane = new Lane({
      lane: target.connection,
      journal,
      codec,
      clock,
      identity: target.identity,
      onDurable: () => {
        flusher.kick()
        this.#makeRoom()
      },
      onJournalFailed: (error) => {
        this.#makeRoom()
        onEvent({ type: 'journal-failed', error })
      },
    })
    const flusher: Flusher = new Flusher({
      lane,
      target,
      codec,
      clock,
      counters: this.#counters,
      onEvent,
      flushIntervalMs: settings.flushIntervalMs,
      maxBatch: settings.maxBatch,
      onProgress: () => {
        this.#makeRoom()
      },
      ...(random === undefined ? {} : { random }),
    })
    this.#works = { lane, flusher }
    return this.#works
  }

  #makeRoom(): void {
    this.#room?.resolve()
    this.#room = undefined
  }

  #refuseClosed(): void {
    if (!this.#closed) return
    throw new MillraceError('MILLRACE_CLOSED', 'The buffer is closed and accepts no more writes.', {
      remedy: 'Open Millrace again.',
    })
  }
}
