import type { Awaitable } from '../base/awaitable.ts'
import type { Mark, Slot, VersionAuthority } from '../contract/authority.ts'
import type { WriteWatch } from './write-marker.ts'

/** Up to this many are looked through one by one. */
const fewSlots = 16

/** A mark that stands, with the slots that it announced. */
export interface StandingMark {
  readonly mark: Mark
  readonly slots: readonly Slot[]
  /** Touch all its slots when it ends, whatever the statements say: what they reach was not known. */
  readonly whole: boolean
}

/** Raises and ends the marks of one database's sessions. */
export class SessionMarks {
  readonly #authority: VersionAuthority
  readonly #watch: WriteWatch | undefined
  readonly #schemaSlot: Slot
  readonly #settleDelayMs: number

  constructor(parts: {
    readonly authority: VersionAuthority
    /** Told of every mark before it is asked for, and when it ends; none where a dead process cannot commit. */
    readonly watch: WriteWatch | undefined
    readonly schemaSlot: Slot
    readonly settleDelayMs: number
  }) {
    this.#authority = parts.authority
    this.#watch = parts.watch
    this.#schemaSlot = parts.schemaSlot
    this.#settleDelayMs = parts.settleDelayMs
  }

  /** Announces slots, which may repeat. Throws or rejects if they could not be announced. */
  ask(slots: readonly Slot[]): Awaitable<Mark> {
    const noted = this.#watch?.begin()
    return noted instanceof Promise ? noted.then(() => this.#ask(slots)) : this.#ask(slots)
  }

  /** As `ask`, for a mark that is ended with others; see {@link StandingMark}. */
  raise(slots: readonly Slot[], whole: boolean): Awaitable<StandingMark> {
    const asked = this.ask(slots)
    return asked instanceof Promise
      ? asked.then((mark) => ({ mark, slots, whole }))
      : { mark: asked, slots, whole }
  }

  /** Ends one mark and touches slots, covered by it or not. */
  end(mark: Mark, touched: readonly Slot[]): void {
    this.#authority.settle(mark, touched)
    this.#watch?.end('known')
  }

  /**
   * Ends marks and touches slots, covered by them or not: all are touched before the first mark is lifted. Returns false if there was no
   * mark to take them along.
   */
  settle(marks: readonly StandingMark[], touched: readonly Slot[]): boolean {
    const [first] = marks
    if (first === undefined) return false
    this.#end(first, touched)
    if (marks.length === 1) return true
    const all = touched.length > fewSlots ? new Set(touched) : undefined
    for (let i = 1; i < marks.length; i += 1) {
      const other = marks[i]
      if (other === undefined) continue
      this.#end(
        other,
        other.slots.filter((slot) => all?.has(slot) ?? touched.includes(slot)),
      )
    }
    return true
  }

  /** The outcome is unknown: the marks stand for the settle delay, then all their slots are touched. */
  settleLater(marks: readonly StandingMark[]): void {
    for (const { mark } of marks) {
      this.#authority.settleLater(mark)
      this.#watch?.end('unknown')
    }
  }

  #ask(slots: readonly Slot[]): Awaitable<Mark> {
    try {
      const settleDelayMs = this.#settleDelayMs
      const mark = this.#authority.mark({ slots, watch: this.#schemaSlot, settleDelayMs })
      return mark instanceof Promise ? mark.catch((error: unknown) => this.#refused(error)) : mark
    } catch (error) {
      return this.#refused(error)
    }
  }

  #refused(error: unknown): never {
    this.#watch?.end('known')
    throw error
  }

  #end({ mark, slots, whole }: StandingMark, touched: readonly Slot[]): void {
    this.end(mark, whole ? [...new Set([...slots, ...touched])] : touched)
  }
}
