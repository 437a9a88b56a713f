import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knexFactory, { type Knex } from 'knex'
import { expect, onTestFinished, test } from 'vitest'
import { millrace, type Millrace } from '../../src/index.ts'
import { configOf, connectionTo } from '../support/database-config.ts'
import { describeDatabases, hasDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'
import { canStartPrivateServer, startPrivateServer } from '../support/private-server.ts'
import { processTree } from '../support/processes.ts'
import { servicesRequired } from '../support/services.ts'
import { until } from '../support/wait.ts'
import type { BufferedOrders } from './fixtures/buffered.fixture.ts'
import { cachedPrice, createPrices, type Driver } from './fixtures/prices.ts'

/** Where the buffer's promises end. */

interface Buffered {
  readonly DB: Millrace
  readonly events: readonly string[]
}

async function open(config: Knex.Config, journal: string): Promise<Buffered> {
  const events: string[] = []
  const DB = await millrace({
    connection: { ...config, log: { warn: () => undefined } },
    buffer: { journal, flushInterval: '1h', drainTimeout: '2s' },
    onEvent: ({ type }) => void events.push(type),
  })
  onTestFinished(() => DB.close())
  return { DB, events }
}

const newJournal = (): string => mkdtempSync(join(tmpdir(), 'journal-'))

/** Adds one to the price of row 1, and waits until the table has it. */
async function applyOne({ DB }: Buffered): Promise<void> {
  const { applied } = await DB.table('prices').buffer.where(1).increment('price')
  await DB.buffer.flush()
  await applied
}

const buffered = async ({ DB }: Buffered): Promise<unknown> =>
  (await DB.table('prices').buffer.where(1).get('price')) as unknown

test.runIf(hasDatabase('mysql'))(
  'Corner 5: without strict mode MySQL stores another value than get() computes; the cache reads what is stored',
  async () => {
    const { database, outside } = await createPrices('mysql')
    await outside.raw('alter table prices modify price tinyint not null')
    const afterCreate = (
      connection: Driver,
      done: (error: Error | null, it: Driver) => void,
    ): void => {
      connection.query(`set session sql_mode = ''`, (error) => {
        done(error, connection)
      })
    }
    const one = await open(
      { ...database.config, pool: { min: 0, max: 2, afterCreate } },
      newJournal(),
    )
    expect(await cachedPrice(one.DB)).toBe(10)
    const { applied } = await one.DB.table('prices').buffer.where(1).update({ price: 300 })
    expect(await buffered(one)).toBe(300)
    await one.DB.buffer.flush()
    await applied
    expect(await cachedPrice(one.DB)).toBe(127)
    expect(await buffered(one)).toBe(127)
  },
)

describeDatabases('a journal and a database of different times', (name) => {
  test('Corner 10: an old backup under a young journal is a gap, told with both positions; nothing is applied', async () => {
    const { database, outside } = await createPrices(name)
    const journal = newJournal()
    const first = await open(database.config, journal)
    await applyOne(first)
    const backup = await contents(outside)
    await applyOne(first)
    await applyOne(first)
    await first.DB.close()
    await putBack(outside, backup)
    await expectGap(await open(database.config, journal), /up to 1.*at 3/)
    expect(await outside('prices').where('id', 1).pluck('price')).toEqual([11])
  })

  test('Corner 10: and so is a young database under an old journal', async () => {
    const { database, outside } = await createPrices(name)
    const journal = newJournal()
    const first = await open(database.config, journal)
    await applyOne(first)
    await first.DB.close()
    const backup = newJournal()
    cpSync(journal, backup, { recursive: true })
    const second = await open(database.config, journal)
    await applyOne(second)
    await second.DB.close()
    await expectGap(await open(database.config, backup), /up to 2.*at 1/)
    expect(await outside('prices').where('id', 1).pluck('price')).toEqual([12])
  })
})

async function expectGap(one: Buffered, positions: RegExp): Promise<void> {
  const write = one.DB.table('prices').buffer.where(2).increment('price')
  await expect(write).rejects.toMatchObject({
    code: 'MILLRACE_JOURNAL_GAP',
    message: expect.stringMatching(positions) as string,
  })
  expect(one.events).toContain('journal-gap')
}

type Rows = Record<string, unknown>[]

const contents = async (outside: Knex): Promise<{ prices: Rows; ledger: Rows }> => ({
  prices: await outside<Record<string, unknown>>('prices').select('*'),
  ledger: await outside<Record<string, unknown>>('_millrace_ledger').select('*'),
})

async function putBack(
  outside: Knex,
  { prices, ledger }: { prices: Rows; ledger: Rows },
): Promise<void> {
  await outside.transaction(async (trx) => {
    await trx('prices').del()
    await trx('prices').insert(prices)
    await trx('_millrace_ledger').del()
    await trx('_millrace_ledger').insert(ledger)
  })
}

test('Corner 11: on SQLite the COMMIT of a flush is synced, whatever the connection does otherwise', async () => {
  const { database } = await createPrices('sqlite')
  const seen: [commit: string, synchronous: number][] = []
  const Base = (knexFactory(database.config).client as object).constructor as ClientClass
  class Watching extends Base {
    override _query(connection: Pragmatic, statement: { readonly sql: string }): Promise<unknown> {
      if (/^commit/i.test(statement.sql)) {
        seen.push([
          flushing ? 'flush' : 'direct',
          Number(connection.pragma('synchronous', { simple: true })),
        ])
      }
      return super._query(connection, statement)
    }
  }
  let flushing = false
  const client = Watching as unknown as typeof Knex.Client
  const one = await open({ ...database.config, client }, newJournal())
  const direct = (): Promise<unknown> =>
    one.DB.transaction(async (trx) => {
      await trx('prices').where('id', 2).increment('price', 1)
    })
  await direct()
  flushing = true
  await applyOne(one)
  flushing = false
  await direct()
  // NORMAL is 1 and FULL is 2: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect(seen).toContainEqual(['flush', 2])
  expect(seen).not.toContainEqual(['flush', 1])
  expect(seen.filter(([commit]) => commit === 'direct')).toEqual([
    ['direct', 1],
    ['direct', 1],
  ])
})

/** What is used of better-sqlite3 and of Knex's client for it. */
interface Pragmatic {
  pragma(source: string, options: { simple: true }): unknown
}
type ClientClass = new (config: Knex.Config) => {
  _query(connection: Pragmatic, statement: { readonly sql: string }): Promise<unknown>
}

test.runIf(servicesRequired() || canStartPrivateServer('postgres'))(
  'Corner 11: with synchronous_commit off a crash takes flushes along; the next start tells the gap [postgres]',
  async () => {
    const server = await startPrivateServer('postgres', {
      args: ['-c', 'synchronous_commit=off', '-c', 'wal_writer_delay=10s'],
    })
    onTestFinished(() => server.stop())
    const config = configOf({
      dialect: 'postgres',
      connection: connectionTo(server.url, 'postgres'),
    })
    const setUp = knexFactory(config)
    await setUp.raw('create table prices (id integer primary key, price integer)')
    await setUp('prices').insert([
      { id: 1, price: 10 },
      { id: 2, price: 20 },
    ])
    const journal = newJournal()
    const first = await open(config, journal)
    await applyOne(first)
    // Everything so far is on disk; from here on nobody writes the log.
    await setUp.raw('checkpoint')
    await setUp.destroy()
    stopLogWriter(server.pid)
    await applyOne(first)
    expect(await first.DB.knex('prices').where('id', 1).pluck('price')).toEqual([12])
    await server.kill()
    await first.DB.close()
    await server.restart()

    const second = await open(config, journal)
    await expectGap(second, /up to 1.*at 2/)
    expect(await second.DB.knex('prices').where('id', 1).pluck('price')).toEqual([11])
  },
  60_000,
)

/** Freezes the process that writes PostgreSQL's log in the background. */
function stopLogWriter(server: number): void {
  const pid = processTree(server).find((one) =>
    readFileSync(`/proc/${String(one)}/cmdline`, 'utf8').includes('walwriter'),
  )
  if (pid === undefined) throw new Error('PostgreSQL has no process of that name.')
  process.kill(pid, 'SIGSTOP')
}

test('Corner 12: a disk that comes back without what it said it had synced takes acknowledged writes along, and nothing tells', async () => {
  const { database, outside } = await createPrices('sqlite')
  const journal = newJournal()
  const orders: BufferedOrders = { address: database.address, journal }
  const child = fork(fixturePath('integration/fixtures/buffered.fixture.ts'), [
    JSON.stringify(orders),
  ])
  expect(await once(child, 'message')).toContain('open')
  const write = async (): Promise<unknown> => {
    child.send('one more')
    const [ack] = (await once(child, 'message')) as unknown[]
    return ack
  }
  expect([await write(), await write()]).toEqual(['disk', 'disk'])
  // What the disk will remember.
  const disk = newJournal()
  cpSync(journal, disk, { recursive: true })
  expect([await write(), await write(), await write()]).toEqual(['disk', 'disk', 'disk'])
  child.kill('SIGKILL')
  await once(child, 'exit')

  const next = await open(database.config, disk)
  await until(async () => (await outside('prices').where('id', 1).pluck('price'))[0] === 12, {
    what: 'the writes that the disk remembers',
  })
  await next.DB.buffer.flush()
  expect(await outside('prices').where('id', 1).pluck('price')).toEqual([12])
  expect(next.events).toEqual([])
})
