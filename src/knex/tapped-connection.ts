import type { Awaitable } from '../base/awaitable.ts'
import { systemClock } from '../base/clock.ts'
import type { Auditor } from '../cache/audit/auditor.ts'
import type { CacheCounters } from '../cache/counters.ts'
import type { LifeRegister } from '../coherence/database-lives.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { ReadThrough } from '../cache/read-through.ts'
import { createRowShapes } from '../cache/snapshot/row-shapes.ts'
import { engineRules } from '../coherence/engine-rules.ts'
import { StatementGuard } from '../coherence/statement-guard.ts'
import type { TagSpace } from '../coherence/tag-space.ts'
import type { WriteWatch } from '../coherence/write-marker.ts'
import type { RowKey } from '../contract/cache-options.ts'
import type { TableDescription } from '../contract/catalog.ts'
import type { EventSink } from '../contract/events.ts'
import type { Store } from '../contract/store.ts'
import type { Target } from '../contract/target.ts'
import { StatementAnalyser } from '../sql/analyser.ts'
import type { PartitionProblem } from '../sql/predicates/key-columns.ts'
import type { BuilderHooks } from './builder-methods.ts'
import { cacheRequestOf, extendBuilderClass, extendRaw } from './builder-methods.ts'
import { CatalogKeeper } from './catalog-keeper.ts'
import type { CachedRunParts } from './cached-run-parts.ts'
import { runCached } from './cached-run.ts'
import type { BuilderClass, BuilderShape } from './client-shape.ts'
import { selectCleared } from './clear-selection.ts'
import { addLayer } from './client-layer.ts'
import type { LayerMethods } from './client-layer.ts'
import { explainQuery } from './explain-query.ts'
import { HitAudit } from './hit-audit.ts'
import { HotReads, takeFingerprint } from './hot-reads.ts'
import { KnownQueries } from './known-queries.ts'
import { Listeners } from './listeners.ts'
import { createDirectAnswers } from './response/direct-answer.ts'
import { withIdleConnection } from './idle-connection.ts'
import { NestedStatements } from './nested-statements.ts'
import type { RowFiller } from './nanoid-inserts.ts'
import { nanoidMethods } from './nanoid-inserts.ts'
import { LifeWatch } from './life-watch.ts'
import type { OpenedConnection } from './open-connection.ts'
import type { PooledConnection } from './plain-client.ts'
import type { MemoBounds } from './query-memo.ts'
import { withBorrowed } from './open-connection.ts'
import { ReadPlanner } from './read-plan.ts'
import type { CacheDefaults } from './read-plan.ts'
import { responseAdapter } from './response/index.ts'
import { StockInstance } from './stock-instance.ts'
import { SchemaWatch, schemaCheckMs } from './schema-watch.ts'
import { Sessions } from './sessions.ts'
import { tapMethods } from './statement-tap.ts'
import { queryOn } from './tapped-statement.ts'
import { StatementAnswers } from './answer/statement-answers.ts'
import { createTarget } from './target.ts'
import { TransactionStatus } from './transaction-status.ts'

/** What the parts of one connection are wired to. */
export interface TapWiring {
  readonly opened: OpenedConnection
  readonly store: Store
  readonly tags: TagSpace
  readonly readThrough: ReadThrough
  readonly counters: CacheCounters
  readonly defaults: CacheDefaults
  /** Columns whose values set rows apart although they belong to no key, by table; all names folded. */
  readonly partition: ReadonlyMap<string, readonly string[]>
  /** False where caching is switched off: `.cache()` runs the query. */
  readonly cacheEnabled: boolean
  /** How many queries are remembered by their fingerprints; undefined: every query is compiled. */
  readonly fingerprints: MemoBounds | undefined
  readonly settleDelayMs: number
  /** Hears which life of the database new connections reach. */
  readonly lives: LifeRegister
  /** Told of writes under way; none where a dead process cannot commit. */
  readonly watch: WriteWatch | undefined
  readonly filler: RowFiller
  readonly hooks: BuilderHooks
  readonly onEvent: EventSink
  /** Checks a share of the hits; none where no share is given. */
  readonly auditor: Auditor | undefined
  /** How often the schema is looked at, in milliseconds; {@link schemaCheckMs} unless given. */
  readonly schemaCheckMs?: number
}

/** One Knex instance under Millrace: every statement of it is seen, and its builders have `.cache` and `.buffer`. */
export class TappedConnection {
  readonly opened: OpenedConnection
  readonly #wiring: TapWiring
  readonly #analyser: StatementAnalyser
  readonly #catalog: CatalogKeeper
  readonly #life: LifeWatch
  readonly #schema: SchemaWatch
  readonly #run: CachedRunParts
  #removeLayer: () => void = () => undefined

