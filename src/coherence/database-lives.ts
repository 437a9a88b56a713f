import type { Awaitable } from '../base/awaitable.ts'
import type { Slot, VersionAuthority } from '../contract/authority.ts'

/** What a new connection found. */
export interface LifeReport {
  /** Which connection of the options, and which database: two servers of one name are told apart. */
  readonly database: string
  /** Which life of the database it reached; `undefined` where that cannot be told. */
  readonly life: string | undefined
  /** What to touch if it is another one than before. */
  readonly slots: readonly Slot[]
}

/** Hears from every process which life of a database its new connections reach. */
export interface LifeRegister {
  /** Resolves when no entry from an earlier life is served any more. Rejects if that could not be recorded. */
  report(report: LifeReport): Awaitable<void>
}

/**
 * The lives of databases, kept beside the authority so that a life may change while every process that knew the old one is dead.
 *
 * A database that was restarted, that failed over or was put back from a copy may have lost commits that the cache has seen
 * (asynchronous commit, asynchronous replication). Therefore the first report of another life touches everything of that
 * database. A life that cannot be told counts as another one each time.
 */
export class DatabaseLives implements LifeRegister {
  readonly #authority: VersionAuthority
  readonly #known = new Map<string, string | undefined>()

  constructor(authority: VersionAuthority) {
    this.#authority = authority
  }

  report({ database, life, slots }: LifeReport): Awaitable<void> {
    const first = !this.#known.has(database)
    if (!first && life !== undefined && this.#known.get(database) === life) return undefined
    if (first) {
      this.#known.set(database, life)
      return undefined
    }
    const bumped = this.#authority.bump(slots)
    // Noted last: if the bump fails, the next report tries again.
    if (bumped instanceof Promise) return bumped.then(() => this.#note(database, life))
    this.#note(database, life)
    return undefined
  }

  #note(database: string, life: string | undefined): void {
    this.#known.set(database, life)
  }
}
