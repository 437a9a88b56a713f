import { processOf } from '../base/process-identity.ts'
import { systemClock } from '../base/clock.ts'
import type { CancelTimer } from '../base/clock.ts'
import { settlePreviousLives } from '../coherence/previous-life.ts'
import type { TagSpace } from '../coherence/tag-space.ts'
import { WriteMarker } from '../coherence/write-marker.ts'
import type { EventSink } from '../contract/events.ts'
import type { OpenedConnection } from '../knex/open-connection.ts'
import { MarkerDirectory } from './marker-directory.ts'
import type { SharedState } from './shared-state.ts'

/** What {@link ServerWrites} is made of. */
export interface ServerWritesOptions {
  readonly shared: SharedState
  readonly settleDelayMs: number
  readonly onEvent: EventSink
}

/**
 * Writes to database servers outlive the process that sent them: what it leaves for its successor, and what its predecessors
 * left. SQLite writes in the process and has neither.
 */
export class ServerWrites {
  readonly #options: ServerWritesOptions
  readonly #files: MarkerDirectory
  /** By identity: two connections to one database have one marker. */
  readonly #markers = new Map<string, WriteMarker>()
  readonly #cancels: CancelTimer[] = []

  constructor(options: ServerWritesOptions) {
    this.#options = options
    // A worker's writes are announced to its primary.
    const inWorker = options.shared.bus !== undefined
    this.#files = new MarkerDirectory(inWorker ? { owner: processOf(process.ppid) } : {})
  }

  /** Tells of the writes to this database that are under way; `undefined` where none outlives the process. */
  marker({ dialect, identity }: OpenedConnection): WriteMarker | undefined {
    if (dialect === 'sqlite') return undefined
    let marker = this.#markers.get(identity)
    if (marker === undefined) {
      marker = new WriteMarker({
        files: this.#files,
        database: identity,
        clock: systemClock,
        settleDelayMs: this.#options.settleDelayMs,
        onFailure: (error) => this.#failed(error),
      })
      this.#markers.set(identity, marker)
    }
    return marker
  }

  /** Holds the cache back while a write of a dead process may land. Workers leave this to the owner of the authority. */
  async settlePrevious(
    { name, dialect, identity }: OpenedConnection,
    tags: TagSpace,
  ): Promise<void> {
    const { shared, settleDelayMs, onEvent } = this.#options
    if (dialect === 'sqlite' || shared.bus !== undefined) return
    try {
      const settling = await settlePreviousLives({
        files: this.#files,
        database: identity,
        authority: shared.store.authority,
        tags,
        clock: systemClock,
        settleDelayMs,
        onFailure: (error) => this.#failed(error),
      })
      if (settling === undefined) return
      this.#cancels.push(settling.cancel)
      onEvent({ type: 'unclean-start', connection: name, writers: settling.markers })
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Call it when the connections are closed. Marks that still stand are lost with the authority, so they are left as a marker. */
  async close(): Promise<void> {
    for (const cancel of this.#cancels) cancel()
    const { shared } = this.#options
    const unsettled = shared.unsettledMarks() > 0
    await Promise.all(
      Array.from(this.#markers, async ([database, marker]) => {
        await marker.close(unsettled)
        if (shared.bus === undefined && !unsettled) await this.#forgetWorkers(database)
      }),
    )
  }

  /** What dead workers had under way is settled, for their marks are. */
  async #forgetWorkers(database: string): Promise<void> {
    try {
      await this.#files.forget(await this.#files.ofDeadWorkers(database))
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown): void {
    this.#options.onEvent({
      type: 'marker-failed',
      error: error instanceof Error ? error : new Error(String(error)),
    })
  }
}
