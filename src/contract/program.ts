import type { Slot } from './authority.ts'

/**
 * What decides whether an entry is still valid: it holds for a stamp while no clock in `all` is newer than the stamp or pending, and
 * of each group in `any` at least one alternative holds. `{ all: [], any: [] }` always holds.
 *
 * With the clocks as numbers (a pending one is huge) it is the design's formula: `all` is a maximum, a group of `any` a minimum.
 */
export interface Program {
  readonly all: readonly Slot[]
  /** Groups of alternatives; each group has at least two. */
  readonly any: readonly (readonly Program[])[]
}
