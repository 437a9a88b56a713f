import type { Deferred } from '../base/deferred.ts'
import { deferred } from '../base/deferred.ts'

interface Waiter {
  position: number
  readonly done: Deferred<void>
  failures: number
}

/** Those who asked for a flush and wait until everything up to a position is applied. */
export class FlushWaiters {
  #waiters: Waiter[] = []

  get size(): number {
    return this.#waiters.length
  }

  wait(position: number): Promise<void> {
    const waiter: Waiter = { position, done: deferred(), failures: 0 }
    this.#waiters.push(waiter)
    return waiter.done.promise
  }

  /** Numbers above `last` were given up: nobody waits for more than what is left. */
  clip(last: number): void {
    for (const waiter of this.#waiters) waiter.position = Math.min(waiter.position, last)
  }

  /** Nothing before `firstPending` is pending any more. */
  reached(firstPending: number): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.position >= firstPending) return true
      waiter.done.resolve()
      return false
    })
  }

  /** A flush failed: those who have seen `patience` failures are told. */
  failed(error: Error, patience: number): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      waiter.failures += 1
      if (waiter.failures < patience) return true
      waiter.done.reject(error)
      return false
    })
  }
}
