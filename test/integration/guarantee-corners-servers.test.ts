import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import knexFactory, { type Knex } from 'knex'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { hasDatabase } from '../support/databases.ts'
import { fixturePath } from '../support/fixture.ts'
import { until } from '../support/wait.ts'
import type { UnansweredOrders } from '../crash/fixtures/unanswered.ts'
import { cachedPrice, createPrices, openMillrace } from './fixtures/prices.ts'

/** Where the promises end on one database or another, and what bounds it. */

for (const name of ['postgres', 'mysql'] as const) {
  test.runIf(hasDatabase(name))(
    `Corner 2: a killed writer whose marker is out of sight lands after its successor has read [${name}]`,
    async () => {
      const { database, outside } = await createPrices(name)
      lookElsewhere()
      const lock = await outside.transaction()
      await lock('prices').where('id', 1).forUpdate()
      const orders: UnansweredOrders = {
        address: database.address,
        transaction: false,
        cluster: false,
      }
      const writer = fork(fixturePath('crash/fixtures/unanswered.ts'), [JSON.stringify(orders)])
      await until(() => hasWaitingUpdate(outside, name), { what: 'the write to wait' })
      writer.kill('SIGKILL')
      await once(writer, 'exit')

      lookElsewhere()
      const DB = await openMillrace(database)
      expect(await cachedPrice(DB)).toBe(10)
      await lock.commit()
      await until(async () => (await outside('prices').where('id', 1).pluck('price'))[0] === 2, {
        what: 'the write to land',
      })
      expect(await cachedPrice(DB)).toBe(10)
      // The bound: the TTL, clear(), or a write to what it reads.
      await DB.knex('prices').where('id', 1).increment('price', 1)
      expect(await cachedPrice(DB)).toBe(3)
    },
  )
}

/** Another temporary directory until the test has finished: as on another machine, or in a new container. */
function lookElsewhere(): void {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = mkdtempSync(join(tmpdir(), 'elsewhere-'))
  onTestFinished(() => {
    process.env['TMPDIR'] = before
  })
}

async function hasWaitingUpdate(outside: Knex, name: 'postgres' | 'mysql'): Promise<boolean> {
  if (name === 'mysql') {
    const [rows = []] = await outside.raw<[unknown[]]>(
      `select 1 from information_schema.processlist
       where db = database() and state = 'Updating' and info like 'update%'`,
    )
    return rows.length > 0
  }
  const { rows } = await outside.raw<{ rows: unknown[] }>(
    `select 1 from pg_stat_activity
     where wait_event_type = 'Lock' and datname = current_database() and query ilike 'update%'`,
  )
  return rows.length > 0
}

/** What is used of Knex's client for better-sqlite3. */
type ClientClass = new (config: Knex.Config) => {
  _query(connection: unknown, statement: { readonly sql: string }): Promise<unknown>
}

test('Corner 6: what a router reads from a replica that lags is kept when the replica has caught up [sqlite]', async () => {
  const { database } = await createPrices('sqlite')
  const { filename } = database.config.connection as { filename: string }
  const copy = join(mkdtempSync(join(tmpdir(), 'replica-')), 'replica.db')
  const replicate = async (): Promise<void> => {
    const primary = new Database(filename)
    await primary.backup(copy)
    primary.close()
  }
  await replicate()
  const replica = new Database(copy)
  onTestFinished(() => {
    replica.close()
  })
  const Base = (knexFactory(database.config).client as object).constructor as ClientClass
  class Router extends Base {
    override _query(connection: unknown, statement: { readonly sql: string }): Promise<unknown> {
      const reads = /^select .* from `prices`/i.test(statement.sql)
      return super._query(reads ? replica : connection, statement)
    }
  }
  const DB = await openMillrace(database, { client: Router as unknown as typeof Knex.Client })
  expect(await cachedPrice(DB)).toBe(10)
  await DB.knex('prices').where('id', 1).update({ price: 11 })
  expect(await cachedPrice(DB)).toBe(10)
  await replicate()
  expect(await DB.knex('prices').where('id', 1).pluck('price')).toEqual([11])
  expect(await cachedPrice(DB)).toBe(10)
  await DB.cache.clear()
  expect(await cachedPrice(DB)).toBe(11)
})

