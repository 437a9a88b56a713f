import type { EventSink } from '../contract/events.ts'
import type { VersionAuthority, Slot } from '../contract/authority.ts'
import type { CatalogState } from '../coherence/statement-guard.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import { readSchemaPrint } from '../sql/schema-print.ts'

/** Runs a catalog query on one connection. */
export type QueryOnConnection = (sql: string) => Promise<readonly Record<string, unknown>[]>

/**
 * Keeps the analyser's catalog as new as the schema: loaded on open, again after every schema change of this process, and
 * again when the authority tells that another process changed the schema.
 */
export class CatalogKeeper implements CatalogState {
  #loadedAt = -1
  #print: string | undefined
  /** Of loads that overlap the one begun last wins, with its print. */
  #loads = 0
  #newest = 0
  #refreshing: Promise<void> | undefined
  readonly #analyser: StatementAnalyser
  readonly #authority: VersionAuthority
  readonly #schemaSlot: Slot
  readonly #borrow: <T>(use: (query: QueryOnConnection) => Promise<T>) => Promise<T>
  readonly #connection: string
  readonly #onEvent: EventSink

  constructor(parts: {
    readonly analyser: StatementAnalyser
    readonly authority: VersionAuthority
    readonly schemaSlot: Slot
    /** Lends a connection of the pool, past the tap. */
    readonly borrow: <T>(use: (query: QueryOnConnection) => Promise<T>) => Promise<T>
    /** The connection's name, for events. */
    readonly connection: string
    readonly onEvent: EventSink
  }) {
    this.#analyser = parts.analyser
    this.#authority = parts.authority
    this.#schemaSlot = parts.schemaSlot
    this.#borrow = parts.borrow
    this.#connection = parts.connection
    this.#onEvent = parts.onEvent
  }

  /** The schema tag's sequence number that the catalog is at least as new as. */
  get loadedAt(): number {
    return this.#loadedAt
  }

  /** The schema's print when the catalog was read, or before; `undefined` while there is no catalog, or no print. */
  get print(): string | undefined {
    return this.#print
  }

  isTransactional(table: string): boolean {
    return this.#analyser.catalog.described(table)?.transactional ?? true
  }

  /** Reads the catalog on the given connection. The stamp and the print are taken first, so that a change in between is not missed. */
  async load(query: QueryOnConnection): Promise<void> {
    const stamp = await this.#authority.lastTouch(this.#schemaSlot)
    const print = await this.#readPrint(query)
    this.#loads += 1
    const turn = this.#loads
    await this.#analyser.load(query)
    if (turn > this.#newest) {
      this.#newest = turn
      this.#print = print
    }
    this.#loadedAt = Math.max(this.#loadedAt, stamp)
  }

  /** As {@link load}, but a failure is reported: until the catalog is read, every statement counts for every table. */
  async reload(query: QueryOnConnection): Promise<void> {
    try {
      await this.load(query)
    } catch (error) {
      this.#report(error)
    }
  }

  /** Reads the catalog as soon as a connection is free. Calls while it waits share one reading. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#borrow((query) => this.load(query))
      .catch((error: unknown) => {
        this.#report(error)
      })
      .finally(() => {
        this.#refreshing = undefined
      })
    return this.#refreshing
  }

  /** A server that shows its catalog but refuses the print has none: changes by others are not noticed then. */
  async #readPrint(query: QueryOnConnection): Promise<string | undefined> {
    try {
      return await readSchemaPrint(this.#analyser.dialect, query)
    } catch {
      return undefined
    }
  }

  #report(error: unknown): void {
    this.#analyser.forget()
    this.#newest = this.#loads
    this.#print = undefined
    this.#onEvent({
      type: 'catalog-failed',
      connection: this.#connection,
      error: error instanceof Error ? error : new Error(String(error)),
    })
  }
}
