import { isDeepStrictEqual } from 'node:util'
import knexFactory, { type Knex } from 'knex'
import { millrace, type StoreFactory } from '../../../src/index.ts'
import { createMemoryStore, type MemoryStore } from '../../../src/stores/memory/memory-store.ts'
import { FakeClock } from '../../../src/testing/fake-clock.ts'
import { configOf } from '../../../test/support/database-config.ts'
import { createBenchDatabase, type BenchDatabaseName } from '../../database.ts'
import { Census, type Survival } from './census.ts'
import { storeOf, type Mode, type ModeStore } from './modes.ts'
import { createOrders, queryOf, statementOf, type OpenTable } from './schema.ts'
import { Workload, type Read, type Request, type WorkloadOptions } from './workload.ts'

/** How a world is run. */
export interface WorldOptions extends WorkloadOptions {
  /** Requests in one second of the store's clock, which stands still otherwise: what a lifetime means is the same on every machine. */
  readonly requestsPerSecond: number
  /** The lifetime of entries in mode `ttl`; elsewhere they live as long as they are valid. */
  readonly ttlSeconds: number
  /** Every so many writes, all entries are looked at before and after. 0: never. */
  readonly censusEvery: number
}

/** What was counted since the measurement began. */
export interface WorldCounts {
  readonly reads: number
  readonly hits: number
  readonly writes: number
  /** Hits that differed from what the database said right then. Every hit is compared. */
  readonly staleHits: number
  /** Time in requests, comparisons excluded. */
  readonly seconds: number
  readonly survival: Survival
  readonly survivalByKind: Readonly<Record<string, Survival>>
}

interface Cached {
  readonly store: ModeStore
  readonly memory: MemoryStore
  readonly clock: FakeClock
  readonly census: Census
  close(): Promise<void>
}

/** One way of caching (or none), on a database of its own, asked by one client request by request. */
export class World {
  readonly name: Mode | 'none'
  readonly #options: WorldOptions
  readonly #workload: Workload
  readonly #table: OpenTable
  readonly #cached: Cached | undefined
  /** A plain Knex instance, to look past the cache. */
  readonly #truth: Knex
  readonly #drop: () => Promise<void>
  #turn = 0
  #counts = { reads: 0, hits: 0, writes: 0, staleHits: 0, seconds: 0 }
  #measuring = false

  private constructor(parts: {
    readonly name: Mode | 'none'
    readonly options: WorldOptions
    readonly open: OpenTable
    readonly cached: Cached | undefined
    readonly truth: Knex
    readonly drop: () => Promise<void>
  }) {
    this.name = parts.name
    this.#options = parts.options
    this.#workload = new Workload(parts.options)
    this.#table = parts.open
    this.#cached = parts.cached
    this.#truth = parts.truth
    this.#drop = parts.drop
  }

  static async create(
    database: BenchDatabaseName,
    name: Mode | 'none',
    options: WorldOptions,
  ): Promise<World> {
    const { address, drop } = await createBenchDatabase(database)
    const truth = knexFactory(configOf(address))
    try {
      await createOrders(truth, options)
      return await World.#open(name, options, configOf(address), truth, drop)
    } catch (error) {
      await truth.destroy()
      await drop()
      throw error
    }
  }

  static async #open(
    name: Mode | 'none',
    options: WorldOptions,
    connection: Knex.Config,
    truth: Knex,
    drop: () => Promise<void>,
  ): Promise<World> {
    if (name === 'none') {
      return new World({
        name,
        options,
        open: (table) => truth(table),
        cached: undefined,
        truth,
        drop,
      })
    }
    const clock = new FakeClock()
    let memory: MemoryStore | undefined
    let store: ModeStore | undefined
    const factory: StoreFactory = {
      kind: 'memory',
      open: (bounds) => (store = storeOf(name, (memory = createMemoryStore({ bounds, clock })))),
    }
    const db = await millrace({
      connection,
      store: factory,
      buffer: false,
      cache: {
        ttl: name === 'ttl' ? `${options.ttlSeconds}s` : '30d',
        maxEntries: 10 * options.orders,
        maxBytes: '4gb',
      },
    })
    if (memory === undefined || store === undefined) throw new Error('no store was opened')
    const census = new Census(store, memory)
    const cached = { store, memory, clock, census, close: () => db.close() }
    const open: OpenTable = (table) => db[table]
    return new World({ name, options, open, cached, truth, drop })
  }

  get counts(): WorldCounts {
    const nothing = { unaffected: 0, survived: 0 }
    const { total = nothing, counts = {} } = this.#cached?.census ?? {}
    return { ...this.#counts, survival: total, survivalByKind: counts }
  }

  /** From now on it counts. */
  measure(): void {
    this.#measuring = true
  }

  async run(requests: number): Promise<void> {
    for (let i = 0; i < requests; i++) await this.#serve(this.#workload.next())
  }

  async close(): Promise<void> {
    await this.#cached?.close()
    await this.#truth.destroy()
    await this.#drop()
  }

  async #serve(request: Request): Promise<void> {
    this.#turn += 1
    if (request.op === 'read') await this.#read(request)
    else await this.#write(request)
    this.#cached?.clock.advance(1000 / this.#options.requestsPerSecond)
  }

  async #read(read: Read): Promise<void> {
    const begun = performance.now()
    const query = queryOf(this.#table, read)
    if (this.#cached !== undefined) this.#cached.store.reading = read
    const rows: unknown = await (this.#cached === undefined ? query : query.cache())
    const seconds = (performance.now() - begun) / 1000
    if (!this.#measuring) return
    this.#counts.seconds += seconds
    this.#counts.reads += 1
    if (this.#cached?.store.answered !== 'hit') return
    this.#counts.hits += 1
    const truth: unknown = await queryOf((table) => this.#truth(table), read)
    if (!isDeepStrictEqual(rows, truth)) this.#counts.staleHits += 1
  }

  async #write(write: Exclude<Request, { op: 'read' }>): Promise<void> {
    const { censusEvery } = this.#options
    const counted =
      this.#measuring && censusEvery > 0 && this.#counts.writes % censusEvery === 0
        ? this.#cached?.census.before(this.#workload, write)
        : undefined
    const begun = performance.now()
    await statementOf(this.#table, write, this.#turn)
    const seconds = (performance.now() - begun) / 1000
    counted?.()
    if (!this.#measuring) return
    this.#counts.seconds += seconds
    this.#counts.writes += 1
  }
}
