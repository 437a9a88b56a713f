import type { Mark, Slot, VersionAuthority } from '../contract/authority.ts'
import type { WriteWatch } from './write-marker.ts'

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

  /** Announces slots. Rejects if they could not be announced. */
  async raise(slots: readonly Slot[], whole: boolean): Promise<StandingMark> {
    const noted = this.#watch?.begin()
    if (noted !== undefined) await noted
    try {
      const mark = await this.#authority.mark({
        slots,
        watch: this.#schemaSlot,
        settleDelayMs: this.#settleDelayMs,
      })
      return { mark, slots, whole }
    } catch (error) {
      this.#watch?.end('known')
      throw error
    }
  }

  /** Ends marks, touching of their slots those in `touched`. Returns the touched slots that no mark covered. */
  settle(marks: readonly StandingMark[], touched: Iterable<Slot>): Set<Slot> {
    const left = new Set(touched)
    const all = new Set(left)
    for (const { mark, slots, whole } of marks) {
      this.#authority.settle(mark, whole ? slots : slots.filter((slot) => all.has(slot)))
      for (const slot of slots) left.delete(slot)
      this.#watch?.end('known')
    }
    return left
  }

  /** The outcome is unknown: the marks stand for the settle delay, then all their slots are touched. */
  settleLater(marks: readonly StandingMark[]): void {
    for (const { mark } of marks) {
      this.#authority.settleLater(mark)
      this.#watch?.end('unknown')
    }
  }
}
