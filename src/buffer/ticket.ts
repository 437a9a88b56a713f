import type { Deferred } from '../base/deferred.ts'
import { deferred } from '../base/deferred.ts'

/** What a caller waits for: that its writes are durable, and that each of them is applied or refused. */
export class Ticket {
  readonly #durable: Deferred<void> = deferred()
  readonly #applied: Deferred<void> = deferred()
  #open: number
  #refusal: unknown

  /** For this many writes. */
  constructor(writes: number) {
    this.#open = writes
    // Both may be left alone: a refusal must never become an unhandled rejection.
    this.#durable.promise.catch(() => undefined)
    this.#applied.promise.catch(() => undefined)
  }

  /** Resolves when the journal is synced; rejects when it failed. */
  get durable(): Promise<void> {
    return this.#durable.promise
  }

  /** Resolves when every write is applied; rejects when all are settled and one was refused. */
  get applied(): Promise<void> {
    return this.#applied.promise
  }

  synced(): void {
    this.#durable.resolve()
  }

  /** One of the writes is applied, or refused with an error. */
  settle(refusal?: Error): void {
    this.#refusal ??= refusal
    this.#open -= 1
    if (this.#open > 0) return
    if (this.#refusal === undefined) this.#applied.resolve()
    else this.#applied.reject(this.#refusal)
  }

  /** None of the writes will be settled here any more. */
  abandon(error: Error): void {
    this.#durable.reject(error)
    this.#applied.reject(error)
  }
}
