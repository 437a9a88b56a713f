import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import createKnex from 'knex'
import type { Knex } from 'knex'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Duration } from '../../src/index.ts'
import { millrace } from '../../src/millrace.ts'
import { createDatabase, hasDatabase } from '../support/databases.ts'
import type { TestDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'
import { until } from '../support/wait.ts'
import type { UnansweredOrders } from './fixtures/unanswered.ts'

/** How the dead process wrote, and what keeps the server from answering it. */
const cases = [
  { name: 'postgres', transaction: true, title: 'a COMMIT that waits in a deferred trigger' },
  { name: 'postgres', transaction: true, cluster: true, title: 'such a COMMIT of its worker' },
  { name: 'postgres', transaction: false, title: 'an UPDATE that waits for a row' },
  { name: 'mysql', transaction: false, title: 'an UPDATE that waits for a row' },
] as const satisfies readonly Case[]

interface Case {
  readonly name: 'postgres' | 'mysql'
  readonly transaction: boolean
  readonly cluster?: boolean
  readonly title: string
}

interface Successor {
  readonly knex: Knex
  readonly cache: { stats(): Promise<{ hits: number; bypasses: Record<string, number> }> }
  close(): Promise<void>
}

const undo: (() => Promise<unknown>)[] = []
const temporary = tmpdir()
beforeEach(elsewhere)
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
  process.env['TMPDIR'] = temporary
})

for (const how of cases) {
  const { name, title } = how
  describe.skipIf(!hasDatabase(name))(`a process killed during ${title} [${name}]`, () => {
    test('G3: its successor does not keep what it read before the write landed', async () => {
      const killed = await killDuringWrite(how)
      const events: string[] = []
      const { knex, cache } = await open(killed.database, { settleDelay: '2s', events })
      expect(events).toEqual(['unclean-start'])
      expect(await price(knex)).toBe(1)
      expect(await price(knex)).toBe(1)
      expect((await cache.stats()).bypasses['pending']).toBe(2)

      await killed.land()
      await until(async () => (await price(knex)) === 2, { what: 'the write that landed' })
      // Cached again when it is over, and forgotten by the next start.
      await until(async () => (await price(knex)) === 2 && (await cache.stats()).hits > 0)
      await until(() => markers().length === 0, { what: 'the dead marker to be removed' })
    })

    test('without its marker the successor would keep it', async () => {
      const killed = await killDuringWrite(how)
      elsewhere()
      const events: string[] = []
      const { knex } = await open(killed.database, { settleDelay: '2s', events })
      expect(await price(knex)).toBe(1)
      await killed.land()
      expect(await price(knex)).toBe(1)
      expect(events).toEqual([])
    })
  })
}

describe.skipIf(!hasDatabase('postgres'))('a plain start [postgres]', () => {
  test('waits for nobody: a process that reads writes nothing, one that closes leaves nothing', async () => {
    const database = await prepared('postgres')
    const first = await open(database, { settleDelay: '30s', events: [] })
    expect(await price(first.knex)).toBe(1)
    expect(markers()).toEqual([])
    await first.knex('prices').where({ id: 1 }).update({ price: 3 })
    expect(markers()).toHaveLength(1)
    await first.close()
    expect(markers()).toEqual([])
    const events: string[] = []
    const second = await open(database, { settleDelay: '30s', events })
    expect(await price(second.knex)).toBe(3)
    expect(await price(second.knex)).toBe(3)
    expect((await second.cache.stats()).hits).toBe(1)
    expect(events).toEqual([])
  })

  test('a crash during the wait forgets nothing: the next start waits again', async () => {
    const killed = await killDuringWrite({ name: 'postgres', transaction: false })
    await (await open(killed.database, { settleDelay: '30s', events: [] })).close()
    const events: string[] = []
    await open(killed.database, { settleDelay: '30s', events })
    expect(events).toEqual(['unclean-start'])
    await killed.land()
  })
})

async function killDuringWrite({
  name,
  transaction,
  cluster = false,
}: Omit<Case, 'title'>): Promise<{ database: TestDatabase; land(): Promise<void> }> {
  const database = await prepared(name)
  const outside = createKnex(database.config)
  undo.push(() => outside.destroy())
  if (transaction) await outside.raw(slowCommit)
  const lock = await outside.transaction()
  undo.push(() => lock.rollback())
  if (transaction) await lock.raw('select pg_advisory_xact_lock(4711)')
  else await lock('prices').where({ id: 1 }).forUpdate()

  const orders: UnansweredOrders = { address: database.address, transaction, cluster }
  const child = fork(fixturePath('crash/fixtures/unanswered.ts'), [JSON.stringify(orders)])
  await until(() => isWaiting(outside, name, transaction), { what: 'the write to wait' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(markers()).toHaveLength(1)
  return {
    database,
    land: async () => {
      await lock.commit()
      await until(async () => (await outside('prices').first<{ price: number }>()).price === 2)
    },
  }
}

async function prepared(name: 'postgres' | 'mysql'): Promise<TestDatabase> {
  const database = await createDatabase(name)
  undo.push(() => database.drop())
  const knex = createKnex(database.config)
  await knex.schema.createTable('prices', (table) => {
    table.integer('id').primary()
    table.integer('price')
  })
  await knex('prices').insert({ id: 1, price: 1 })
  await knex.destroy()
  return database
}

async function open(
  database: TestDatabase,
  { settleDelay, events }: { settleDelay: Duration; events: string[] },
): Promise<Successor> {
  const DB = (await millrace({
    connection: database.config,
    buffer: false,
    settleDelay,
    onEvent: ({ type }) => void events.push(type),
  })) as unknown as Successor
  undo.push(() => DB.close())
  return DB
}

async function price(knex: Knex): Promise<number> {
  const row = await (knex('prices').where({ id: 1 }) as unknown as Cacheable).cache().first('price')
  return row.price
}

interface Cacheable {
  cache(): { first(column: string): Promise<{ price: number }> }
}

/** COMMIT waits for a lock that the test holds. */
const slowCommit = `
  create function wait_for_test() returns trigger language plpgsql as
    $$ begin perform pg_advisory_xact_lock(4711); return null; end $$;
  create constraint trigger slow_commit after update on prices
    deferrable initially deferred for each row execute function wait_for_test()`

async function isWaiting(
  outside: Knex,
  name: 'postgres' | 'mysql',
  transaction: boolean,
): Promise<boolean> {
  if (name === 'mysql') {
    const [rows = []] = await outside.raw<[unknown[]]>(
      `select 1 from information_schema.processlist
       where db = database() and state = 'Updating' and info like 'update%'`,
    )
    return rows.length > 0
  }
  const { rows } = await outside.raw<{ rows: unknown[] }>(
    `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database() and query ilike ?`,
    [transaction ? 'commit%' : 'update%'],
  )
  return rows.length > 0
}

/** Another temporary directory, without markers. */
function elsewhere(): void {
  process.env['TMPDIR'] = mkdtempSync(join(temporary, 'markers-'))
}

/** The markers that lie in the temporary directory. */
function markers(): string[] {
  const found = readdirSync(tmpdir()).find((entry) => /^millrace(-\d+)?$/.test(entry))
  if (found === undefined) return []
  return readdirSync(join(tmpdir(), found)).filter((entry) => !entry.startsWith('.'))
}
