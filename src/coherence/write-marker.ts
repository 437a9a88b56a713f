import type { Awaitable } from '../base/awaitable.ts'
import type { CancelTimer, Clock } from '../base/clock.ts'
import type { MarkerFiles } from './marker-files.ts'

/** Told when a write is announced and when its outcome is known. */
export interface WriteWatch {
  /** A write is about to be announced. Resolves before the write may be sent; never rejects. */
  begin(): Awaitable<void>
  /** What `begin` told of is over. `unknown`: without an answer, so that it may still land. */
  end(outcome: 'known' | 'unknown'): void
}

/** What a {@link WriteMarker} is made of. */
export interface WriteMarkerOptions {
  readonly files: MarkerFiles
  /** The database's identity. */
  readonly database: string
  readonly clock: Clock
  /** How long a write without an answer may still land. */
  readonly settleDelayMs: number
  /** The marker could not be written or removed; the write goes on. */
  readonly onFailure: (error: unknown) => void
  /** How long no write has to be under way before the marker is removed; 1,000 ms unless given. */
  readonly idleMs?: number
  /** How long a marker is taken for granted; 60,000 ms unless given. Programs that tidy the temporary directory may remove it. */
  readonly renewMs?: number
}

/**
 * Tells whoever comes after this process that it may have left a COMMIT on the wire: a marker lies on this machine while writes
 * to a database server are under way.
 *
 * - *absent*: no write was announced, or none for a while. Leaves by `begin`, which waits until the marker is written.
 * - *present*: writes are under way, or were a moment ago, or one without an answer may still land. Leaves by its timer, once
 *   nothing is under way, for the next idle period.
 * - *closed*: removed, unless something may still land: then it is left as one that nobody owns.
 *
 * A marker that cannot be written costs nothing but the protection: it is reported and tried again after `renewMs`.
 */
export class WriteMarker implements WriteWatch {
  readonly #options: WriteMarkerOptions
  readonly #idleMs: number
  readonly #renewMs: number
  #underWay = 0
  #busyUntil = -Infinity
  #mayLandUntil = -Infinity
  #freshUntil = -Infinity
  #closed = false
  #writing: Promise<void> | undefined
  #queue: Promise<void> = Promise.resolve()
  #cancelIdle: CancelTimer | undefined

  constructor(options: WriteMarkerOptions) {
    this.#options = options
    this.#idleMs = options.idleMs ?? 1000
    this.#renewMs = options.renewMs ?? 60_000
  }

  begin(): Awaitable<void> {
    this.#underWay += 1
    if (this.#closed || this.#options.clock.now() < this.#freshUntil) return undefined
    return (this.#writing ??= this.#write())
  }

  end(outcome: 'known' | 'unknown'): void {
    const { clock, settleDelayMs } = this.#options
    this.#underWay -= 1
    const now = clock.now()
    if (outcome === 'unknown') this.#mayLandUntil = now + settleDelayMs
    this.#busyUntil = Math.max(now + this.#idleMs, this.#mayLandUntil)
    if (this.#underWay === 0) this.#awaitIdle()
  }

  /**
   * Call it when the database's connections are closed. `othersMayLand`: so may a write of another process that was announced to
   * this one's authority.
   */
  async close(othersMayLand = false): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#cancelIdle?.()
    const { files, database, clock } = this.#options
    const mayLand = othersMayLand || this.#underWay > 0 || clock.now() < this.#mayLandUntil
    await this.#do(() => (mayLand ? files.leave(database) : files.remove(database)))
  }

  async #write(): Promise<void> {
    const { files, database, clock } = this.#options
    await this.#do(() => files.write(database))
    this.#freshUntil = clock.now() + this.#renewMs
    this.#writing = undefined
  }

  #awaitIdle(): void {
    if (this.#closed || this.#cancelIdle !== undefined) return
    const { files, database, clock } = this.#options
    const waitMs = Math.max(0, this.#busyUntil - clock.now())
    this.#cancelIdle = clock.after(waitMs, () => {
      this.#cancelIdle = undefined
      if (this.#underWay > 0) return
      if (clock.now() < this.#busyUntil) {
        this.#awaitIdle()
        return
      }
      this.#freshUntil = -Infinity
      void this.#do(() => files.remove(database))
    })
  }

  /** One thing at a time: a marker that is wanted again is written after the old one is gone. */
  #do(step: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(step).catch(this.#options.onFailure)
    return this.#queue
  }
}
