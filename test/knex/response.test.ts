import assert from 'node:assert/strict'
import type { Knex } from 'knex'
import knexFactory from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyBody } from '../../src/cache/snapshot/copy-body.ts'
import { createRowShapes } from '../../src/cache/snapshot/row-shapes.ts'
import { decodeSnapshot, encodeSnapshot } from '../../src/cache/snapshot/snapshot-bytes.ts'
import { takeSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { Snapshot } from '../../src/contract/snapshot.ts'
import { responseAdapter } from '../../src/knex/response/index.ts'
import type {
  DriverHolder,
  ResponseAdapter,
  ResponseScope,
} from '../../src/knex/response/response-adapter.ts'
import {
  createDatabase,
  describeDatabases,
  hasDatabase,
  type TestDatabase,
} from '../support/databases.ts'

const codec = createValueCodec()
const shapes = createRowShapes()

/** What this file uses of a Knex client. */
interface Client extends DriverHolder {
  acquireConnection(): Promise<unknown>
  releaseConnection(connection: unknown): Promise<void>
  _query(connection: unknown, statement: object): Promise<{ response: unknown }>
  processResponse(statement: object, runner: object): unknown
}

const clientOf = (knex: Knex): Client => (knex as unknown as { client: Client }).client

/** The driver's own response to a statement, before Knex looks at it. */
async function responseTo(knex: Knex, sql: string, options: object = {}): Promise<unknown> {
  const client = clientOf(knex)
  const connection = await client.acquireConnection()
  try {
    return (await client._query(connection, { sql, bindings: [], options })).response
  } finally {
    await client.releaseConnection(connection)
  }
}

function snapshotOf(
  adapter: ResponseAdapter,
  response: unknown,
  scope: ResponseScope = 'whole',
): Snapshot {
  const captured = adapter.capture(response, scope)
  assert.ok(captured !== undefined, 'the response can be captured')
  const taken = takeSnapshot(captured.meta, captured.body)
  assert.ok(taken !== undefined, 'the response can be copied')
  return taken.snapshot
}

function revive(adapter: ResponseAdapter, snapshot: Snapshot, client: DriverHolder): unknown {
  const revived = adapter.revive(snapshot.meta, copyBody(snapshot.body, shapes), client)
  assert.ok(revived !== undefined, 'the response can be revived')
  return revived
}

/** Changes all data in a response; leaves functions and the driver's shared parsers alone. */
function spoil(value: unknown, seen = new Set<unknown>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (value instanceof Date) value.setTime(1)
  else if (Buffer.isBuffer(value)) value.fill(7)
  else {
    for (const key of Object.keys(value)) {
      if (key === '_types') continue
      const record = value as Record<string, unknown>
      spoil(record[key], seen)
      record[key] = 'spoilt'
    }
  }
}

/**
 * The guarantee for one statement: what comes back equals a second, untouched response of the same statement, in this process,
 * and in one that never saw a response, whatever a caller did to the miss or to an earlier hit.
 */
async function expectRevived(
  knex: Knex,
  dialect: Dialect,
  sql: string,
  options: object = {},
): Promise<unknown> {
  const client = clientOf(knex)
  const response = await responseTo(knex, sql, options)
  const untouched = await responseTo(knex, sql, options)
  assert.deepStrictEqual(response, untouched, 'the statement gives the same twice')
  const here = responseAdapter(dialect)
  const snapshot = snapshotOf(here, response)
  const bytes = encodeSnapshot(snapshot, codec)
  assert.deepStrictEqual(response, untouched, 'capturing changes nothing')
  spoil(response)

  const elsewhere = responseAdapter(dialect)
  for (const [adapter, kept] of [
    [here, snapshot],
    [elsewhere, decodeSnapshot(bytes, codec)],
  ] as const) {
    for (let hit = 0; hit < 2; hit++) {
      const revived = revive(adapter, kept, client)
      assert.deepStrictEqual(revived, untouched)
      expect(columnOrders(revived)).toEqual(columnOrders(untouched))
      spoil(revived)
    }
  }

  const rowsOnly = revive(here, snapshotOf(here, untouched, 'rows'), client)
  for (const statement of [{ method: 'select' }, { method: 'first' }]) {
    assert.deepStrictEqual(
      client.processResponse({ ...statement, response: rowsOnly }, {}),
      client.processResponse({ ...statement, response: untouched }, {}),
    )
  }
  return untouched
}

function rowsOf(response: unknown): unknown[] {
  if (!Array.isArray(response)) return (response as { rows: unknown[] }).rows
  return Array.isArray(response[0]) && Array.isArray(response[1]) ? response[0] : response
}

const columnOrders = (response: unknown): string[][] =>
  rowsOf(response).map((row) => Object.keys(row as object))

describeDatabases('G5: a revived response equals the driver’s own', (name) => {
  let database: TestDatabase
  let knex: Knex

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await knex.schema.createTable('t', (table) => {
      table.integer('id').primary()
      table.string('name')
      table.binary('data')
      table.double('ratio')
    })
    await knex('t').insert([
      { id: 1, name: 'Oak', data: Buffer.from([0, 255]), ratio: 1.5 },
      { id: 2, name: null, data: null, ratio: null },
    ])
  })
  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  test.each([
    'select * from t order by id',
    'select * from t where id = 0',
    'select null as a, null as b from t',
    'select id as a, name as a, id as b from t order by id',
    'select count(*) as n, avg(ratio) as r from t',
    'select a.*, b.id as other from t a join t b on a.id = b.id order by a.id',
  ])('%s', async (sql) => {
    await expectRevived(knex, name, sql)
  })

  test('what a builder gives', async () => {
    const client = clientOf(knex)
    const adapter = responseAdapter(name)
    const response = await responseTo(knex, 'select id, name from t order by id')
    const snapshot = snapshotOf(adapter, response, 'rows')
    const process = (statement: object): unknown =>
      client.processResponse({ ...statement, response: revive(adapter, snapshot, client) }, {})
    assert.deepStrictEqual(
      process({ method: 'select' }),
      await knex('t').select('id', 'name').orderBy('id'),
    )
    assert.deepStrictEqual(
      process({ method: 'first' }),
      await knex('t').first('id', 'name').orderBy('id'),
    )
    assert.deepStrictEqual(
      process({ method: 'pluck', pluck: 'name' }),
      await knex('t').orderBy('id').pluck('name'),
    )
  })

  test('the outcome of a write is not kept', async () => {
    const adapter = responseAdapter(name)
    const response = await responseTo(knex, 'update t set ratio = 2 where id = 0')
    expect(adapter.capture(response, 'rows')).toBe(undefined)
    expect(adapter.capture(response, 'whole')).toBe(undefined)
  })
})

