import type { Seeded } from '../support/seed.ts'

/** Runs many actors one step at a time, in an order that the seed decides. */
export class Scheduler {
  readonly #random: Seeded
  readonly #ready: (() => void)[] = []
  readonly #mail: (() => void)[] = []

  constructor(random: Seeded) {
    this.#random = random
  }

  /** Lets any other actor go first. */
  step(): Promise<void> {
    return new Promise((resolve) => this.#ready.push(resolve))
  }

  /** Messages keep their order, but arrive at any time. */
  readonly carry = (deliver: () => void): void => {
    this.#mail.push(deliver)
  }

  async run(actors: readonly Promise<void>[]): Promise<void> {
    let done = false
    let failure: Error | undefined
    Promise.all(actors).then(
      () => (done = true),
      (error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error))
        done = true
      },
    )
    for (let idle = 0; !done;) {
      const choices = this.#ready.length + (this.#mail.length > 0 ? 1 : 0)
      if (choices === 0 && ++idle > 3) throw new Error('every actor waits: a hang')
      if (choices > 0) {
        idle = 0
        const choice = this.#random.int(choices)
        if (choice === this.#ready.length) this.#mail.shift()?.()
        else this.#ready.splice(choice, 1)[0]?.()
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (failure !== undefined) throw failure
  }
}
