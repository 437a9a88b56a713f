/** What one worker was told: every buffered write and every update that was acknowledged to it. */
export interface Tally {
  /** Acknowledged increments by city. */
  readonly views: Readonly<Record<string, number>>
  /** The generated ids of acknowledged visits. */
  readonly visits: readonly string[]
  /** The last acknowledged version of each city that this worker updates. */
  readonly versions: Readonly<Record<string, number>>
  /** Receipts that said later that the database has the write. */
  readonly applied: number
  /** Writes that were rejected, or refused by the database later. None is expected. */
  readonly refused: number
}

/** Adds up what all workers were told. */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const sum = { views: {}, visits: [] as string[], versions: {}, applied: 0, refused: 0 }
  for (const tally of tallies) {
    addUp(sum.views, tally.views)
    addUp(sum.versions, tally.versions)
    sum.visits.push(...tally.visits)
    sum.applied += tally.applied
    sum.refused += tally.refused
  }
  return sum
}

function addUp(sums: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(more)) sums[key] = (sums[key] ?? 0) + value
}