describeOne('sqlite', (open) => {
  test("a column named '__proto__', which the driver gives as a row's prototype or as a column", async () => {
    const knex = open()
    const response = await responseTo(knex, 'select 1 as "__proto__", 2 as b')
    const adapter = responseAdapter('sqlite')
    assert.deepStrictEqual(revive(adapter, snapshotOf(adapter, response), clientOf(knex)), response)
  })

  test('safeIntegers: BigInt', async () => {
    const knex = open({ options: { safeIntegers: true } })
    const response = await expectRevived(
      knex,
      'sqlite',
      'select 9007199254740993 as big, 1.5 as real',
    )
    assert.deepStrictEqual(response, [{ big: 9007199254740993n, real: 1.5 }])
  })

  test('infinities and blobs', async () => {
    const response = await expectRevived(
      open(),
      'sqlite',
      "select 9e999 as inf, -9e999 as ninf, x'00ff' as b, x'' as e",
    )
    assert.deepStrictEqual(response, [
      { inf: Infinity, ninf: -Infinity, b: Buffer.from([0, 255]), e: Buffer.alloc(0) },
    ])
  })
})

describeOne('postgres', (open) => {
  const everyType = `select 1::int2 as i2, 9007199254740993::int8 as i8, 1.10::numeric as n, 1.5::float8 as f, 'NaN'::float8 as nan,
    'Infinity'::float4 as inf, '-Infinity'::float8 as ninf, true as yes, null::bool as none, 'a'::text as t, 'b'::char(3) as c,
    '\\x00ff'::bytea as bytes, '2024-02-29'::date as d, '2024-02-29 12:34:56.789'::timestamp as ts,
    '2024-02-29 12:34:56.789+00'::timestamptz as tz, 'infinity'::timestamptz as never, '12:34:56'::time as tm,
    '{"b": [1, {"a": null}], "a": "x"}'::json as j, '{"__proto__": {"x": 1}}'::json as jp, '[1,2]'::jsonb as jb,
    '{1,2,null}'::int4[] as ia, '{{1,2},{3,4}}'::int8[][] as ib, '{a,null}'::text[] as ta, array['2024-01-01'::timestamptz, null] as da,
    array['\\x01'::bytea] as ba, array['{"a":1}'::jsonb] as ja, '(1,2)'::point as p, '<(1,2),3>'::circle as ci,
    array['(1,2)'::point] as pa, '11111111-1111-1111-1111-111111111111'::uuid as u, '[1,5)'::int4range as r, '1.2.3.4'::inet as net,
    1 as "__proto__"`
  const intervals = `select '1 year 2 mons 3 days 04:05:06.789'::interval as i, null::interval as none, '0'::interval as zero,
    array['1 day'::interval, null] as list, array[array['1 day'::interval]] as lists, 1 as plain
    union all select '-1 day'::interval, null, null, null, null, 2`

  test('every common type', async () => {
    await expectRevived(open(), 'postgres', everyType)
    await expectRevived(open(), 'postgres', everyType, { rowMode: 'array' })
  })

  test('intervals are instances of pg’s class, also in lists and in rows that are arrays', async () => {
    const knex = open()
    const response = await expectRevived(knex, 'postgres', intervals)
    const [row] = rowsOf(response) as { i: { toISO(): string } }[]
    expect(row?.i.toISO()).toBe('P1Y2M3DT4H5M6.789S')
    await expectRevived(knex, 'postgres', intervals, { rowMode: 'array' })
    await expectRevived(knex, 'postgres', `${intervals} limit 0`)
  })

  test('intervals of a worker’s first response reach a builder’s rows', async () => {
    const knex = open()
    const response = await responseTo(knex, intervals)
    const snapshot = snapshotOf(responseAdapter('postgres'), response, 'rows')
    const arrived = decodeSnapshot(encodeSnapshot(snapshot, codec), codec)
    const revived = revive(responseAdapter('postgres'), arrived, clientOf(knex))
    assert.deepStrictEqual(rowsOf(revived), rowsOf(response))
  })

  test('rows without columns', async () => {
    const response = await expectRevived(open(), 'postgres', 'select from generate_series(1, 3)')
    assert.deepStrictEqual(rowsOf(response), [{}, {}, {}])
  })

  test('binary format', async () => {
    await expectRevived(open(), 'postgres', "select 1::int4 as i, 'x'::bytea as b", {
      binary: true,
    })
  })

  test('a type parser of the connection gives BigInt', async () => {
    const knex = open({}, (connection) => {
      const { setTypeParser } = connection as {
        setTypeParser(oid: number, parse: typeof BigInt): void
      }
      setTypeParser.call(connection, 20, BigInt)
    })
    const response = await responseTo(knex, 'select 9007199254740993::int8 as big')
    assert.deepStrictEqual(rowsOf(response), [{ big: 9007199254740993n }])
    const adapter = responseAdapter('postgres')
    const snapshot = snapshotOf(adapter, response)
    assert.deepStrictEqual(revive(adapter, snapshot, clientOf(knex)), response)
    // A process that has not seen this connection's parsers yet has the rows all the same.
    const elsewhere = revive(responseAdapter('postgres'), snapshot, clientOf(knex))
    assert.deepStrictEqual(rowsOf(elsewhere), rowsOf(response))
  })

  test('type parsers in the settings', async () => {
    const parse = (text: string): string => `parsed ${text}`
    const types = { getTypeParser: (oid: number) => (oid === 23 ? parse : String) }
    const response = await expectRevived(open({ types }), 'postgres', 'select 1 as a, 2.5 as b')
    assert.deepStrictEqual(rowsOf(response), [{ a: 'parsed 1', b: '2.5' }])
  })

  test('a type parser that gives instances of another class: no snapshot', async () => {
    class Money {
      readonly text: string
      constructor(text: string) {
        this.text = text
      }
    }
    const types = {
      getTypeParser: (oid: number) => (oid === 23 ? (text: string) => new Money(text) : String),
    }
    const knex = open({ types })
    const captured = responseAdapter('postgres').capture(
      await responseTo(knex, 'select 1 as a'),
      'whole',
    )
    expect(takeSnapshot(captured?.meta, captured?.body)).toBe(undefined)
  })

  test('parsers of one query, and several results: not kept', async () => {
    const knex = open()
    const adapter = responseAdapter('postgres')
    const types = { getTypeParser: () => String }
    expect(adapter.capture(await responseTo(knex, 'select 1 as a', { types }), 'whole')).toBe(
      undefined,
    )
    const several = await responseTo(knex, 'select 1; select 2')
    expect(Array.isArray(several)).toBe(true)
    expect(adapter.capture(several, 'rows')).toBe(undefined)
    expect(adapter.capture(several, 'whole')).toBe(undefined)
  })

  test('a driver that is built otherwise: nothing is revived, so the query runs', async () => {
    const snapshot = snapshotOf(
      responseAdapter('postgres'),
      await responseTo(open(), 'select 1 as a'),
    )
    for (const driver of [undefined, {}, { Result: Map }, { TypeOverrides: Map }]) {
      expect(responseAdapter('postgres').revive(snapshot.meta, [{ a: 1 }], { driver })).toBe(
        undefined,
      )
    }
  })
})

