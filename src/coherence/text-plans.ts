import type { Slot } from '../contract/authority.ts'
import type { Footprint, StatementFootprint } from '../contract/footprint.ts'
import type { TagSpace } from './tag-space.ts'
import { touchedSlots } from './touched-slots.ts'
import type { Touched } from './touched.ts'
import { WritePlan } from './write-plan.ts'
import type { PlannedTouch } from './write-plan.ts'

/** What is known of a text for all sessions. */
export interface TextTraits {
  /** It neither writes nor changes the session. */
  readonly passive: boolean
  /** It changes settings, of the session or of the open transaction. */
  readonly sets: boolean
  /** Of a text that is one plain write. */
  readonly plan: WritePlan | undefined
}

/** More slots than this are worked out by table, which knows when to give a column up for unknown. */
const manySlots = 512

const untouched: PlannedTouch = { slots: [], precision: 'value' }

/** What texts touch, worked out once for each: by the plans of their statements, and the long way where there is none. */
export class TextPlans {
  readonly #tags: TagSpace
  readonly #texts = new WeakMap<Footprint, TextTraits>()
  readonly #plans = new WeakMap<StatementFootprint, WritePlan | 'none'>()

  constructor(tags: TagSpace) {
    this.#tags = tags
  }

  traits(footprint: Footprint): TextTraits {
    let traits = this.#texts.get(footprint)
    if (traits === undefined) {
      const [first, second] = footprint
      const single = second === undefined ? first : undefined
      const plan = single === undefined ? undefined : this.#plan(single)
      const sets = footprint.some(({ verb }) => verb === 'set')
      traits = { passive: footprint.every(isPassive), sets, plan }
      this.#texts.set(footprint, traits)
    }
    return traits
  }

  /** All the slots of what was touched; they may repeat. */
  touch(touched: Touched): PlannedTouch {
    if (touched.isEmpty) return untouched
    return (
      this.#planned(touched) ?? {
        slots: touchedSlots(this.#tags, touched),
        precision: touched.precision,
      }
    )
  }

  /** The slots of what was touched that still need a mark beside those marked; they may repeat. */
  missing(touched: Touched, marked: ReadonlySet<Slot>): readonly Slot[] {
    const missing: Slot[] = []
    for (const { statement, bindings, answer } of touched.notes ?? noNotes) {
      const plan = this.#plan(statement)
      if (plan === undefined || missing.length > manySlots)
        return touchedSlots(this.#tags, touched, marked)
      plan.addMissing(missing, marked, bindings, answer)
    }
    return touched.notes === undefined ? touchedSlots(this.#tags, touched, marked) : missing
  }

  #planned({ notes }: Touched): PlannedTouch | undefined {
    if (notes === undefined) return undefined
    const [first, second] = notes
    if (first !== undefined && second === undefined) {
      return this.#plan(first.statement)?.touch(first.bindings, first.answer)
    }
    const all = new Set<Slot>()
    let precision: PlannedTouch['precision'] = 'value'
    for (const { statement, bindings, answer } of notes) {
      const touch = this.#plan(statement)?.touch(bindings, answer)
      if (touch === undefined || all.size > manySlots) return undefined
      for (const slot of touch.slots) all.add(slot)
      if (precision === 'value' || touch.precision === 'table') precision = touch.precision
    }
    return { slots: [...all], precision }
  }

  #plan(statement: StatementFootprint): WritePlan | undefined {
    let plan = this.#plans.get(statement)
    if (plan === undefined) {
      plan = WritePlan.of([statement], this.#tags) ?? 'none'
      this.#plans.set(statement, plan)
    }
    return plan === 'none' ? undefined : plan
  }
}

const noNotes: readonly never[] = []

/** Neither writes nor changes the session: nothing to announce and nothing to follow. */
function isPassive(statement: StatementFootprint): boolean {
  return (
    statement.control === undefined &&
    statement.writes !== 'everything' &&
    statement.writes.size === 0 &&
    !statement.changesSchema &&
    !statement.commitsImplicitly &&
    !statement.altersSession
  )
}
