import { MillraceError } from '../base/errors.ts'
import type { Clock } from '../base/clock.ts'
import type { Codec } from '../contract/codec.ts'
import type { Journal } from '../contract/journal.ts'
import type { LaneName } from './ledger.ts'
import type { Operation, QueuedOperation } from './operation.ts'
import { bindingBytes } from './bind.ts'
import type { Ticket } from './ticket.ts'
import { decodeTurn, encodeTurn } from './turn.ts'

/** A pending write. */
export interface LaneEntry extends QueuedOperation {
  readonly acceptedAtMs: number
  /** Who waits for it; nobody for writes of an earlier life. */
  readonly ticket: Ticket | undefined
  readonly bytes: number
}

/** What a {@link Lane} is made of. */
export interface LaneOptions {
  readonly lane: string
  readonly journal: Journal
  readonly codec: Codec
  readonly clock: Clock
  /** The identity of the database that the writes are accepted for. */
  readonly identity: string
  /** Called when more writes are durable, and when some were given up because the journal failed. */
  readonly onDurable: () => void
  /** Called when the journal could not be written, once until it can again. */
  readonly onJournalFailed: (error: Error) => void
}

/**
 * The writes of one connection from accept to applied, in order, with contiguous sequence numbers.
 *
 * Writes of one turn of the event loop, and those that arrive while the journal is syncing, share one journal turn; one is under
 * way at a time, so that a failed one can leave no hole before a later one. Only what is durable is flushed: otherwise the
 * ledger could get ahead of the journal. When the journal fails, every write that is not durable is rejected, and its numbers
 * are given to the writes after it, which try the journal anew.
 */
export class Lane {
  readonly name: LaneName
  /** The last sequence number in the journal when it was opened. */
  readonly recoveredTo: number
  /** The position up to which the journal says that it was trimmed. */
  readonly checkpoint: number
  /** Identities of databases for which the writes found in the journal were accepted. */
  readonly recoveredIdentities: ReadonlySet<string>
  readonly #options: LaneOptions
  readonly #perTable = new Map<string, number>()
  #entries: LaneEntry[] = []
  #bytes = 0
  #last: number
  #durable: number
  #syncing = false
  #scheduled = false
  #failing = false

