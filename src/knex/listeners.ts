import type { EventEmitter } from 'node:events'
import type { BuilderShape, ClientShape } from './client-shape.ts'

type EventName = 'start' | 'query-response'

/** What is used of a Knex instance: it passes its client's events on by listeners of its own. */
interface PassingOn extends Pick<EventEmitter, 'listenerCount' | 'listeners' | 'on' | 'off'> {
  readonly _internalListeners?: readonly {
    readonly eventName: string
    readonly listener: (...args: never[]) => void
  }[]
}

/**
 * Whether anybody listens to the runs of one Knex instance's builders: if not, a hit need not make what they would be told. Counts again
 * only when a listener came or went, which emitters tell (`newListener` and `removeListener`).
 */
export class Listeners {
  readonly #knex: PassingOn
  readonly #client: ClientShape
  readonly #changed: () => void
  #isHeard: boolean | undefined

  constructor(knex: PassingOn, client: ClientShape) {
    this.#knex = knex
    this.#client = client
    this.#changed = () => {
      this.#isHeard = undefined
    }
    this.#follow()
  }

  /** Whether a run of the builder would be heard of: at its start, when the builder may be changed, or at its end. */
  hear(builder: BuilderShape): boolean {
    // A clone of the instance has a client, and listeners, of its own.
    if (builder.client !== this.#client) return true
    this.#isHeard ??= this.#count()
    return this.#isHeard || hasListeners(builder)
  }

  close(): void {
    for (const emitter of [this.#knex, this.#client]) {
      emitter.off('newListener', this.#changed)
      emitter.off('removeListener', this.#changed)
    }
  }

  #count(): boolean {
    // Whoever removes all listeners removes these too.
    this.#follow()
    return this.#hears('start') || this.#hears('query-response')
  }

  #follow(): void {
    for (const emitter of [this.#knex, this.#client]) {
      for (const event of ['newListener', 'removeListener']) {
        if (!emitter.listeners(event).includes(this.#changed)) emitter.on(event, this.#changed)
      }
    }
    this.#isHeard = undefined
  }

  #hears(event: EventName): boolean {
    const passing = (this.#knex._internalListeners ?? []).filter(
      ({ eventName, listener }) =>
        eventName === event && this.#client.listeners(event).includes(listener),
    )
    return this.#knex.listenerCount(event) > 0 || this.#client.listenerCount(event) > passing.length
  }
}

function hasListeners(builder: BuilderShape): boolean {
  // Node's own count of an emitter's events, if it has one: most builders have no listener at all.
  return (
    builder._eventsCount !== 0 &&
    (builder.listenerCount('start') > 0 ||
      builder.listenerCount('query-response') > 0 ||
      builder.listenerCount('end') > 0)
  )
}
