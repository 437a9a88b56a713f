import type { AnswerPlan } from '../../contract/rows.ts'

/** A statement that changed more rows than this is not asked for them the next time. */
const fewRows = 1000

/**
 * Decides whether a write is asked which rows it changed. One that can change many rows is asked only after it was seen to change
 * few: a single answer must not hold a whole table.
 */
export class AnswerPolicy {
  /** Rows that the last run of a statement changed. */
  readonly #changed = new WeakMap<AnswerPlan, number>()
  readonly #refused = new WeakSet<AnswerPlan>()

  wants(plan: AnswerPlan): boolean {
    if (plan.kind === 'inserted-id') return true
    if (this.#refused.has(plan)) return false
    if (plan.bounded) return true
    return (this.#changed.get(plan) ?? Infinity) <= fewRows
  }

  /** Notes how many rows a statement changed; `undefined` if the driver did not tell. */
  learn(plan: AnswerPlan, changed: number | undefined): void {
    if (plan.kind === 'inserted-id' || plan.bounded) return
    if (changed === undefined) this.#changed.delete(plan)
    else this.#changed.set(plan, changed)
  }

  /** The database refused the clause: it is not asked again. */
  refuse(plan: AnswerPlan): void {
    this.#refused.add(plan)
  }
}
