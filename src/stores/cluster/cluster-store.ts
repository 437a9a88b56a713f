import type { Clock } from '../../base/clock.ts'
import type { Mark, MarkRequest, Slot, VersionAuthority } from '../../contract/authority.ts'
import type { Bus, Message } from '../../contract/bus.ts'
import type { Codec } from '../../contract/codec.ts'
import type {
  ClearSelection,
  Fill,
  Hit,
  Lookup,
  LookupRequest,
  Store,
  StoreStats,
  Ticket,
} from '../../contract/store.ts'
import { Questions } from './questions.ts'
import { toText } from './serve-store.ts'
import { list, number, text } from './message-fields.ts'
import * as messages from './store-messages.ts'

const { topics } = messages

/** What {@link openClusterStore} needs. */
export interface ClusterStoreOptions {
  readonly bus: Bus
  readonly codec: Codec
  readonly clock: Clock
  /**
   * How long the primary may take to answer before a read goes to the database and a write is refused; 15,000 ms unless given. Longer than the
   * primary lets a reader wait for another one's query.
   */
  readonly answerTimeoutMs?: number
}

const lost: Lookup = { kind: 'bypass', reason: 'store-lost' }

/**
 * The primary's authority, seen from a worker.
 *
 * `settle` only queues a notice, and the writer's promise may resolve before it arrives. Nobody can see stale data meanwhile:
 *
 * - The mark stands in the primary until the notice arrives, and every hit of every worker is validated there. A lookup that arrives
 *   before the notice finds the slots pending and goes to the database, where the write is committed. One that arrives after it
 *   finds them touched.
 * - This worker's own next lookup is behind the notice on the same line, which keeps its order.
 * - If the line breaks before the notice leaves, the mark stands until this process has exited and is then settled by a touch.
 */
class ClusterAuthority implements VersionAuthority {
  readonly slotCount: number
  readonly isLocal = false
  readonly #bus: Bus
  readonly #questions: Questions

  constructor(bus: Bus, questions: Questions, slotCount: number) {
    this.#bus = bus
    this.#questions = questions
    this.slotCount = slotCount
  }

  async mark(request: MarkRequest): Promise<Mark> {
    // An answer after the time limit: the write was refused and not sent, so its mark may be lifted without a touch.
    const lift = (late: Message): void => this.settle(messages.readMark(late), [])
    return messages.readMark(
      await this.#questions.ask(topics.mark, messages.packMarkRequest(request), lift),
    )
  }

  settle(mark: Mark, touched: readonly Slot[]): void {
    this.#bus.notify(topics.settle, messages.packSettle(mark, touched))
  }

  settleLater(mark: Mark): void {
    this.#bus.notify(topics.settleLater, messages.packMark(mark))
  }

  async lastTouch(slot: Slot): Promise<number> {
    return number(await this.#questions.ask(topics.lastTouch, slot))
  }

  async bump(slots: readonly Slot[]): Promise<void> {
    await this.#questions.ask(topics.bump, slots)
  }
}

/**
 * A worker's view of its primary's store: one round trip for each lookup, shared with everything else of the same event-loop turn.
 *
 * While the line is lost, or the primary does not answer in time, reads bypass with `store-lost` and fills are refused, so no read fails and
 * none hangs. Marks, bumps and clears reject with `MILLRACE_STORE_LOST`: a write that cannot be announced must not commit.
 */
export class ClusterStore implements Store {
  readonly kind = 'cluster'
  readonly authority: VersionAuthority
  readonly #bus: Bus
  readonly #codec: Codec
  readonly #questions: Questions
  /** The primary's; a primary with another one is another primary, on another line. */
  readonly #epoch: string

  constructor(bus: Bus, codec: Codec, questions: Questions, slotCount: number, epoch: string) {
    this.#bus = bus
    this.#codec = codec
    this.#questions = questions
    this.#epoch = epoch
    this.authority = new ClusterAuthority(bus, questions, slotCount)
  }

  /** The primary knows, and is asked. */
  glance(): Hit | undefined {
    return undefined
  }

  async lookup(request: LookupRequest): Promise<Lookup> {
    try {
      const packed = messages.packLookup(request)
      const answer = messages.readAnswer(
        await this.#questions.ask(topics.lookup, packed, (late) => this.#giveBack(late)),
      )
      if (answer.kind !== 'hit') return answer
      const value = Buffer.from(answer.text, 'base64')
      return { kind: 'hit', value, stamp: answer.stamp, epoch: this.#epoch }
    } catch {
      return lost
    }
  }

  async fill(ticket: Ticket, fill: Fill): Promise<boolean> {
    const { value, ...rest } = fill
    let text: string
    try {
      text = toText(value, this.#codec)
    } catch {
      this.abandon(ticket) // a value without type-true bytes cannot be shared
      return false
    }
    try {
      return (
        (await this.#questions.ask(topics.fill, messages.packFill(ticket, { ...rest, text }))) ===
        true
      )
    } catch {
      this.abandon(ticket) // if it never arrived, nobody should wait for it
      return false
    }
  }

  abandon(ticket: Ticket): void {
    this.#bus.notify(topics.abandon, messages.packTicket(ticket))
  }

  async clear(selection: ClearSelection): Promise<void> {
    await this.#questions.ask(topics.clear, messages.packClear(selection))
  }

  async stats(): Promise<StoreStats> {
    return messages.readStats(await this.#questions.ask(topics.stats, null))
  }

  /** Reads bypass from now on, those under way too. The line belongs to whoever opened it. */
  close(): Promise<void> {
    this.#questions.close()
    return Promise.resolve()
  }

  /** A ticket that came after its reader had gone on: nobody will fill it. */
  #giveBack(late: Message): void {
    const answer = messages.readAnswer(late)
    if (answer.kind === 'miss') this.abandon(answer.ticket)
  }
}

/** Opens the primary's store for this worker. Rejects with `MILLRACE_STORE_LOST` if the line is lost meanwhile. */
export async function openClusterStore(options: ClusterStoreOptions): Promise<ClusterStore> {
  const { bus, codec, clock } = options
  const questions = new Questions(bus, clock, options.answerTimeoutMs ?? 15_000)
  const [slotCount, epoch] = list(await questions.ask(topics.open, null))
  return new ClusterStore(bus, codec, questions, number(slotCount), text(epoch))
}