describeOne('mysql', (open) => {
  const everyType = `select 1 as i, cast(9007199254740993 as unsigned) as big, 1.10 as n, 1.5e0 as f, true as yes, null as none, 'a' as t,
    binary 'b' as bytes, cast('2024-02-29' as date) as d, cast('2024-02-29 12:34:56.789' as datetime(3)) as ts,
    cast('12:34:56' as time) as tm, point(1, 2) as p, 'grün 🪵' as u`

  test.each<[string, object]>([
    ['as it comes', {}],
    ['rowsAsArray', { rowsAsArray: true }],
    ['nestTables', { nestTables: true }],
    ['nestTables with a separator', { nestTables: '_' }],
    ['typeCast: false', { typeCast: false }],
  ])('every common type: %s', async (_title, options) => {
    await expectRevived(open(), 'mysql', everyType, options)
  })

  test.each<[string, object]>([
    ['bigNumberStrings', { supportBigNumbers: true, bigNumberStrings: true }],
    ['supportBigNumbers', { supportBigNumbers: true }],
    ['dateStrings', { dateStrings: true }],
    ['decimalNumbers', { decimalNumbers: true }],
    ['disableEval', { disableEval: true }],
    [
      'typeCast',
      { typeCast: (field: { table: string }, next: () => unknown) => [field.table, next()] },
    ],
  ])('every common type with the connection’s %s', async (_title, settings) => {
    await expectRevived(open(settings), 'mysql', everyType)
  })

  test('columns of tables: JSON, blobs, sets, bits, zero dates', async () => {
    const knex = open()
    await knex.raw(
      `create table c (id int primary key, j json, b blob, e enum('x','y'), s set('a','b'), bits bit(3), y year, flag tinyint(1))`,
    )
    await knex.raw(
      `insert into c values (1, '{"a": [1, null]}', x'00ff', 'x', 'a,b', b'101', 2024, 1), (2, null, null, null, null, null, null, null)`,
    )
    await expectRevived(knex, 'mysql', 'select * from c order by id')
    await expectRevived(
      knex,
      'mysql',
      'select c.*, d.* from c join c as d on c.id = d.id order by c.id',
      { nestTables: true },
    )
  })

  test('fields that were read before the capture', async () => {
    const knex = open()
    const response = (await responseTo(knex, 'select 1 as a')) as [
      unknown[],
      { schema: string; table: string }[],
    ]
    expect(response[1][0]?.schema).toBe('')
    const adapter = responseAdapter('mysql')
    const [, fields] = revive(
      adapter,
      snapshotOf(adapter, response),
      clientOf(knex),
    ) as typeof response
    assert.deepStrictEqual(fields, response[1])
    expect(fields[0]?.table).toBe(response[1][0]?.table)
  })

  test('names of tables and columns are read from revived fields', async () => {
    const knex = open()
    await knex.schema.createTable('oak', (table) => table.integer('id'))
    const snapshot = snapshotOf(
      responseAdapter('mysql'),
      await responseTo(knex, 'select o.id as number from oak o'),
    )
    const arrived = decodeSnapshot(encodeSnapshot(snapshot, codec), codec)
    const [, fields] = revive(responseAdapter('mysql'), arrived, clientOf(knex)) as [
      unknown,
      Record<string, unknown>[],
    ]
    expect([
      fields[0]?.['orgTable'],
      fields[0]?.['table'],
      fields[0]?.['orgName'],
      fields[0]?.['name'],
    ]).toEqual(['oak', 'o', 'id', 'number'])
  })

  test('several results, and a procedure: not kept', async () => {
    const knex = open({ multipleStatements: true })
    const adapter = responseAdapter('mysql')
    await knex.raw('create procedure two() begin select 1 as a; select 2 as b; end')
    for (const sql of ['select 1 as a; select 2 as b', 'call two()', 'do 1; select 1 as a']) {
      const response = await responseTo(knex, sql)
      expect(adapter.capture(response, 'rows')).toBe(undefined)
      expect(adapter.capture(response, 'whole')).toBe(undefined)
    }
  })

  test('a driver that is built otherwise: nothing is revived, so the query runs', async () => {
    const snapshot = snapshotOf(responseAdapter('mysql'), await responseTo(open(), 'select 1 as a'))
    for (const driver of [undefined, {}, { createQuery: () => ({}) }]) {
      expect(responseAdapter('mysql').revive(snapshot.meta, [{ a: 1 }], { driver })).toBe(undefined)
    }
  })
})

