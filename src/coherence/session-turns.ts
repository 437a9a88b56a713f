/** A statement that waits for its turn. */
interface Waiting {
  readonly start: () => void
  next: Waiting | undefined
}

/**
 * The order of one connection's statements: one is judged and sent when the one before it is answered.
 *
 * What a statement may make visible depends on the transaction that it meets. Its caller may not have waited for the statements before it,
 * and one of those may open that transaction, end it, or be refused and take it along. A driver sends them in order anyway, one by one.
 *
 * A statement that is sent from within another one (by a client that was extended) does not wait for it, and takes the turn with it: the
 * turn is free when all that took it have released it.
 */
export class SessionTurns {
  #first: Waiting | undefined
  #last: Waiting | undefined
  #holders = 0
  #isStarting = false

  /** Whether a statement is under way: who comes now waits. */
  get isTaken(): boolean {
    return this.#holders > 0
  }

  /** A statement is under way from now on. */
  take(): void {
    this.#holders += 1
  }

  /** It is over: the next ones start, up to the first that takes its turn. */
  release(): void {
    this.#holders -= 1
    if (this.#first !== undefined) this.#startWaiting()
  }

  /** Starts after all who came before. `start` takes the turn, if what it starts is to be waited for. */
  wait<T>(start: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      // Async, so that what is thrown rejects; it runs up to its first wait at once.
      const attempt = async (): Promise<T> => await start()
      this.#add({ start: () => resolve(attempt()), next: undefined })
    })
  }

  #add(waiting: Waiting): void {
    if (this.#last === undefined) this.#first = waiting
    else this.#last.next = waiting
    this.#last = waiting
  }

  /** Whoever starts may be over at once, and release: one loop serves them all, however many they are. */
  #startWaiting(): void {
    if (this.#isStarting) return
    this.#isStarting = true
    while (this.#first !== undefined && !this.isTaken) {
      const { start, next } = this.#first
      this.#first = next
      if (next === undefined) this.#last = undefined
      start()
    }
    this.#isStarting = false
  }
}
