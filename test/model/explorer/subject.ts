import { CacheCounters } from '../../../src/cache/counters.ts'
import { ReadThrough } from '../../../src/cache/read-through.ts'
import type { CacheableQuery, Loaded } from '../../../src/cache/read-through.ts'
import { engineRules } from '../../../src/coherence/engine-rules.ts'
import { readProgram } from '../../../src/coherence/read-program.ts'
import { SessionState } from '../../../src/coherence/session-state.ts'
import { StatementGuard } from '../../../src/coherence/statement-guard.ts'
import type { CatalogState, StatementRun } from '../../../src/coherence/statement-guard.ts'
import { TagSpace } from '../../../src/coherence/tag-space.ts'
import { touchedSlots } from '../../../src/coherence/touched-slots.ts'
import { Touched } from '../../../src/coherence/touched.ts'
import type { WriteWatch } from '../../../src/coherence/write-marker.ts'
import type { VersionAuthority } from '../../../src/contract/authority.ts'
import type { Codec } from '../../../src/contract/codec.ts'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Store } from '../../../src/contract/store.ts'
import { CatalogKeeper } from '../../../src/knex/catalog-keeper.ts'
import type { QueryOnConnection } from '../../../src/knex/catalog-keeper.ts'
import type { Connection } from './connection.ts'
import type { ModelDatabase } from './database.ts'
import { engineless, NoAnswer, Refused } from './effect.ts'
import type { Catalog, Reply } from './effect.ts'
import { describe, ModelAnalyser } from './model-analyser.ts'
import { Session } from './session.ts'
import type { Stage } from './stage.ts'
import { changeOfRow } from './statements.ts'
import type { Query, Statement } from './statements.ts'
import { namespace } from './tag-slots.ts'
import type { TapFlaws } from './tap-flaws.ts'

/** How long a COMMIT without an answer may still land. */
export const settleDelayMs = 30_000

/** What one process is made of. */
export interface SubjectParts {
  readonly name: string
  readonly stage: Stage
  readonly database: ModelDatabase
  readonly store: Store
  readonly codec: Codec
  readonly dialect: Dialect
  readonly flaws: TapFlaws
  readonly watch?: WriteWatch | undefined
  /** A read was answered with a stored result. */
  readonly onHit: () => void
}

/**
 * One process with the real cache in it: what the tap, the cached run and the composition root do with Knex is done here with the
 * model's database, and nothing else. Whoever changes what those hand to `ReadThrough` and `StatementGuard` adapts this file.
 */
export class Subject {
  readonly name: string
  readonly counters: CacheCounters = new CacheCounters()
  readonly tags: TagSpace
  readonly #parts: SubjectParts
  readonly #readThrough: ReadThrough
  readonly #guard: StatementGuard
  readonly #catalog: CatalogKeeper
  #known: Catalog = { triggers: new Map(), views: new Map() }
  /** For {@link TapFlaws.forgivesRefusals}: a statement has just been refused. */
  #refused = false

