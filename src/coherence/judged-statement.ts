import type { Footprint } from '../contract/footprint.ts'
import type { StandingMark } from './session-marks.ts'
import type { Touched } from './touched.ts'
import type { PlannedTouch, WritePlan } from './write-plan.ts'

/** What is known of a statement on its way. */
export interface Judged {
  readonly footprint: Footprint
  readonly plan: WritePlan | undefined
  /** The catalog that it was judged by. */
  readonly judgedAt: number
  /** Marks that end with the statement. */
  own: readonly StandingMark[]
  /** What it was announced to make visible, where no mark stood before, with all the slots of that. */
  announced: { readonly visible: Touched; readonly touch: PlannedTouch } | undefined
}

/** Nothing stands. */
export const noMarks: readonly StandingMark[] = []

/** A statement of which nothing is announced, or nothing but `own`. */
export function judge(
  footprint: Footprint,
  plan: WritePlan | undefined,
  judgedAt: number,
  own: readonly StandingMark[] = noMarks,
): Judged {
  return { footprint, plan, judgedAt, own, announced: undefined }
}
