import type { Awaitable } from '../base/awaitable.ts'

/**
 * Lets callers in one after another, in the order in which they came. A caller that need not wait passes within its own call.
 */
export class Turnstile {
  #last: Promise<unknown> | undefined

  /** Runs `step` once everyone before is through. */
  enter<T>(step: () => Awaitable<T>): Promise<T> {
    if (this.#last !== undefined) return this.#hold(this.#last.then(step))
    try {
      const result = step()
      return result instanceof Promise ? this.#hold(result) : Promise.resolve(result)
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Nobody passes before this is settled; those behind do not care how. */
  #hold<T>(result: Promise<T>): Promise<T> {
    const settled: Promise<void> = result.then(ignore, ignore).then(() => {
      if (this.#last === settled) this.#last = undefined
    })
    this.#last = settled
    return result
  }
}

function ignore(): void {
  // The caller has the outcome; those behind only wait for it.
}