/** Opens a database with extra connection settings, and perhaps something to do with each new connection. */
type Open = (settings?: object, afterCreate?: (connection: unknown) => void) => Knex

/** Tests that make sense on one database only; a missing server is reported by the tests above. */
function describeOne(dialect: Dialect, define: (open: Open) => void): void {
  describe.skipIf(!hasDatabase(dialect))(`types of ${dialect}`, () => {
    const opened: Knex[] = []
    let database: TestDatabase
    beforeAll(async () => {
      database = await createDatabase(dialect)
    })
    afterAll(async () => {
      for (const knex of opened) await knex.destroy()
      await database.drop()
    })
    define((settings = {}, afterCreate) => {
      const { connection, pool, ...rest } = database.config
      const done = (raw: unknown, next: (error: unknown, raw: unknown) => void): void => {
        afterCreate?.(raw)
        next(undefined, raw)
      }
      const knex = knexFactory({
        ...rest,
        pool: afterCreate === undefined ? (pool ?? {}) : { min: 0, max: 1, afterCreate: done },
        connection: { ...(connection as object), ...settings },
      })
      opened.push(knex)
      return knex
    })
  })
}

describe('unknown responses', () => {
  test.each<Dialect>(['sqlite', 'postgres', 'mysql'])('%s: not kept', (dialect) => {
    const adapter = responseAdapter(dialect)
    for (const response of [undefined, null, 1, 'x', {}, { rows: [] }]) {
      expect(adapter.capture(response, 'rows')).toBe(undefined)
      expect(adapter.capture(response, 'whole')).toBe(undefined)
    }
  })
})
