import type { CancelTimer, Clock } from '../../../src/base/clock.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { Trace } from './trace.ts'
import type { Resource } from './trace.ts'
import { Turns } from './turns.ts'

/** Something that may happen next. */
export interface Step {
  /** What happens, to whom; the same in every history that reaches this state. */
  readonly label: string
  take(): void
}

/** A step that waits to be taken. */
interface Offer extends Step {
  readonly owner: string | undefined
  readonly resource: Resource
}

/** A timer that waits on the stage's clock. */
interface Timer {
  readonly owner: string
  readonly dueMs: number
  readonly run: () => void
  readonly resource: Resource
  readonly changes: string | undefined
}

/** What all parts of one history share: time, steps that wait to be taken, and the way to the next quiet moment. */
export class Stage {
  readonly trace: Trace
  readonly #turns: Turns
  #nowMs = 0
  readonly #timers = new Set<Timer>()
  #endOfTurn: (() => void)[] = []
  readonly #gates: Offer[] = []
  readonly #mishaps: Offer[] = []

  constructor(trace: Trace, turns: Turns) {
    this.trace = trace
    this.#turns = turns
  }

  /** Takes a step and waits until nothing moves by itself. */
  async take(step: Step): Promise<void> {
    this.trace.begin(step.label)
    step.take()
    await this.quiet()
    this.trace.end()
  }

  /** Lets promises run, then what waits for the end of the turn, until nothing is left. */
  async quiet(): Promise<void> {
    await this.#turns.quiet()
    while (this.#endOfTurn.length > 0) {
      const due = this.#endOfTurn
      this.#endOfTurn = []
      for (const run of due) run()
      await this.#turns.quiet()
    }
  }

  /** Runs at the end of the step, when all promises have had their say: `setImmediate`, as the model has it. */
  readonly defer = (run: () => void): void => {
    this.#endOfTurn.push(run)
  }

  /** Resolves in a step of its own, whenever the scheduler likes; never if the process that waits is dead by then. */
  gate(label: string, owner: string): Promise<void> {
    const { promise, resolve } = deferred<undefined>()
    this.#add(this.#gates, label, () => resolve(undefined), owner)
    return promise
  }

  /** Offers a step that is taken once, some time. */
  offer(label: string, run: () => void): void {
    this.#add(this.#gates, label, run)
  }

  /** Offers a step that may be taken once, or not at all. */
  offerMishap(label: string, run: () => void): void {
    this.#add(this.#mishaps, label, run)
  }

  get gates(): readonly Step[] {
    return this.#gates
  }

  get mishaps(): readonly Step[] {
    return this.#mishaps
  }

  get nowMs(): number {
    this.trace.looksAt('time')
    return this.#nowMs
  }

  /** The clock of one process; its timers die with it. `changes`: what each of its timers may change. */
  clockOf(owner: string, changes?: string): Clock {
    return {
      now: () => this.nowMs,
      after: (delayMs, run) => this.#after(owner, delayMs, run, changes),
    }
  }

  /** The process is dead: neither its timers nor what it waits for come any more. */
  ownerDied(owner: string): void {
    for (const gate of this.#gates.filter((step) => step.owner === owner)) {
      this.trace.changes(gate.resource)
      this.#gates.splice(this.#gates.indexOf(gate), 1)
    }
    for (const timer of this.#timers) {
      if (timer.owner !== owner) continue
      this.trace.changes(timer.resource)
      this.#timers.delete(timer)
    }
  }

  /** The timers that may run next: all that are due at the earliest time, for their order is nobody's. */
  timers(): Step[] {
    let dueMs = Infinity
    for (const timer of this.#timers) dueMs = Math.min(dueMs, timer.dueMs)
    return [...this.#timers]
      .filter((timer) => timer.dueMs === dueMs)
      .map((timer) => ({
        // Of timers that are due at one time each has a name of its own, the same however they came into being.
        label: `${timer.owner}: timer ${timer.resource.id.toString(36)}, ${timer.dueMs} ms`,
        take: () => {
          this.#timers.delete(timer)
          this.#nowMs = timer.dueMs
          this.trace.changes('time')
          this.trace.changes(timer.resource)
          if (timer.changes !== undefined) this.trace.changes(timer.changes)
          timer.run()
        },
      }))
  }

  /** When the next timer is due; `Infinity` if there is none. */
  get nextTimerMs(): number {
    let dueMs = Infinity
    for (const timer of this.#timers) dueMs = Math.min(dueMs, timer.dueMs)
    return dueMs
  }

  #add(offers: Offer[], label: string, run: () => void, owner?: string): void {
    const resource = this.trace.made()
    const take = (): void => {
      offers.splice(offers.indexOf(offer), 1)
      this.trace.changes(resource)
      run()
    }
    const offer: Offer = { label, owner, resource, take }
    offers.push(offer)
  }

  #after(
    owner: string,
    delayMs: number,
    run: () => void,
    changes: string | undefined,
  ): CancelTimer {
    this.trace.looksAt('time')
    if (delayMs === Infinity) return () => undefined
    const resource = this.trace.made()
    const timer: Timer = { owner, dueMs: this.#nowMs + delayMs, run, resource, changes }
    this.#timers.add(timer)
    return () => {
      if (this.#timers.delete(timer)) this.trace.changes(resource)
    }
  }
}