  /** Reads what an earlier life left in the journal. Throws `MILLRACE_JOURNAL_UNREADABLE` or `MILLRACE_JOURNAL_GAP`. */
  constructor(options: LaneOptions) {
    this.#options = options
    const { journal, lane, codec } = options
    this.name = { source: journal.source, lane }
    this.checkpoint = journal.checkpoint(lane)
    const identities = new Set<string>()
    let last = this.checkpoint
    for (const turn of journal.read(lane)) {
      const { identity, operations } = decodeTurn(codec, turn.bytes)
      identities.add(identity)
      if (turn.last - turn.first + 1 !== operations.length) throw holes(turn.last, turn.first)
      if (turn.first > last + 1) throw holes(last, turn.first)
      for (const [index, operation] of operations.entries()) {
        const seq = turn.first + index
        if (seq <= last) continue
        this.#push({
          seq,
          operation,
          acceptedAtMs: options.clock.now(),
          ticket: undefined,
          bytes: bytesOf(operation),
        })
        last = seq
      }
    }
    this.recoveredIdentities = identities
    this.recoveredTo = last
    this.#last = last
    this.#durable = last
  }

  /** The sequence number of the last write accepted. */
  get last(): number {
    return this.#last
  }

  get pending(): number {
    return this.#entries.length
  }

  /** Writes that are durable and not applied yet. */
  get flushable(): number {
    const first = this.#entries[0]
    return first === undefined ? 0 : Math.max(0, this.#durable - first.seq + 1)
  }

  /** The first pending sequence number, or the next one where nothing is pending. */
  get firstPending(): number {
    return this.#entries[0]?.seq ?? this.#last + 1
  }

  /** Up to where the journal is synced. */
  get durable(): number {
    return this.#durable
  }

  get oldestAgeMs(): number {
    const oldest = this.#entries[0]
    return oldest === undefined ? 0 : this.#options.clock.now() - oldest.acceptedAtMs
  }

  /** Approximate bytes of the pending writes. */
  get bytes(): number {
    return this.#bytes
  }

  pendingOf(table: string): number {
    return this.#perTable.get(table) ?? 0
  }

  /** All pending writes, oldest first. */
  get entries(): readonly LaneEntry[] {
    return this.#entries
  }

  /** The last pending sequence number of a table, or of all; 0 where there is none. */
  lastPendingOf(table: string | undefined): number {
    if (table === undefined) return this.#entries.at(-1)?.seq ?? 0
    return this.#entries.findLast(({ operation }) => operation.table === table)?.seq ?? 0
  }

  /** Accepts writes; `ticket` tells when they are durable, and when they are applied. */
  enqueue(operations: readonly Operation[], ticket: Ticket): void {
    const acceptedAtMs = this.#options.clock.now()
    // All of them or none: a write that cannot be measured must leave no hole in the numbers.
    const measured = operations.map((operation) => ({ operation, bytes: bytesOf(operation) }))
    for (const { operation, bytes } of measured) {
      this.#last += 1
      this.#push({ seq: this.#last, operation, acceptedAtMs, ticket, bytes })
    }
    if (this.#scheduled || this.#syncing) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      void this.#sync()
    })
  }

  /** Up to `count` durable writes, from the oldest on. */
  take(count: number): LaneEntry[] {
    return this.#entries.slice(0, Math.min(count, this.flushable))
  }

  /** Writes up to `position` are applied, but for the refused ones; the journal may forget them. */
  settle(position: number, refused: ReadonlyMap<number, Error>): number {
    let count = 0
    for (const entry of this.#entries) {
      if (entry.seq > position) break
      count += 1
      this.#bytes -= entry.bytes
      const { table } = entry.operation
      this.#perTable.set(table, (this.#perTable.get(table) ?? 0) - 1)
    }
    for (const entry of this.#entries.splice(0, count)) entry.ticket?.settle(refused.get(entry.seq))
    // The ledger knows the position: a trim that fails only leaves writes that the next start skips.
    this.#options.journal.trim(this.name.lane, position).catch(() => undefined)
    return count
  }

  /** Gives up everything that is pending, here: whoever waits is told why. The journal keeps what it has. */
  abandon(error: Error): void {
    for (const { ticket } of this.#entries) ticket?.abandon(error)
  }

  async #sync(): Promise<void> {
    this.#syncing = true
    try {
      while (this.#durable < this.#last) await this.#syncTurn()
    } finally {
      this.#syncing = false
    }
  }

  async #syncTurn(): Promise<void> {
    const { journal, codec, identity, onDurable } = this.#options
    const first = this.#durable + 1
    const last = this.#last
    const turn = this.#entries.slice(first - this.firstPending)
    try {
      const operations = turn.map(({ operation }) => operation)
      await journal.append(this.name.lane, {
        first,
        last,
        bytes: encodeTurn(codec, { identity, operations }),
      })
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#durable = last
    this.#failing = false
    for (const { ticket } of turn) ticket?.synced()
    onDurable()
  }

  #fail(cause: unknown): void {
    const error =
      cause instanceof MillraceError
        ? cause
        : new MillraceError(
            'MILLRACE_JOURNAL_UNWRITABLE',
            'The journal could not be written; the write was not kept.',
            {
              remedy: 'Look at the disk that holds the journal; later writes try it again.',
              cause,
            },
          )
    const lost = this.#entries.splice(this.#durable - this.firstPending + 1)
    for (const { ticket, operation, bytes } of lost) {
      this.#bytes -= bytes
      this.#perTable.set(operation.table, (this.#perTable.get(operation.table) ?? 0) - 1)
      ticket?.abandon(error)
    }
    this.#last = this.#durable
    if (!this.#failing) {
      this.#failing = true
      this.#options.onJournalFailed(error)
    }
    this.#options.onDurable()
  }

  #push(entry: LaneEntry): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes
    const { table } = entry.operation
    this.#perTable.set(table, (this.#perTable.get(table) ?? 0) + 1)
  }
}

/** Whether a write may be too large for a server's packet: 1 MB is the smallest in use. */
export function isLarge(operation: Operation): boolean {
  return bytesOf(operation) > 400_000
}

function bytesOf(operation: Operation): number {
  switch (operation.kind) {
    case 'insert':
      return 64 + bindingBytes(Object.values(operation.row))
    case 'update':
      return 64 + bindingBytes(Object.values(operation.set))
    case 'increment':
    case 'delete':
      return 96
    case 'retry':
      return 64 + bytesOf(operation.of)
  }
}

function holes(before: number, after: number): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_GAP',
    `The journal has a hole: after write ${String(before)} comes write ${String(after)}.`,
    { remedy: 'Restore the journal directory from its last good copy.' },
  )
}
