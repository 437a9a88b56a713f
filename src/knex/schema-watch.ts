import { CoarseClock, coarseTickMs } from '../base/coarse-clock.ts'
import type { Clock } from '../base/clock.ts'
import type { Slot, VersionAuthority } from '../contract/authority.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { EventSink } from '../contract/events.ts'
import { readSchemaPrint } from '../sql/schema-print.ts'
import type { CatalogKeeper, QueryOnConnection } from './catalog-keeper.ts'
import type { PooledConnection } from './plain-client.ts'
import { SchemaVersion } from './schema-version.ts'

/**
 * How often, in milliseconds, a database is asked where nobody says otherwise: a server in the background, SQLite by the statement that
 * has just run, which costs it as much as an indexed read.
 */
export const schemaCheckMs: Readonly<Record<Dialect, number>> = {
  sqlite: 10,
  postgres: 10_000,
  mysql: 10_000,
}

/** A check that took long comes less often: at most this share of the time is spent on checks. */
const share = 0.01

/** A statement that speaks of another schema brings the next look forward, but not closer than this to the last one. */
const suspicionMs = 1000

/** How long a change that nobody knows waits for the process of this application that may be about to tell of it. */
const confirmMs = 250

/** What a {@link SchemaWatch} works with. */
export interface SchemaWatchParts {
  readonly dialect: Dialect
  readonly clock: Clock
  /** How often the database is asked at most, in milliseconds; see {@link schemaCheckMs}. */
  readonly checkMs: number
  readonly catalog: Pick<CatalogKeeper, 'print' | 'loadedAt' | 'reload' | 'refresh'>
  readonly authority: VersionAuthority
  /** Touched by every schema change. */
  readonly schemaSlot: Slot
  /** What to touch when the schema was changed by somebody else. */
  readonly slots: readonly Slot[]
  /** Lends a connection that nobody else wants and whose session is like its siblings; `undefined` if there is none. */
  readonly borrowIdle: (
    signal: AbortSignal,
    use: (query: QueryOnConnection) => Promise<string>,
  ) => Promise<string | undefined>
  /** The connection's name, for events. */
  readonly connection: string
  readonly onEvent: EventSink
}

/**
 * Notices schema changes that did not pass through Millrace: a trigger, a cascade or a view that another program made changes what
 * statements write and read.
 *
 * SQLite counts its schema changes: committed writes and filling reads ask, on their own connection and before their promises resolve, if
 * nobody has for `checkMs`.
 *
 * A server is asked every `checkMs` while statements come by, in the background:
 *
 *     resting    until `checkMs` is over and a statement comes by
 *     looking    borrows an idle connection and reads the schema's print; back to resting if it is that of the catalog, or if no
 *                connection was idle. If none has been for `checkMs`, the next connection is asked before it is lent (`inspect`)
 *     doubting   the print is another one: a process of this application may have changed the schema and not told yet, so wait a moment
 *     changed    nobody told: touch everything of the database, then read the catalog
 */
export class SchemaWatch {
  readonly #parts: SchemaWatchParts
  /** For the question that every cached read asks. */
  readonly #coarse: CoarseClock
  readonly #versions = new SchemaVersion()
  readonly #closing = new AbortController()
  /** When the next look is due. */
  #dueAt: number
  #lookedAt = -Infinity
  #looking = false
  /** Schema changes of this process that are under way: the database may show them before the catalog is read again. */
  #own = 0

  constructor(parts: SchemaWatchParts) {
    this.#parts = parts
    this.#coarse = new CoarseClock(parts.clock)
    this.#dueAt = parts.clock.now() + parts.checkMs
  }

