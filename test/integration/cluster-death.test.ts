import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Millrace, millrace } from '../../src/index.ts'
import {
  createDatabase,
  describeDatabases,
  hasDatabase,
  type TestDatabase,
} from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { Team } from './fixtures/team.ts'

const update = 'update items set v = v + 1 where id = 1'

/** A database, a primary in this process and two workers; `settleDelay` is short. */
class Scene {
  readonly database: TestDatabase
  readonly setUp: Knex
  readonly DB: Millrace
  readonly team: Team

  private constructor(database: TestDatabase, setUp: Knex, DB: Millrace, team: Team) {
    this.database = database
    this.setUp = setUp
    this.DB = DB
    this.team = team
  }

  static async open(
    name: 'sqlite' | 'postgres' | 'mysql',
    triggers: readonly string[] = [],
  ): Promise<Scene> {
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

  async close(): Promise<void> {
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

  /** Until a trigger sleeps. */
  async databaseAtWork(): Promise<void> {
    const sql = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
    const sleeping = async (): Promise<boolean> => (await this.setUp.raw(sql)).rows.length > 0
    await until(sleeping, { what: 'the database to be at work' })
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
   * began, nor less than another reader got.
   */
  async watch(landed: number): Promise<{ stale: number; reads: number }> {
    let least = 0
    let stale = 0
    let reads = 0
    await until(
      async () => {
        least = Math.max(least, await this.truth())
        const answers = await this.readers()
        for (const { value } of answers) {
          reads++
          if (value < least) stale++
          least = Math.max(least, value)
        }
        return least === landed && answers.every(({ hit }) => hit)
      },
      { what: 'the write to land and reads to be cached again' },
    )
    return { stale, reads }
  }
}

describeDatabases('a worker that dies in the middle of a write', (name) => {
  let scene: Scene

  beforeEach(async () => {
    scene = await Scene.open(name)
  })
  afterEach(() => scene.close())

  test('G3: killed between mark and COMMIT: nothing changed, and reads are cached again', async () => {
    const { team } = scene
    await scene.readers()
    await team.call(0, 'begin')
    await team.call(0, 'inTransaction', update)
    await team.call(0, 'die', 'before')
    await expect(team.call(0, 'commit')).rejects.toThrow('has ended')
    expect(await scene.watch(0)).toMatchObject({ stale: 0 })
  })

  test('G3: killed when COMMIT was answered, before anyone was told', async () => {
    const { team } = scene
    await scene.watch(0)
    await team.call(0, 'begin')
    await team.call(0, 'inTransaction', update)
    await team.call(0, 'die', 'after')
    await expect(team.call(0, 'commit')).rejects.toThrow('has ended')
    expect(await scene.truth()).toBe(1)
    expect((await scene.readers()).map(({ value }) => value)).toEqual([1, 1])
    expect(await scene.watch(1)).toMatchObject({ stale: 0 })
  })

  if (name === 'sqlite') {
    test('G3: on SQLite reads are cached again at once', async () => {
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
    })
  }
})

const slow = (what: string): readonly string[] => [
  `create function take_time() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return null; end $$`,
  what,
]

test.runIf(hasDatabase('postgres')).each([
  [
    'an autocommit write',
    `create trigger slow after update on items for each row execute function take_time()`,
    async (team: Team) => team.call(0, 'write', update),
  ],
  [
    'a COMMIT',
    `create constraint trigger slow after update on items deferrable initially deferred
       for each row execute function take_time()`,
    async (team: Team) => {
      await team.call(0, 'begin')
      await team.call(0, 'inTransaction', update)
      await team.call(0, 'commit')
    },
  ],
])('G3: %s that lands after its worker was killed [postgres]', async (_what, trigger, write) => {
  const scene = await Scene.open('postgres', slow(trigger))
  try {
    await scene.watch(0)
    const dead = write(scene.team).catch((error: unknown) => String(error))
    await scene.databaseAtWork()
    await scene.team.kill(0)
    expect(await dead).toContain('has ended')
    expect(await scene.truth()).toBe(0)
    const { stale } = await scene.watch(1)
    expect(stale).toBe(0)
    expect(await scene.truth()).toBe(1)
  } finally {
    await scene.close()
  }
})

/** What is used of tarn's pool and of pg's client to pull the plug. */
interface PoolInUse {
  readonly used: readonly {
    readonly resource: { readonly connection: { readonly stream: { destroy(): void } } }
  }[]
}

const commitTrigger = `create constraint trigger slow after update on items deferrable initially deferred
  for each row execute function take_time()`
const rowTrigger = `create trigger slow after update on items for each row execute function take_time()`

function pullThePlug(knex: Knex): void {
  const { pool } = knex.client as { pool: PoolInUse }
  for (const { resource } of pool.used) resource.connection.stream.destroy()
}

test.runIf(hasDatabase('postgres')).each([
  [
    'a COMMIT whose connection is lost',
    commitTrigger,
    (k: Knex) => k.transaction((trx) => trx.raw(update)),
    pullThePlug,
  ],
  [
    'an autocommit write whose connection is lost',
    rowTrigger,
    async (k: Knex) => k.raw(update),
    pullThePlug,
  ],
  [
    'a write that Knex no longer waits for',
    rowTrigger,
    async (k: Knex) => k('items').increment('v', 1).timeout(150),
    () => undefined,
  ],
])('G3: %s [postgres]', async (_what, trigger, write, interrupt) => {
  const scene = await Scene.open('postgres', slow(trigger))
  try {
    await scene.watch(0)
    const refused = expect(write(scene.DB.knex)).rejects.toThrow()
    await scene.databaseAtWork()
    interrupt(scene.DB.knex)
    await refused
    expect(await scene.truth()).toBe(0)
    expect(await scene.watch(1)).toMatchObject({ stale: 0 })
  } finally {
    await scene.close()
  }
})
