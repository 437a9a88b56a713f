import type { Clock } from '../../base/clock.ts'
import { MillraceError } from '../../base/errors.ts'
import type { Bus, Message } from '../../contract/bus.ts'
import { attempt } from './attempt.ts'

/** Requests over a line, none of which stays open for ever. */
export class Questions {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #open = new Set<(error: MillraceError) => void>()
  #closed: MillraceError | undefined

  constructor(bus: Bus, clock: Clock, timeoutMs: number) {
    this.#bus = bus
    this.#clock = clock
    this.#timeoutMs = timeoutMs
  }

  /**
   * Asks and awaits the answer. Rejects with `MILLRACE_STORE_LOST` if the line is lost or the time is over, and with `MILLRACE_CLOSED` after
   * `close`. `onLate` receives an answer that nobody waits for any more, because it may hold something to give back.
   */
  ask(topic: string, payload: Message, onLate?: (answer: Message) => void): Promise<Message> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed)
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#timeoutMs, () => giveUp(notInTime(this.#timeoutMs)))
      const giveUp = (error: Error): void => {
        cancel()
        this.#open.delete(giveUp)
        reject(error)
      }
      this.#open.add(giveUp)
      this.#bus.request(topic, payload).then(
        (answer) => {
          cancel()
          if (this.#open.delete(giveUp)) resolve(answer)
          else if (onLate !== undefined) attempt(() => onLate(answer))
        },
        (error: unknown) => giveUp(error instanceof Error ? error : new Error(String(error))),
      )
    })
  }

  /** Gives up every open question, and refuses new ones. */
  close(): void {
    this.#closed ??= new MillraceError('MILLRACE_CLOSED', 'The store of this worker is closed.')
    for (const giveUp of [...this.#open]) giveUp(this.#closed)
  }
}

function notInTime(timeoutMs: number): MillraceError {
  return new MillraceError(
    'MILLRACE_STORE_LOST',
    `The primary did not answer within ${timeoutMs} ms.`,
    { remedy: 'Look for what blocks the event loop of the primary.' },
  )
}
