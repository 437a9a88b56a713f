import type { CancelTimer, Clock } from '../../base/clock.ts'
import type { Program } from '../../contract/program.ts'
import type { Lookup, LookupRequest } from '../../contract/store.ts'
import type { TouchClocks } from './touch-clocks.ts'

/** A query under way: a ticket that was handed out and the readers who wait for its fill. */
export interface Flight {
  readonly id: number
  readonly key: string
  /** Who runs the query; see `thisProcess`. */
  readonly owner: number
  readonly stamp: number
  /** What the query depends on as its first reader knew it; a join is validated against it. */
  readonly program: Program
  readonly startedAt: number
  waiters: ((answer: Lookup) => void)[]
  cancelDeadline: CancelTimer | undefined
}

/** What {@link Flights} needs. */
export interface FlightsOptions {
  readonly clock: Clock
  readonly clocks: TouchClocks
  /** How long after its start a flight may be waited for. */
  readonly joinWaitMs: number
  /** How long after its start a flight may still fill; one that never comes back is forgotten then. */
  readonly lifeMs: number
}

const contended: Lookup = { kind: 'bypass', reason: 'contended' }

/**
 * Tickets by number, and for each key the one that later readers may join.
 *
 * A flight that was overtaken is never joined: its result may be older than a write that was acknowledged before the reader came. The
 * newcomer gets a ticket of its own and becomes the one to join. Overtaken, late or superseded flights keep their number until they
 * fill, are abandoned or grow too old.
 */
export class Flights {
  readonly #options: FlightsOptions
  readonly #byId = new Map<number, Flight>()
  readonly #byKey = new Map<string, Flight>()
  #lastId = 0

  constructor(options: FlightsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#byId.size
  }

  /** The number of the latest ticket. */
  get lastId(): number {
    return this.#lastId
  }

  start(owner: number, request: LookupRequest): Flight {
    const flight: Flight = {
      id: ++this.#lastId,
      key: request.key,
      owner,
      stamp: this.#options.clocks.seq,
      program: request.program,
      startedAt: this.#options.clock.now(),
      waiters: [],
      cancelDeadline: undefined,
    }
    this.#byId.set(flight.id, flight)
    this.#byKey.set(flight.key, flight)
    return flight
  }

  /** Waits for the flight of this key, if there is one whose result this reader may have. */
  join(request: LookupRequest): Promise<Lookup> | undefined {
    const flight = this.#byKey.get(request.key)
    if (flight === undefined) return undefined
    const { clock, clocks, joinWaitMs } = this.#options
    const leftMs = flight.startedAt + joinWaitMs - clock.now()
    if (
      leftMs <= 0 ||
      !clocks.holds(flight.program, flight.stamp) ||
      !clocks.holds(request.program, flight.stamp)
    ) {
      return undefined
    }
    flight.cancelDeadline ??= clock.after(leftMs, () => this.#stopWaiting(flight))
    return new Promise((resolve) => flight.waiters.push(resolve))
  }

  /** Ends a flight and returns it, so that its result can be judged; `undefined` if the ticket is unknown or void. */
  land(id: number): Flight | undefined {
    const flight = this.#byId.get(id)
    if (flight === undefined) return undefined
    this.#byId.delete(id)
    if (this.#byKey.get(flight.key) === flight) this.#byKey.delete(flight.key)
    flight.cancelDeadline?.()
    return flight
  }

  /** Tells those who wait: the result, or nothing, which sends them to the database by themselves. */
  answer(flight: Flight, answer: Lookup = contended): void {
    const { waiters } = flight
    flight.waiters = []
    for (const waiter of waiters) waiter(answer)
  }

  /** Ends flights without a result. */
  abandonWhere(match: (flight: Flight) => boolean): void {
    for (const flight of [...this.#byId.values()]) {
      if (!match(flight)) continue
      this.land(flight.id)
      this.answer(flight)
    }
  }

  /** Forgets flights that never came back. */
  forgetOld(): void {
    const limit = this.#options.clock.now() - this.#options.lifeMs
    for (const flight of this.#byId.values()) {
      if (flight.startedAt > limit) return // numbers grow with time, and the map keeps their order
      this.land(flight.id)
      this.answer(flight)
    }
  }

  #stopWaiting(flight: Flight): void {
    flight.cancelDeadline = undefined
    if (this.#byKey.get(flight.key) === flight) this.#byKey.delete(flight.key)
    this.answer(flight)
  }
}
