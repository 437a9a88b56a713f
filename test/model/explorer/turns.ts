/** Immediates that are asked for at once: each still runs after all microtasks of the one before, and a batch needs one loop iteration. */
const batch = 64

/**
 * Waits until no promise can make progress by itself. Node runs every microtask that there is between two immediates, so what awaits
 * only promises has come to its end when the next immediate runs; nothing has to be counted.
 */
export class Turns {
  #waiting: (() => void) | undefined
  #queued = 0

  /** Resolves when all microtasks are done. One caller at a time. */
  quiet(): Promise<void> {
    if (this.#queued === 0) {
      for (let i = 0; i < batch; i++) setImmediate(this.#run)
      this.#queued = batch
    }
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  readonly #run = (): void => {
    this.#queued--
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }
}