  private constructor(wiring: TapWiring) {
    const { opened, store, tags } = wiring
    this.opened = opened
    this.#wiring = wiring
    this.#analyser = new StatementAnalyser(opened.dialect, { partition: wiring.partition })
    this.#catalog = new CatalogKeeper({
      analyser: this.#analyser,
      authority: store.authority,
      schemaSlot: tags.schema,
      borrow: (use) => withBorrowed(opened.client, opened.dialect, opened.query, use),
      connection: opened.name,
      onEvent: wiring.onEvent,
    })
    this.#life = new LifeWatch({
      dialect: opened.dialect,
      register: wiring.lives,
      // One database may be open under two names, on a server and on its replica.
      database: JSON.stringify([opened.name, opened.identity]),
      slots: [tags.everything, tags.schema],
      catalog: this.#catalog,
      connection: opened.name,
      onEvent: wiring.onEvent,
    })
    const sessions = new Sessions()
    this.#schema = new SchemaWatch({
      dialect: opened.dialect,
      clock: systemClock,
      checkMs: wiring.schemaCheckMs ?? schemaCheckMs[opened.dialect],
      catalog: this.#catalog,
      authority: store.authority,
      schemaSlot: tags.schema,
      slots: [tags.everything, tags.schema],
      borrowIdle: (signal, use) =>
        withIdleConnection(opened.client, systemClock, signal, async (connection) => {
          if (sessions.of(connection).isPrivate) return undefined
          return await use(queryOn(opened.client, connection, opened.dialect, opened.query))
        }),
      connection: opened.name,
      onEvent: wiring.onEvent,
    })
    const adapter = responseAdapter(opened.dialect)
    const shapes = createRowShapes()
    this.#run = {
      enabled: wiring.cacheEnabled,
      sessions,
      planner: new ReadPlanner({
        namespace: namespaceOf(opened),
        analyser: this.#analyser,
        tags,
        catalog: this.#catalog,
        defaults: wiring.defaults,
        counters: wiring.counters,
      }),
      queries:
        wiring.fingerprints === undefined ? undefined : new KnownQueries(wiring.fingerprints),
      readThrough: wiring.readThrough,
      counters: wiring.counters,
      catalog: this.#catalog,
      adapter,
      shapes,
      answers: createDirectAnswers(shapes, adapter, opened.client),
      listeners: new Listeners(opened.knex, opened.client),
      schema: this.#schema,
      audit:
        wiring.auditor &&
        new HitAudit({
          auditor: wiring.auditor,
          connection: opened.name,
          analyser: this.#analyser,
          tags,
          authority: store.authority,
          readThrough: wiring.readThrough,
          sessions,
          adapter,
          clock: systemClock,
        }),
    }
  }

  /** Reads the catalog and taps the instance. Rejects with what the database rejects with. */
  static async open(wiring: TapWiring): Promise<TappedConnection> {
    const connection = new TappedConnection(wiring)
    const { client, dialect, query } = wiring.opened
    await withBorrowed(client, dialect, query, async (ask, first) => {
      await connection.#life.learn(first, ask)
      await connection.#catalog.load(ask)
    })
    connection.#removeLayer = addLayer(client, connection.#methods())
    return connection
  }

  /** A table by name, as the catalog has it. */
  table(name: string): TableDescription | undefined {
    return this.#analyser.catalog.table(name)
  }

  /** Columns of the partition option that cannot set rows of this database apart, and why. */
  partitionProblems(): readonly PartitionProblem[] {
    return this.#analyser.catalog.partitionProblems()
  }

  /** The database as the buffer flushes into it. */
  target(): Target {
    const { name, identity, dialect, knex } = this.opened
    return createTarget({
      connection: name,
      identity,
      dialect,
      knex,
      describe: (table) => this.table(table),
      refreshCatalog: () => this.#catalog.refresh(),
    })
  }

  /**
   * Drops the cached queries that depend on a table, on its rows with a key, or on anything of this database. Rejects with
   * `MILLRACE_COLUMN_UNKNOWN`.
   */
  async clear(table?: string, key?: RowKey): Promise<void> {
    const { opened, store, tags } = this.#wiring
    if (table === undefined) {
      await store.authority.bump([tags.everything])
      const prefix = tags.tag('')
      this.#run.queries?.clear()
      const all = Object.keys((await store.stats()).tables).filter((tag) => tag.startsWith(prefix))
      await store.clear({ kind: 'tables', tables: all })
      return
    }
    const { slots, dropped } = selectCleared(
      tags,
      this.#analyser,
      table,
      quoted(opened, table),
      key,
    )
    await store.authority.bump(slots)
    if (dropped.length > 0) await store.clear({ kind: 'tables', tables: dropped })
  }

  /** The table's name where a tag belongs to this database. */
  tableOfTag(tag: string): string | undefined {
    const prefix = this.#wiring.tags.tag('')
    return tag.startsWith(prefix) ? tag.slice(prefix.length) : undefined
  }

  /** Whether a builder was made by this instance or by a transaction of it. */
  owns(builder: BuilderShape): boolean {
    const layer = Object.getPrototypeOf(this.opened.client) as object
    return layer === builder.client || Object.prototype.isPrototypeOf.call(layer, builder.client)
  }

  /** What a cached read of the query depends on and would do now. */
  explain(builder: BuilderShape): Promise<Explanation> {
    return explainQuery(this.#run, this.#wiring.store, builder)
  }

  /** Takes the tap off; the instance stays open. */
  close(): void {
    this.#schema.close()
    this.#run.listeners.close()
    this.#run.queries?.clear()
    this.#removeLayer()
  }

  #methods(): LayerMethods {
    const { opened, hooks, filler, counters } = this.#wiring
    const base = opened.client.queryBuilder().constructor as BuilderClass
    const run = this.#run
    const hot = this.#hotReads(base)
    const Builder = extendBuilderClass(base, hooks, hot?.answer)
    const admitted = (connection: PooledConnection): Awaitable<PooledConnection> =>
      this.#admit(connection)
    return {
      ...tapMethods({
        dialect: opened.dialect,
        analyser: this.#analyser,
        guard: this.#guard(),
        sessions: run.sessions,
        catalog: this.#catalog,
        schema: this.#schema,
        status: new TransactionStatus(opened.dialect, systemClock),
        answers: new StatementAnswers(opened.dialect),
        query: opened.query,
        nested: NestedStatements.of(opened.client),
      }),
      ...nanoidMethods(filler),
      acquireConnection: (below) =>
        function acquireConnection() {
          // Transactions have a way of their own to their connection, so this is the pool's client.
          return below.call(this).then(admitted)
        },
      queryBuilder: () =>
        function queryBuilder() {
          return new Builder(this)
        },
      raw: (below) =>
        function raw(...args) {
          return extendRaw(below.apply(this, args))
        },
      runner: (below) =>
        function runner(builder) {
          const made = below.call(this, builder)
          const request = cacheRequestOf(builder)
          if (request === undefined) return made
          const uncached = made.run.bind(made)
          made.run = () => runCached(run, made, request, takeFingerprint(builder), uncached)
          const stream = made.stream.bind(made)
          made.stream = (...args) => {
            counters.bypass('stream')
            return stream(...args)
          }
          return made
        },
    }
  }

  #hotReads(base: BuilderClass): HotReads | undefined {
    const { queries, enabled } = this.#run
    const { opened, store } = this.#wiring
    return queries !== undefined && enabled
      ? new HotReads(this.#run, {
          queries,
          client: opened.client,
          store,
          stock: new StockInstance(opened.client, base),
        })
      : undefined
  }

  /** Looks at a connection that the pool lends: at once, or before anyone has it. */
  #admit(connection: PooledConnection): Awaitable<PooledConnection> {
    const schema = this.#schema
    schema.poke()
    return this.#life.knows(connection) && !schema.isOverdue
      ? connection
      : this.#inspect(connection)
  }

  async #inspect(connection: PooledConnection): Promise<PooledConnection> {
    const { client, dialect, query } = this.opened
    const ask = queryOn(client, connection, dialect, query)
    if (!this.#life.knows(connection)) await this.#life.look(connection, ask)
    if (this.#schema.isOverdue && !this.#run.sessions.of(connection).isPrivate) {
      await this.#schema.inspect(ask)
    }
    return connection
  }

  #guard(): StatementGuard {
    const { opened, store, tags, counters, settleDelayMs, onEvent } = this.#wiring
    const catalog = this.#catalog
    return new StatementGuard({
      authority: store.authority,
      tags,
      rules: engineRules(opened.dialect, settleDelayMs, store.authority),
      catalog,
      watch: this.#wiring.watch,
      listener: {
        invalidated: (precision) => counters.invalidation(precision),
        catalogOutdated: () => {
          void catalog.refresh()
        },
        authorityLost: (error) => onEvent({ type: 'store-lost', error: asError(error) }),
        outcomeUnknown: (error) =>
          onEvent({
            type: 'outcome-unknown',
            connection: opened.name,
            error: asError(error),
          }),
      },
    })
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

/** Two connections share results only if they are the same name, database, user and search path. */
function namespaceOf({ name, identity, client }: OpenedConnection): string {
  const settings = client.connectionSettings ?? {}
  return JSON.stringify([
    name,
    identity,
    settings['database'] ?? null,
    settings['user'] ?? null,
    client.config['searchPath'] ?? null,
  ])
}

function quoted({ client }: OpenedConnection, table: string): string {
  return client.raw('??', [table]).toQuery()
}