  /**
   * SQLite: whether the connection sees another schema than the catalog was read from. Ask it after the statement, and if it does, call
   * {@link SchemaWatch.changed}. A server is never asked, and the answer is false.
   */
  hasMoved(connection: PooledConnection): boolean {
    const { dialect, clock, checkMs, catalog } = this.#parts
    if (dialect !== 'sqlite') return false
    const now = clock.now()
    if (now < this.#dueAt) return false
    const known = catalog.print
    // Without a catalog every statement counts for everything.
    if (known === undefined) return false
    const version = this.#versions.of(connection)
    if (version === known) this.#dueAt = now + checkMs
    return version !== undefined && version !== known
  }

  /**
   * The schema is not the catalog's: voids what is cached and reads the catalog again, on the connection that the caller has, or else as soon
   * as one is free. Never rejects. What is cached is void when it resolves.
   */
  async changed(query?: QueryOnConnection): Promise<void> {
    const { authority, catalog, slots, connection, onEvent } = this.#parts
    try {
      const isNews = catalog.print !== undefined && !(await this.#isKnown())
      await authority.bump(slots)
      if (isNews) onEvent({ type: 'schema-changed-outside', connection })
    } catch {
      // The authority is gone, and every entry that it validated with it.
    }
    if (this.#closing.signal.aborted) return
    if (query === undefined) await catalog.refresh()
    else await catalog.reload(query)
  }

  /** A statement of this process that changes the schema: until it is over, a print that nobody knows may be its own. */
  async during<T>(change: Promise<T>): Promise<T> {
    this.#own += 1
    try {
      return await change
    } finally {
      this.#own -= 1
    }
  }

  /** A statement, or a read that the cache answers, comes by. */
  poke(): void {
    if (this.#parts.dialect === 'sqlite' || this.#looking) return
    if (this.#coarse.now() + coarseTickMs >= this.#dueAt) this.#lookIfDue()
  }

  /** The database refused a statement in a way that speaks of another schema: looks soon. */
  suspect(): void {
    this.#dueAt = Math.min(
      this.#dueAt,
      Math.max(this.#parts.clock.now(), this.#lookedAt + suspicionMs),
    )
    this.#lookIfDue()
  }

  /** Whether no connection was idle for so long that the next one has to be asked before it is lent. */
  get isOverdue(): boolean {
    const { dialect, clock, checkMs } = this.#parts
    if (dialect === 'sqlite' || this.#closing.signal.aborted) return false
    return clock.now() > this.#dueAt + checkMs
  }

  /** Looks on a connection that is about to be lent. Never rejects: a connection that is broken tells so when it is used. */
  async inspect(query: QueryOnConnection): Promise<void> {
    const { dialect, catalog } = this.#parts
    try {
      const known = catalog.print
      const print = await this.#timed(() => readSchemaPrint(dialect, query))
      // The catalog may have been read again while this was asked.
      if (print === known || print === catalog.print) return
      if (this.#own === 0) await this.changed(query)
      else this.#dueAt = this.#parts.clock.now()
    } catch {
      // The next look tries again.
    }
  }

  /** Stops looking. */
  close(): void {
    this.#closing.abort()
  }

  #lookIfDue(): void {
    const { dialect, clock } = this.#parts
    if (this.#looking || dialect === 'sqlite' || clock.now() < this.#dueAt) return
    if (this.#closing.signal.aborted) return
    this.#looking = true
    void this.#look().finally(() => {
      this.#looking = false
    })
  }

  async #look(): Promise<void> {
    const { dialect, clock, catalog, borrowIdle } = this.#parts
    const { signal } = this.#closing
    try {
      const known = catalog.print
      const print = await borrowIdle(signal, (query) =>
        this.#timed(() => readSchemaPrint(dialect, query)),
      )
      if (print === undefined || print === known) return
      await new Promise<void>((resolve) => clock.after(confirmMs, resolve))
      if (signal.aborted) return
      // Where the catalog was read again meanwhile, or is about to be, the next look says whether it is the right one.
      if (catalog.print === known && this.#own === 0) await this.changed()
      else this.#dueAt = clock.now()
    } catch {
      // The server could not be asked. Statements tell their callers; the next look tries again.
    }
  }

  /** Asks, and sets the time of the next look. */
  async #timed(ask: () => Promise<string>): Promise<string> {
    const { clock, checkMs } = this.#parts
    const startedAt = clock.now()
    this.#lookedAt = startedAt
    this.#dueAt = startedAt + checkMs
    try {
      return await ask()
    } finally {
      const now = clock.now()
      this.#dueAt = now + Math.max(checkMs, (now - startedAt) / share)
    }
  }

  /** Whether a process of this application told of a schema change that the catalog is too old for: then it may be just that one. */
  async #isKnown(): Promise<boolean> {
    const { authority, catalog, schemaSlot } = this.#parts
    const { loadedAt } = catalog
    return (await authority.lastTouch(schemaSlot)) > loadedAt
  }
}
