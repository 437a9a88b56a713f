import type { CancelTimer, Clock } from '../base/clock.ts'
import type { VersionAuthority } from '../contract/authority.ts'
import type { MarkerFiles } from './marker-files.ts'
import type { TagSpace } from './tag-space.ts'

/** What {@link settlePreviousLives} works with. */
export interface PreviousLivesOptions {
  readonly files: MarkerFiles
  /** The database's identity. */
  readonly database: string
  readonly authority: VersionAuthority
  readonly tags: TagSpace
  readonly clock: Clock
  /** How long a COMMIT of a dead process may still land. */
  readonly settleDelayMs: number
  /** Markers could not be removed: the next start waits once more. */
  readonly onFailure: (error: unknown) => void
}

/** A wait for what dead processes may have left on the wire. */
export interface Settling {
  /** How many markers they left. */
  readonly markers: number
  /** Stops the timer; the markers stay for the next start. */
  readonly cancel: CancelTimer
}

/**
 * Looks for dead processes that had writes to a database under way: their COMMIT may land after this process has read, and
 * nobody would touch what it changes. While it may, everything of the database is pending, so reads bypass; then everything is
 * touched. The markers go only when that is over, so that a crash in between forgets nothing.
 *
 * For the owner of the authority, before its first read. `undefined`: nobody left anything, nothing waits.
 */
export async function settlePreviousLives(
  options: PreviousLivesOptions,
): Promise<Settling | undefined> {
  const { files, database, authority, tags, clock, settleDelayMs, onFailure } = options
  const markers = await files.dead(database)
  if (markers.length === 0) return undefined
  const mark = await authority.mark({
    slots: [tags.everything],
    watch: tags.schema,
    settleDelayMs,
  })
  authority.settleLater(mark)
  const cancel = clock.after(settleDelayMs, () => {
    files.forget(markers).catch(onFailure)
  })
  return { markers: markers.length, cancel }
}
