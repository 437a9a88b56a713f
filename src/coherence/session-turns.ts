/**
 * The order of one connection's statements: one is judged and sent when the one before it is answered.
 *
 * What a statement may make visible depends on the transaction that it meets. Its caller may not have waited for the statements before it,
 * and one of those may open that transaction, end it, or be refused and take it along. A driver sends them in order anyway, one by one.
 */
export class SessionTurns {
  readonly #waiting: (() => void)[] = []
  #taken = false

  /** Whether a statement is under way: who comes now waits. */
  get isTaken(): boolean {
    return this.#taken
  }

  /** A statement is under way from now on. */
  take(): void {
    this.#taken = true
  }

  /** It is over: the next ones start, up to the first that takes its turn. */
  release(): void {
    this.#taken = false
    while (!this.isTaken) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      next()
    }
  }

  /** Starts after all who came before. `start` takes the turn, if what it starts is to be waited for. */
  wait<T>(start: () => Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      // Async, so that what is thrown rejects; it runs up to its first wait at once.
      const attempt = async (): Promise<T> => await start()
      this.#waiting.push(() => resolve(attempt()))
    })
  }
}
