import { randomUUID } from 'node:crypto'
import type { Deferred } from '../../base/deferred.ts'
import { deferred } from '../../base/deferred.ts'
import { MillraceError } from '../../base/errors.ts'
import type { Bus, Message } from '../../contract/bus.ts'
import type { Codec } from '../../contract/codec.ts'
import type {
  AckLevel,
  BufferPort,
  BufferStats,
  DeadLetter,
  KeyInput,
  Submitted,
  WriteRequest,
} from '../../contract/buffer-port.ts'
import { pack, topics, unpack } from './buffer-messages.ts'
import type {
  AppliedNotice,
  CallMessage,
  CallName,
  SubmitAnswer,
  SubmitMessage,
} from './buffer-messages.ts'
import { reviveError } from './packed-error.ts'

/** What a {@link RemoteBuffer} is made of. */
export interface RemoteBufferOptions {
  readonly bus: Bus
  readonly codec: Codec
  /** Identifies this life of the worker. Default: a random UUID. */
  readonly incarnation?: string
}

/**
 * The buffer as a worker has it: every write goes to the process that owns the journal and resolves when that journal is
 * synced. The bus sends the writes of one event-loop turn as one message, in the order of the calls.
 *
 * What the owner accepted is safe whatever becomes of this worker. When the line to the owner is lost, writes without an
 * answer reject with `MILLRACE_STORE_LOST` (they may have been accepted), and so does every `applied` that was still awaited:
 * those writes are in the owner's journal and will be applied.
 */
export class RemoteBuffer implements BufferPort {
  readonly #bus: Bus
  readonly #codec: Codec
  readonly #incarnation: string
  readonly #applied = new Map<number, Deferred<undefined>>()
  /** Writes that were sent and have no answer yet, oldest first. */
  readonly #unanswered = new Set<number>()
  #lastSequence = 0
  #holding = false

  constructor(options: RemoteBufferOptions) {
    this.#bus = options.bus
    this.#codec = options.codec
    this.#incarnation = options.incarnation ?? randomUUID()
    this.#bus.onNotice(topics.applied, (payload) => {
      this.#settle(unpack(this.#codec, payload) as AppliedNotice)
    })
  }

  async submit(connection: string, request: WriteRequest, ack?: AckLevel): Promise<Submitted> {
    this.#hold()
    const sequence = this.#lastSequence + 1
    const answeredBelow = this.#unanswered.values().next().value ?? sequence
    const message: SubmitMessage = {
      incarnation: this.#incarnation,
      sequence,
      answeredBelow,
      connection,
      request,
      ack,
    }
    const payload = this.#pack(message)
    this.#lastSequence = sequence
    const applied = deferred<undefined>()
    // A refusal that nobody asks for is no unhandled rejection.
    applied.promise.catch(() => undefined)
    this.#applied.set(sequence, applied)
    this.#unanswered.add(sequence)
    try {
      const answer = await this.#bus.request(topics.submit, payload)
      const { ack: level, value } = unpack(this.#codec, answer) as SubmitAnswer
      return { ack: level, applied: applied.promise, value }
    } catch (error) {
      this.#applied.delete(sequence)
      throw error
    } finally {
      this.#unanswered.delete(sequence)
    }
  }

  get(connection: string, table: string, key: KeyInput, column: string): Promise<unknown> {
    return this.#call('get', [connection, table, key, column])
  }

  async flush(connection?: string, table?: string): Promise<void> {
    await this.#call('flush', [connection, table])
  }

  async stats(): Promise<BufferStats> {
    return (await this.#call('stats', [])) as BufferStats
  }

  async deadLetters(connection?: string): Promise<readonly DeadLetter[]> {
    return (await this.#call('deadLetters', [connection])) as readonly DeadLetter[]
  }

  async retryDeadLetter(id: string): Promise<void> {
    await this.#call('retryDeadLetter', [id])
  }

  async discardDeadLetter(id: string): Promise<void> {
    await this.#call('discardDeadLetter', [id])
  }

  async #call(method: CallName, args: readonly unknown[]): Promise<unknown> {
    const message: CallMessage = { method, args }
    return unpack(this.#codec, await this.#bus.request(topics.call, this.#pack(message)))
  }

  #settle({ incarnation, sequence, error }: AppliedNotice): void {
    if (incarnation !== this.#incarnation) return
    const applied = this.#applied.get(sequence)
    this.#applied.delete(sequence)
    if (error === undefined) applied?.resolve(undefined)
    else applied?.reject(reviveError(error))
  }

  /** A request without an answer, to learn when the line is lost. */
  #hold(): void {
    if (this.#holding) return
    this.#holding = true
    this.#bus.request(topics.hold, null).catch((error: unknown) => {
      this.#holding = false
      for (const applied of this.#applied.values()) applied.reject(error)
      this.#applied.clear()
    })
  }

  #pack(value: unknown): Message {
    try {
      return pack(this.#codec, value)
    } catch (cause) {
      throw new MillraceError(
        'MILLRACE_VALUE_INVALID',
        `A buffered write has a value that cannot be kept: ${cause instanceof Error ? cause.message : String(cause)}.`,
        {
          remedy: 'Give text, numbers, BigInt, booleans, dates, bytes, null or plain data.',
          cause,
        },
      )
    }
  }
}