describe.skipIf(!hasDatabase('postgres'))('code in the server [postgres]', () => {
  const totals = `
    create table logs (n integer);
    create function total() returns bigint stable language sql as 'select sum(price) from prices';
    create function by_text(name text) returns bigint stable language plpgsql as
      $$ declare n bigint; begin execute 'select count(*) from ' || name into n; return n; end $$;
    create function perform_text(statement text) returns void language plpgsql as
      $$ begin execute statement; end $$;
    create function logged(n integer) returns boolean language plpgsql as
      $$ begin insert into logs values (n); return true; end $$`

  const count = async (DB: Millrace): Promise<number> => {
    const [row] = (await DB.knex('logs').count('* as n').cache(Infinity)) as { n: string }[]
    return Number(row?.n)
  }

  test('Corner 9: a function is followed where its body can be read; one that runs text, and the server’s own such, bypass', async () => {
    const { database, outside } = await createPrices('postgres')
    await outside.raw(totals)
    const DB = await openMillrace(database)
    const total = () => DB.knex.raw('select total() as n').cache(Infinity)
    const value = async (): Promise<unknown> =>
      ((await total()) as { rows: [{ n: string }] }).rows[0].n
    expect([await value(), await value()]).toEqual(['30', '30'])
    expect((await DB.cache.stats()).hits).toBe(1)
    await DB.knex('prices').where('id', 1).update({ price: 11 })
    expect(await value()).toBe('31')
    expect((await DB.cache.explain(total())).tables).toEqual(['prices'])

    for (const sql of [
      `select by_text('prices')`,
      `select query_to_xml('select * from prices', true, false, '')`,
    ]) {
      const explained = await DB.cache.explain(DB.knex.raw(sql).cache(Infinity))
      expect(explained).toMatchObject({ tables: 'everything', reason: 'volatile' })
    }
  })

  test('Corner 9: a call of a function that runs text counts as a write to everything', async () => {
    const { database, outside } = await createPrices('postgres')
    await outside.raw(totals)
    const DB = await openMillrace(database)
    expect([await cachedPrice(DB), await cachedPrice(DB)]).toEqual([10, 10])
    await DB.knex.raw(`select by_text('logs')`)
    // It is declared STABLE, and PostgreSQL lets such write nothing.
    expect(await cachedPrice(DB)).toBe(10)
    expect(await DB.cache.stats()).toMatchObject({ hits: 2, misses: 1 })
    await DB.knex.raw(`select perform_text('update prices set price = 11')`)
    expect(await cachedPrice(DB)).toBe(11)
  })

  test.each([
    ['a domain', `insert into noted_prices values (5)`],
    ['a cast to a domain', `select 5::noted`],
    ['an operator', `select price #@# 1 from prices where id = 1`],
    ['a cast', `select price::boxed from prices where id = 1`],
  ])('Corner 14: %s behind which a function writes; clear() helps', async (_what, sql) => {
    const { database, outside } = await createPrices('postgres')
    await outside.raw(totals)
    await outside.raw(`
      create domain noted as integer check (logged(value));
      create table noted_prices (price noted);
      create function first_logged(a integer, b integer) returns boolean language sql as 'select logged(a)';
      create operator #@# (leftarg = integer, rightarg = integer, function = first_logged);
      create type boxed as (n integer);
      create function box(n integer) returns boxed language plpgsql as
        $$ begin perform logged(n); return row(n)::boxed; end $$;
      create cast (integer as boxed) with function box(integer)`)
    const DB = await openMillrace(database)
    expect(await count(DB)).toBe(0)
    await DB.knex.raw(sql)
    expect(await count(DB)).toBe(0)
    await DB.cache.clear()
    expect(await count(DB)).toBe(1)
  })
})

describe.skipIf(!hasDatabase('mysql'))('tables of odd kinds [mysql]', () => {
  test('Corner 14: a write through a MERGE table is not seen by reads of what it merges; reads of it bypass', async () => {
    const { database, outside } = await createPrices('mysql')
    const columns = '(id integer primary key, price integer not null)'
    await outside.raw(`create table parts ${columns} engine = myisam`)
    await outside.raw(
      `create table merged ${columns} engine = merge union = (parts) insert_method = last`,
    )
    await outside('parts').insert({ id: 1, price: 10 })
    const DB = await openMillrace(database)
    expect(await cachedPrice(DB, 1, 'parts')).toBe(10)
    await DB.knex('merged').update({ price: 11 })
    expect(await cachedPrice(DB, 1, 'parts')).toBe(10)
    expect(await cachedPrice(DB, 1, 'merged')).toBe(11)
    expect((await DB.cache.stats()).bypasses).toEqual({ volatile: 1 })
    await DB.cache.clear()
    expect(await cachedPrice(DB, 1, 'parts')).toBe(11)
  })

  test('Corner 14: a column that is computed from the clock is cached as any other; a short TTL bounds it', async () => {
    const { database, outside } = await createPrices('mysql')
    await outside.raw('alter table prices add column seen datetime(6) as (now(6)) virtual')
    const DB = await openMillrace(database)
    const seen = async (ttl: string): Promise<string> => {
      const query = DB.knex('prices').where('id', 1).pluck('seen')
      return JSON.stringify(await query.cache({ ttl: ttl as '1h', key: ttl }))
    }
    const first = await seen('1h')
    const brief = await seen('300ms')
    await until(async () => (await seen('300ms')) !== brief, { what: 'the entry to expire' })
    expect(await seen('1h')).toBe(first)
  })
})

test('Corner 13: a write to an attached file counts for its bare name here, and is not heard of where it is the main file [sqlite]', async () => {
  const main = await createPrices('sqlite')
  const attached = await createPrices('sqlite')
  const { filename } = attached.database.config.connection as { filename: string }
  const DB = await openMillrace(main.database, { unseen: () => `attach '${filename}' as other` })
  const owner = await openMillrace(attached.database)
  const warm = async (): Promise<void> => {
    expect(await cachedPrice(DB)).toBe(10)
    expect(await cachedPrice(DB, 1, 'other.prices')).toBe(10)
    expect(await cachedPrice(owner)).toBe(10)
  }
  await warm()
  await warm()
  expect((await DB.cache.stats()).hits).toBe(2)
  await DB.knex('other.prices').where('id', 1).update({ price: 11 })
  expect(await cachedPrice(DB, 1, 'other.prices')).toBe(11)
  expect(await cachedPrice(owner)).toBe(10)
  await owner.cache.clear()
  expect(await cachedPrice(owner)).toBe(11)
  // And the other way round.
  await owner.knex('prices').where('id', 1).update({ price: 12 })
  expect(await cachedPrice(DB, 1, 'other.prices')).toBe(11)
})
