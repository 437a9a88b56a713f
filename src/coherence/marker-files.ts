/** A marker that nobody looks after any more. */
export type DeadMarker = string

/** The files by which processes of one machine tell that they have writes under way. */
export interface MarkerFiles {
  /** Writes this life's marker for a database, or renews it. Rejects if it cannot. */
  write(database: string): Promise<void>
  /** Removes this life's marker; nothing if there is none. */
  remove(database: string): Promise<void>
  /** Leaves this life's marker behind as that of a dead process, although this one may live on. */
  leave(database: string): Promise<void>
  /** The markers for a database whose authority died with its owner, or closed early. Rejects if the place cannot be read. */
  dead(database: string): Promise<readonly DeadMarker[]>
  /** The markers for a database that dead workers of this process left. Rejects if the place cannot be read. */
  ofDeadWorkers(database: string): Promise<readonly DeadMarker[]>
  /** Removes markers. */
  forget(markers: readonly DeadMarker[]): Promise<void>
}
