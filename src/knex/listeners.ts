import type { EventEmitter } from 'node:events'
import type { BuilderShape, ClientShape } from './client-shape.ts'

type EventName = 'start' | 'query-response'

/** What is used of a Knex instance: it passes its client's events on by listeners of its own. */
interface PassingOn extends Pick<EventEmitter, 'listenerCount'> {
  readonly _internalListeners?: readonly {
    readonly eventName: string
    readonly listener: (...args: never[]) => void
  }[]
}

/** Whether anybody listens to the runs of a builder of one Knex instance: if not, a hit need not make what they would be told. */
export class Listeners {
  readonly #knex: PassingOn
  readonly #client: ClientShape
  /** Listeners at the client that are Knex's own, by event. */
  readonly #passing: Readonly<Record<EventName, number>>

  constructor(knex: PassingOn, client: ClientShape) {
    this.#knex = knex
    this.#client = client
    const passing = (event: EventName): number =>
      (knex._internalListeners ?? []).filter(
        ({ eventName, listener }) =>
          eventName === event && client.listeners(event).includes(listener),
      ).length
    this.#passing = { start: passing('start'), 'query-response': passing('query-response') }
  }

  /** Before a run: a listener may change the builder. */
  hearStart(builder: BuilderShape): boolean {
    return this.#hear('start', builder)
  }

  /** After a run: a listener is told the compiled statement. */
  hearResponse(builder: BuilderShape): boolean {
    return this.#hear('query-response', builder) || builder.listenerCount('end') > 0
  }

  #hear(event: EventName, builder: BuilderShape): boolean {
    return (
      this.#client.listenerCount(event) !== this.#passing[event] ||
      this.#knex.listenerCount(event) > 0 ||
      builder.listenerCount(event) > 0
    )
  }
}