  constructor(parts: SubjectParts) {
    const { store, codec, dialect, database, flaws } = parts
    const { authority } = store
    this.name = parts.name
    this.#parts = parts
    this.tags = new TagSpace(namespace, authority.slotCount)
    this.#readThrough = new ReadThrough(store, codec, this.counters)
    this.#catalog = new CatalogKeeper({
      analyser: new ModelAnalyser(dialect, (catalog) => {
        parts.stage.trace.changes(`catalog of ${this.name}`)
        this.#known = catalog
      }),
      authority,
      schemaSlot: this.tags.schema,
      borrow: (use) => this.#borrow(use),
      connection: 'default',
      onEvent: () => undefined,
    })
    this.#guard = new StatementGuard({
      authority: flaws.forgivesRefusals === true ? this.#forgiving(authority) : authority,
      tags: this.tags,
      rules: engineRules(dialect, settleDelayMs, authority),
      catalog: this.#catalogState(),
      watch: parts.watch,
      listener: {
        invalidated: () => undefined,
        catalogOutdated: () => this.#refresh(),
        outcomeUnknown: () => undefined,
        authorityLost: () => undefined,
      },
    })
    if (flaws.loadsFromReplica === true) database.replicate()
  }

  /** Reads the catalog for the first time. */
  async open(): Promise<void> {
    await this.#borrow((query) => this.#catalog.load(query))
  }

  /** Opens a session; `label` names it in steps. */
  session(label: string): Session {
    const { database, name, flaws } = this.#parts
    const state = new SessionState()
    if (flaws.takesNoTurns === true) state.turns.take = () => undefined
    return new Session(this, database.connect(name, label), state)
  }

  /** A cached read on a connection of the pool. */
  async read(query: Query, label: string): Promise<readonly number[]> {
    return await this.#readThrough.read(this.#cacheable(query, label, undefined))
  }

  /** Drops what is cached of everything, of this table, or of the row with this id. */
  async clear(table?: string, row?: number): Promise<void> {
    const { store, flaws } = this.#parts
    const { tags } = this
    const bump = flaws.clearsWithoutBump !== true
    if (table === undefined) {
      if (bump) await store.authority.bump([tags.everything])
      await store.clear({ kind: 'tables', tables: Object.keys((await store.stats()).tables) })
      return
    }
    if (row === undefined) {
      const touched = new Touched().addTables(new Set([table]))
      if (bump) await store.authority.bump(touchedSlots(tags, touched))
      await store.clear({ kind: 'tables', tables: [tags.tag(table)] })
      return
    }
    const touched = new Touched().addChange(changeOfRow(table), [row])
    await store.authority.bump(touchedSlots(tags, touched))
  }

  /** Sends a statement on a session, under the guard, when those before it are answered. */
  async run(
    statement: Statement,
    connection: Connection,
    session: SessionState,
    afterAnswer?: (reply: Reply) => void,
  ): Promise<Reply> {
    const { turns } = session
    const start = (): Promise<Reply> => this.#runNow(statement, connection, session, afterAnswer)
    return await (turns.isTaken ? turns.wait(start) : start())
  }

  async #runNow(
    statement: Statement,
    connection: Connection,
    session: SessionState,
    afterAnswer: ((reply: Reply) => void) | undefined,
  ): Promise<Reply> {
    const { flaws, stage, dialect } = this.#parts
    const understood = statement.footprint(this.#catalogNow())
    const footprint = flaws.misreads?.(understood) ?? understood
    if (flaws.announcesNothing === true && statement.effect.do === 'write') {
      return await connection.send(statement.effect)
    }
    let early: ((reply: Reply) => void) | undefined
    let reply: Reply | undefined
    const run: StatementRun<Reply> = {
      bindings: statement.bindings,
      isStream: false,
      send: async () => {
        try {
          reply = await connection.send(this.#sent(statement))
        } catch (error) {
          this.#refused = error instanceof Refused
          throw error
        }
        afterAnswer?.(reply)
        if (early !== undefined) {
          early(reply)
          await stage.gate(`${connection.label}: the listener runs`, this.name)
        }
        return reply
      },
      answer: () => reply?.answer,
      rollBack: async () => {
        await connection.send({ do: 'rollback' })
      },
      isUnknown: (error) => error instanceof NoAnswer,
      endsTransaction: (error) => error instanceof Refused && error.endsTransaction,
      schemaChanged: () => this.#catalog.reload(this.#describeOn(connection)),
      // mysql2 tells with an answer, and not with a refusal.
      inTransaction: () =>
        dialect === 'mysql' && reply === undefined ? undefined : connection.inTransaction,
    }
    if (flaws.answersEarly !== true || statement.effect.do !== 'commit')
      return await this.#guard.run(session, footprint, run)
    return await new Promise((resolve, reject) => {
      early = resolve
      this.#guard.run(session, footprint, run).then(resolve, reject)
    })
  }

  /** A read in a transaction or on a session of the caller's own. */
  async readOn(
    query: Query,
    connection: Connection,
    session: SessionState,
  ): Promise<readonly number[]> {
    if (this.#parts.flaws.cachesInTransactions === true) {
      return await this.#readThrough.read(
        this.#cacheable(query, connection.label, { connection, session }),
      )
    }
    this.counters.bypass('transaction')
    return (await this.run(query, connection, session)).values
  }

  drop(session: SessionState): void {
    this.#guard.drop(session)
  }

  disconnect(connection: Connection): void {
    this.#parts.database.close(connection)
  }

  #cacheable(
    query: Query,
    label: string,
    on: { readonly connection: Connection; readonly session: SessionState } | undefined,
  ): CacheableQuery<readonly number[]> {
    const { flaws } = this.#parts
    const [statement] = query.footprint(this.#catalogNow())
    return {
      key: query.text,
      ttlMs: Infinity,
      refresh: false,
      dependencies: {
        ...readProgram(this.tags, statement!, query.bindings),
        tables: this.tags.tags(statement!.reads),
        counts: [],
        watch: this.tags.schema,
        catalogLoadedAt: flaws.trustsOldCatalog === true ? Infinity : this.#catalog.loadedAt,
      },
      load: () => this.#load(query, label, on),
      revive: ({ body }) =>
        body.form === 'value' ? { result: body.value as readonly number[] } : undefined,
      answered: () => this.#parts.onHit(),
      catalogOutdated: () => this.#refresh(),
    }
  }

  /** What the catalog says now, or said when it was read last. */
  #catalogNow(): Catalog {
    this.#parts.stage.trace.looksAt(`catalog of ${this.name}`)
    return this.#known
  }

  #refresh(): void {
    this.#parts.stage.trace.changes(`catalog of ${this.name}`)
    void this.#catalog.refresh()
  }

  #catalogState(): CatalogState {
    const { flaws, stage } = this.#parts
    const { trace } = stage
    const { name } = this
    const keeper = this.#catalog
    return {
      get loadedAt() {
        trace.looksAt(`catalog of ${name}`)
        return keeper.loadedAt
      },
      isTransactional: (table) => table !== engineless || flaws.trustsEngines === true,
    }
  }

  async #load(
    query: Query,
    label: string,
    on: { readonly connection: Connection; readonly session: SessionState } | undefined,
  ): Promise<Loaded<readonly number[]>> {
    const { database, name, flaws } = this.#parts
    const connection = on?.connection ?? database.connect(name, label)
    const session = on?.session ?? new SessionState()
    let copy: Loaded<readonly number[]>['copy'] = 'uncopyable'
    const reply = await this.run(query, connection, session, ({ values }) => {
      if (session.isPrivate && flaws.cachesInTransactions !== true) copy = 'transaction'
      else
        copy = { snapshot: { meta: undefined, body: { form: 'value', value: values } }, bytes: 8 }
    })
    if (on === undefined) database.close(connection)
    return { result: reply.values, copy }
  }

  #sent(statement: Statement): Statement['effect'] {
    const { effect } = statement
    if (effect.do !== 'select' || this.#parts.flaws.loadsFromReplica !== true) return effect
    return { ...effect, replica: true }
  }

  #describeOn(connection: Connection): QueryOnConnection {
    return async (sql) => {
      // Of the two questions that the keeper asks, this is the one whose answer the model uses.
      if (sql !== describe) return []
      const { catalog } = await connection.send({ do: 'describe' })
      return [{ catalog }]
    }
  }

  async #borrow<T>(use: (query: QueryOnConnection) => Promise<T>): Promise<T> {
    const { database, name } = this.#parts
    const connection = database.connect(name, `${name}'s catalog`)
    try {
      return await use(this.#describeOn(connection))
    } finally {
      database.close(connection)
    }
  }

  #forgiving(authority: VersionAuthority): VersionAuthority {
    return {
      slotCount: authority.slotCount,
      isLocal: authority.isLocal,
      mark: (request) => authority.mark(request),
      settle: (mark, touched) => {
        authority.settle(mark, this.#refused ? [] : touched)
        this.#refused = false
      },
      settleLater: (mark) => authority.settleLater(mark),
      lastTouch: (slot) => authority.lastTouch(slot),
      bump: (slots) => authority.bump(slots),
    }
  }
}
