import type { Stage, Step } from './stage.ts'
import type { Resource } from './trace.ts'

/** Messages in one direction: in order, each delivered in a step of its own, some time. */
export class Channel<T> {
  readonly #stage: Stage
  readonly #label: string
  readonly #deliver: (message: T) => void
  #queue: { readonly message: T; readonly resource: Resource }[] = []

  constructor(stage: Stage, label: string, deliver: (message: T) => void) {
    this.#stage = stage
    this.#label = label
    this.#deliver = deliver
  }

  get isEmpty(): boolean {
    const { trace } = this.#stage
    trace.looksAt(`${this.#label}, tail`)
    trace.looksAt(`${this.#label}, head`)
    return this.#queue.length === 0
  }

  send(message: T): void {
    const { trace } = this.#stage
    trace.changes(`${this.#label}, tail`)
    this.#queue.push({ message, resource: trace.made() })
  }

  /** What is on its way is lost. */
  drop(): void {
    const { trace } = this.#stage
    trace.changes(`${this.#label}, tail`)
    trace.changes(`${this.#label}, head`)
    this.#queue = []
  }

  steps(): Step[] {
    if (this.#queue.length === 0) return []
    return [
      {
        label: `${this.#label} arrives`,
        take: () => {
          const first = this.#queue.shift()
          if (first === undefined) return
          const { trace } = this.#stage
          trace.changes(`${this.#label}, head`)
          trace.looksAt(first.resource)
          this.#deliver(first.message)
        },
      },
    ]
  }
}
