/** Versions of rows by name. */
export type Versions = Record<string, number>

/** A committed state of all rows, in the order of commits. */
export interface CommittedState {
  readonly versions: Readonly<Versions>
  readonly views: ReadonlyMap<string, string>
  /** By a program that does not go through the cache; nothing is promised about it until somebody clears. */
  readonly foreign: readonly string[]
}

/** What a row, or the row behind a view, was in a committed state. */
export function valueOf({ versions, views }: CommittedState, row: string): number {
  return versions[views.get(row) ?? row] ?? 0
}
