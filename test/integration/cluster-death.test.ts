import knexFactory, { type Knex } from 'knex'
import { describe, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import {
  createDatabase,
  type DatabaseName,
  describeDatabases,
  hasDatabase,
  type TestDatabase,
} from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { Team } from './fixtures/team.ts'

const update = 'update items set v = v + 1 where id = 1'

/** What readers saw while a write was under way. */
interface Watched {
  /** Reads that showed less than was known before. */
  readonly stale: number
  readonly reads: number
}

/** A database, a primary in this process and two workers; `settleDelay` is short. */
class Scene {
  readonly database: TestDatabase
  readonly setUp: Knex
  readonly DB: Millrace
  readonly team: Team
  readonly #gates: Knex.Transaction[] = []

  private constructor(database: TestDatabase, setUp: Knex, DB: Millrace, team: Team) {
    this.database = database
    this.setUp = setUp
    this.DB = DB
    this.team = team
  }

  /** Opens a scene, and closes it however the play ends. */
  static async play(
    name: DatabaseName,
    triggers: readonly string[],
    work: (scene: Scene) => Promise<void>,
  ): Promise<void> {
    const scene = await Scene.#open(name, triggers)
    try {
      await work(scene)
    } finally {
      await scene.#close()
    }
  }

  static async #open(name: DatabaseName, triggers: readonly string[]): Promise<Scene> {
    const database = await createDatabase(name)
    const setUp = knexFactory(database.config)
    await setUp.schema.createTable('items', (table) => {
      table.integer('id').primary()
      table.integer('v')
    })
    await setUp('items').insert({ id: 1, v: 0 })
    for (const trigger of triggers) await setUp.raw(trigger)
    const settleDelay = 1500
    const DB = await millrace({ connection: database.config, settleDelay })
    const team = await Team.fork({ size: 2 })
    await team.all('open', { address: database.address, seed: 1, settleDelay })
    return new Scene(database, setUp, DB, team)
  }

  async #close(): Promise<void> {
    for (const gate of this.#gates) if (!gate.isCompleted()) await gate.commit()
    await this.team.end()
    await this.DB.close()
    await this.setUp.destroy()
    await this.database.drop()
  }

  /** What the database says, beside Millrace. */
  async truth(): Promise<number> {
    const row = await this.setUp('items').where({ id: 1 }).first<{ v: number }>('v')
    return row?.v ?? -1
  }

  /** Writes wait in the triggers of {@link slow} from now on. `reached` resolves when one of them does; `release` lets them go on. */
  async holdWrites(): Promise<{ readonly reached: Promise<unknown>; release(): Promise<unknown> }> {
    const gate = await this.setUp.transaction()
    this.#gates.push(gate)
    await gate.raw('select pg_advisory_xact_lock(42)')
    const sql = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`
    const waiting = async (): Promise<boolean> => (await this.setUp.raw(sql)).rows.length > 0
    const reached = until(waiting, { what: 'the database to be at work' })
    return { reached, release: () => gate.commit() }
  }

  /** What cached readers get, in the primary and in the worker that lives. */
  async readers(): Promise<readonly { readonly value: number; readonly hit: boolean }[]> {
    const before = (await this.DB.cache.stats()).hits
    const [value] = (await this.DB.knex('items').orderBy('v').pluck('v').cache(60)) as number[]
    const hit = (await this.DB.cache.stats()).hits > before
    const other = await this.team.call(1, 'read', 'items', 'v')
    return [
      { value: value ?? -1, hit },
      { value: Number((other.value as unknown[])[0]), hit: other.hit },
    ]
  }

  /**
   * Reads on until the database shows `landed` and reads are hits again; a reader never gets less than the database showed before it
   * began, nor less than another reader got. When some have read, `land` lets the write land.
   */
  async watch(landed: number, land?: () => Promise<unknown>): Promise<Watched> {
    let least = 0
    let stale = 0
    let reads = 0
    let landing: Promise<unknown> | undefined
    await until(
      async () => {
        least = Math.max(least, await this.truth())
        const answers = await this.readers()
        for (const { value } of answers) {
          reads++
          if (value < least) stale++
          least = Math.max(least, value)
        }
        if (reads >= 10) landing ??= land?.()
        return least === landed && answers.every(({ hit }) => hit)
      },
      { what: 'the write to land and reads to be cached again' },
    )
    await landing
    return { stale, reads }
  }
}

const commitTrigger = `create constraint trigger slow after update on items deferrable initially deferred
  for each row execute function wait_for_test()`
const rowTrigger = `create trigger slow after update on items for each row execute function wait_for_test()`

/** Writes wait while the test holds a lock. */
const slow = (trigger: string): readonly string[] => [
  `create function wait_for_test() returns trigger language plpgsql as
     $$ begin perform pg_advisory_xact_lock(42); return null; end $$`,
  trigger,
]

/** What is used of tarn's pool and of pg's client to pull the plug. */
interface PoolInUse {
  readonly used: readonly {
    readonly resource: { readonly connection: { readonly stream: { destroy(): void } } }
  }[]
}

function pullThePlug(knex: Knex): void {
  const { pool } = knex.client as { pool: PoolInUse }
  for (const { resource } of pool.used) resource.connection.stream.destroy()
}

// They wait most of the time, each for its own marks to settle.
describe.concurrent('in a cluster', () => {
  describeDatabases('a worker that dies in the middle of a write', (name) => {
    // To Millrace a MySQL server is one database: of two primaries in one process both would answer a worker.
    const how = { concurrent: name !== 'mysql' }

    test(
      'G3: killed between mark and COMMIT: nothing changed, and reads are cached again',
      how,
      () =>
        Scene.play(name, [], async (scene) => {
          const { team } = scene
          await scene.readers()
          await team.call(0, 'begin')
          await team.call(0, 'inTransaction', update)
          await team.call(0, 'die', 'before')
          await expect(team.call(0, 'commit')).rejects.toThrow('has ended')
          expect(await scene.watch(0)).toMatchObject({ stale: 0 })
        }),
    )

    test('G3: killed when COMMIT was answered, before anyone was told', how, () =>
      Scene.play(name, [], async (scene) => {
        const { team } = scene
        await scene.watch(0)
        await team.call(0, 'begin')
        await team.call(0, 'inTransaction', update)
        await team.call(0, 'die', 'after')
        await expect(team.call(0, 'commit')).rejects.toThrow('has ended')
        expect(await scene.truth()).toBe(1)
        expect((await scene.readers()).map(({ value }) => value)).toEqual([1, 1])
        expect(await scene.watch(1)).toMatchObject({ stale: 0 })
      }),
    )

    test.runIf(name === 'sqlite')('G3: on SQLite reads are cached again at once', () =>
      Scene.play(name, [], async (scene) => {
        const { team } = scene
        await team.call(0, 'begin')
        await team.call(0, 'inTransaction', update)
        expect((await scene.readers()).map(({ hit }) => hit)).toEqual([false, false])
        expect((await scene.readers()).map(({ hit }) => hit)).toEqual([false, false])
        await team.kill(0)
        await scene.readers()
        expect(await scene.readers()).toEqual([
          { value: 0, hit: true },
          { value: 0, hit: true },
        ])
      }),
    )
  })

  test.runIf(hasDatabase('postgres')).each([
    [
      'an autocommit write',
      rowTrigger,
      async (team: Team) => {
        await team.call(0, 'write', update)
      },
    ],
    [
      'a COMMIT',
      commitTrigger,
      async (team: Team) => {
        await team.call(0, 'begin')
        await team.call(0, 'inTransaction', update)
        await team.call(0, 'commit')
      },
    ],
  ] as const)('G3: %s that lands after its worker was killed [postgres]', (_what, trigger, write) =>
    Scene.play('postgres', slow(trigger), async (scene) => {
      await scene.watch(0)
      const { reached, release } = await scene.holdWrites()
      const dead = write(scene.team).catch((error: unknown) => String(error))
      await reached
      await scene.team.kill(0)
      expect(await dead).toContain('has ended')
      expect(await scene.truth()).toBe(0)
      expect(await scene.watch(1, release)).toMatchObject({ stale: 0 })
      expect(await scene.truth()).toBe(1)
    }),
  )

  test.runIf(hasDatabase('postgres')).each([
    [
      'a COMMIT whose connection is lost',
      commitTrigger,
      async (k: Knex) => {
        await k.transaction((trx) => trx.raw(update))
      },
      pullThePlug,
    ],
    [
      'an autocommit write whose connection is lost',
      rowTrigger,
      async (k: Knex) => {
        await k.raw(update)
      },
      pullThePlug,
    ],
    [
      'a write that Knex no longer waits for',
      rowTrigger,
      async (k: Knex) => {
        await k('items').increment('v', 1).timeout(150)
      },
      () => undefined,
    ],
  ] as const)('G3: %s [postgres]', (_what, trigger, write, interrupt) =>
    Scene.play('postgres', slow(trigger), async (scene) => {
      await scene.watch(0)
      const { reached, release } = await scene.holdWrites()
      const refused = expect(write(scene.DB.knex)).rejects.toThrow()
      await reached
      interrupt(scene.DB.knex)
      await refused
      expect(await scene.truth()).toBe(0)
      expect(await scene.watch(1, release)).toMatchObject({ stale: 0 })
    }),
  )
})
