import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { inject } from 'vitest'
import { millrace } from '../../src/millrace.ts'
import { configOf } from '../support/database-config.ts'
import { createDatabase } from '../support/databases.ts'
import type { DatabaseName, TestDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'
import { runDirectory } from '../support/run.ts'
import type { Seeded } from '../support/seed.ts'
import { counters } from './fixtures/life.ts'
import type { LifeOrders, LifeReport, SelfKill } from './fixtures/life.ts'

/** What the database holds beside what was acknowledged. */
export interface Verdict {
  readonly sent: number
  readonly acknowledged: number
  readonly applied: number
  /** Acknowledged operations without a row. */
  readonly lost: readonly string[]
  /** Operations with more than one row. */
  readonly doubled: readonly string[]
  /** Rows of operations that nobody sent. */
  readonly invented: readonly string[]
  /** Counters that are not the sum of their operations' rows. */
  readonly wrongCounters: readonly string[]
  readonly deadLetters: number
  readonly troubles: readonly string[]
}

/** One database and one journal, through many lives of a writer. */
export class CrashRun {
  readonly sent = new Set<string>()
  readonly acknowledged = new Set<string>()
  readonly troubles: string[] = []
  /** How often a life was ended, by how. */
  readonly ends = new Map<string, number>()
  readonly #database: TestDatabase
  readonly #journal: string
  readonly #knex: Knex
  readonly #seeded: Seeded
  readonly #cluster: boolean
  #life = 0

  private constructor(database: TestDatabase, journal: string, seeded: Seeded, cluster: boolean) {
    this.#database = database
    this.#journal = journal
    this.#seeded = seeded
    this.#cluster = cluster
    this.#knex = createKnex(database.config)
  }

  static async open(name: DatabaseName, seeded: Seeded, cluster = false): Promise<CrashRun> {
    const database = await createDatabase(name)
    mkdirSync(runDirectory(inject('millraceRun')), { recursive: true })
    const journal = mkdtempSync(join(runDirectory(inject('millraceRun')), 'crash-'))
    const run = new CrashRun(database, journal, seeded, cluster)
    // No unique key on `op`: a doubled write must be able to show.
    await run.#knex.schema.createTable('visits', (table) => {
      table.increments('id')
      table.string('op', 40).notNullable()
      table.integer('counter').notNullable()
      table.integer('amount').notNullable()
    })
    await run.#knex.schema.createTable('counters', (table) => {
      table.integer('id').primary()
      table.bigInteger('n').notNullable().defaultTo(0)
    })
    await run.#knex('counters').insert(Array.from({ length: counters }, (_, id) => ({ id })))
    return run
  }

  /** A life that ends by SIGKILL: from outside after a random time, or by its own hand at a COMMIT. */
  async killedLife(): Promise<void> {
    const where = this.#seeded.pick<SelfKill | 'outside'>([
      'outside',
      'outside',
      'before-commit',
      'in-commit',
      'after-commit',
      'after-commit',
    ])
    const commit = 1 + this.#seeded.int(6)
    const child = this.#begin(where === 'outside' ? {} : { selfKill: { where, commit } })
    const exited = once(child, 'exit')
    if (where === 'outside') {
      await Promise.race([this.#begun(child), exited])
      await sleep(this.#seeded.int(250))
      child.kill('SIGKILL')
    }
    const [code, signal] = (await Promise.race([exited, timeout(30_000)])) as [unknown, unknown]
    if (signal !== 'SIGKILL') this.troubles.push(`${where}: ended with ${String(code ?? signal)}`)
    this.ends.set(where, (this.ends.get(where) ?? 0) + 1)
  }

  /** A life that is asked to end under load; resolves with the signal that it ended by. */
  async terminatedLife(): Promise<unknown> {
    const child = this.#begin({})
    const exited = once(child, 'exit')
    await this.#begun(child)
    await sleep(this.#seeded.int(250))
    child.kill('SIGTERM')
    const [code, signal] = (await Promise.race([exited, timeout(30_000)])) as [unknown, unknown]
    return signal ?? code
  }

  /** One more life in this process, which applies what is left. */
  async recover(): Promise<number> {
    const DB = (await millrace({
      connection: configOf(this.#database.address),
      buffer: { journal: this.#journal, flushInterval: 10 },
    })) as unknown as {
      buffer: { flush(): Promise<void>; deadLetters: { list(): Promise<readonly unknown[]> } }
      knex: Knex
      close(): Promise<void>
    }
    try {
      await DB.buffer.flush()
      return (await DB.buffer.deadLetters.list()).length
    } finally {
      await DB.close()
    }
  }

  /** Compares the database with what was sent and acknowledged. */
  async judge(deadLetters: number): Promise<Verdict> {
    const rows = await this.#knex('visits').select<
      { op: string; counter: number; amount: number }[]
    >('op', 'counter', 'amount')
    const times = new Map<string, number>()
    const sums = new Map<number, number>()
    for (const { op, counter, amount } of rows) {
      times.set(op, (times.get(op) ?? 0) + 1)
      sums.set(counter, (sums.get(counter) ?? 0) + amount)
    }
    const stored = await this.#knex('counters').select<{ id: number; n: unknown }[]>('id', 'n')
    return {
      sent: this.sent.size,
      acknowledged: this.acknowledged.size,
      applied: rows.length,
      lost: [...this.acknowledged].filter((id) => !times.has(id)),
      doubled: [...times].filter(([, count]) => count > 1).map(([id]) => id),
      invented: [...times.keys()].filter((id) => !this.sent.has(id)),
      wrongCounters: stored
        .filter(({ id, n }) => Number(n) !== (sums.get(id) ?? 0))
        .map(({ id, n }) => `${String(id)}: ${String(n)}, rows say ${String(sums.get(id) ?? 0)}`),
      deadLetters,
      troubles: this.troubles,
    }
  }

  async close(): Promise<void> {
    await this.#knex.destroy()
    await this.#database.drop()
  }

  #begin(more: Partial<LifeOrders>): ChildProcess {
    const orders: LifeOrders = {
      address: this.#database.address,
      journal: this.#journal,
      life: ++this.#life,
      flushIntervalMs: this.#seeded.pick([1, 5, 20, 60]),
      cluster: this.#cluster,
      ...more,
    }
    const child = fork(fixturePath('crash/fixtures/writer.ts'), [JSON.stringify(orders)])
    child.on('message', (report: LifeReport) => {
      if (report.kind === 'sent') for (const id of report.ids) this.sent.add(id)
      if (report.kind === 'acknowledged') for (const id of report.ids) this.acknowledged.add(id)
      if (report.kind === 'trouble') this.troubles.push(report.text)
    })
    return child
  }

  #begun(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      child.on('message', (report: LifeReport) => {
        if (report.kind === 'begun') resolve()
      })
    })
  }
}

/** What a correct run shows, whatever was killed when. */
export const flawless = {
  lost: [],
  doubled: [],
  invented: [],
  wrongCounters: [],
  deadLetters: 0,
  troubles: [],
} as const satisfies Partial<Verdict>

async function timeout(ms: number): Promise<never> {
  await sleep(ms, undefined, { ref: false })
  throw new Error(`The writer did not end within ${String(ms)} ms.`)
}
