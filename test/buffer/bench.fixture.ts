import createKnex from 'knex'
import type { Knex } from 'knex'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import type { BufferSettings } from '../../src/buffer/settings.ts'
import { TableBuffer } from '../../src/buffer/table-buffer.ts'
import { WriteBuffer } from '../../src/buffer/write-buffer.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import type { TableDescription } from '../../src/contract/catalog.ts'
import type { MillraceEvent } from '../../src/contract/events.ts'
import type { Session, Target } from '../../src/contract/target.ts'
import { createTarget } from '../../src/knex/target.ts'
import { createDatabase } from '../support/databases.ts'
import type { DatabaseName, TestDatabase } from '../support/databases.ts'
import { JournalDisk } from './memory-journal.fixture.ts'
import { createTable, describeTable } from './tables.fixture.ts'
import type { TableSpec } from './tables.fixture.ts'

/** A target whose calls a test can watch and break. */
export class TestTarget implements Target {
  readonly connection = 'default'
  readonly identity: string
  readonly dialect: Target['dialect']
  readonly catalog = new Map<string, TableDescription>()
  /** What `refreshCatalog` finds. */
  readonly hidden = new Map<string, TableDescription>()
  refreshes = 0
  transactions = 0
  /** Runs around each transaction; throw in it to break one. */
  around: (run: () => Promise<unknown>, count: number) => Promise<unknown> = (run) => run()
  /** Runs before each statement of a session. */
  onStatement: (sql: string) => void | Promise<void> = () => undefined
  readonly statements: string[] = []
  readonly #target: Target

  constructor(knex: Knex, dialect: Target['dialect'], identity: string) {
    this.dialect = dialect
    this.identity = identity
    this.#target = createTarget({
      connection: 'default',
      identity,
      dialect,
      knex,
      describe: (name) => this.catalog.get(name),
      refreshCatalog: () => {
        this.refreshes += 1
        for (const [name, table] of this.hidden) this.catalog.set(name, table)
        return Promise.resolve()
      },
    })
  }

  async transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.transactions += 1
    const watched = (session: Session): Promise<T> =>
      work({
        query: async (sql, bindings) => {
          this.statements.push(sql)
          await this.onStatement(sql)
          return session.query(sql, bindings)
        },
      })
    return (await this.around(() => this.#target.transaction(watched), this.transactions)) as T
  }

  query(...given: Parameters<Target['query']>): ReturnType<Target['query']> {
    return this.#target.query(...given)
  }

  classify(error: unknown): ReturnType<Target['classify']> {
    if (error instanceof SimulatedLoss) return 'unknown'
    return this.#target.classify(error)
  }

  table(name: string): TableDescription | undefined {
    return this.catalog.get(name)
  }

  refreshCatalog(): Promise<void> {
    return this.#target.refreshCatalog()
  }
}

/** A connection that is gone. */
export class SimulatedLoss extends Error {}

/** One database with tables, its target, and the means to open buffers on it. */
export class Bench {
  readonly database: TestDatabase
  readonly knex: Knex
  readonly target: TestTarget
  readonly disk: JournalDisk = new JournalDisk()
  readonly events: MillraceEvent[] = []
  readonly #buffers: WriteBuffer[] = []

  constructor(database: TestDatabase) {
    this.database = database
    this.knex = createKnex(database.config)
    this.target = this.newTarget()
  }

  newTarget(identity = 'here'): TestTarget {
    return new TestTarget(this.knex, this.database.dialect, identity)
  }

  async table(spec: TableSpec): Promise<TableDescription> {
    await createTable(this.knex, spec, this.database.dialect)
    const description = describeTable(spec, this.database.dialect)
    this.target.catalog.set(spec.name, description)
    return description
  }

  open(
    settings: Partial<BufferSettings> = {},
    parts: { disk?: JournalDisk; target?: TestTarget } = {},
  ): WriteBuffer {
    const { disk = this.disk, target = this.target } = parts
    const buffer = new WriteBuffer({
      targets: new Map([['default', target]]),
      openJournal: () => Promise.resolve(disk.open()),
      journalExists: () => !disk.isEmpty,
      codec: createValueCodec(),
      clock: systemClock,
      settings: {
        ack: 'disk',
        flushIntervalMs: 60_000,
        maxBatch: 1000,
        maxPending: 100_000,
        drainTimeoutMs: 10_000,
        overflow: 'block',
        ...settings,
      },
      onEvent: (event) => this.events.push(event),
    })
    this.#buffers.push(buffer)
    return buffer
  }

  front(buffer: WriteBuffer, table: string): TableBuffer {
    const options = {
      port: buffer,
      connection: 'default',
      fill: (_: string, row: object) => ({ ...row }),
      onMissing: 'ignore',
    } as const
    return new TableBuffer(options, table)
  }

  async rows(table: string, order = 'id'): Promise<Record<string, unknown>[]> {
    return this.knex(table).select('*').orderBy(order)
  }

  async close(): Promise<void> {
    for (const buffer of this.#buffers) await buffer.close()
    await this.knex.destroy()
    await this.database.drop()
  }
}

/** A fresh bench that closes itself with the test. */
export async function openBench(name: DatabaseName): Promise<Bench> {
  const bench = new Bench(await createDatabase(name))
  onTestFinished(() => bench.close())
  return bench
}
