import assert from 'node:assert/strict'
import type { Knex } from 'knex'
import knexFactory from 'knex'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyBody } from '../../src/cache/snapshot/copy-body.ts'
import { createRowShapes } from '../../src/cache/snapshot/row-shapes.ts'
import { decodeSnapshot, encodeSnapshot } from '../../src/cache/snapshot/snapshot-bytes.ts'
import { takeSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import type { Snapshot } from '../../src/contract/snapshot.ts'
import type { ClientShape, CompiledStatement, RunnerShape } from '../../src/knex/client-shape.ts'
import {
  createDirectAnswers,
  noDirectAnswer,
  type DirectAnswers,
} from '../../src/knex/response/direct-answer.ts'
import { responseAdapter } from '../../src/knex/response/index.ts'
import { anyRows } from '../cache/any-rows.ts'
import { spoil } from '../cache/spoil.ts'
import {
  createDatabase,
  describeDatabases,
  type DatabaseName,
  type TestDatabase,
} from '../support/databases.ts'
import { seeded } from '../support/seed.ts'

const codec = createValueCodec()
const shapes = createRowShapes()

/** How the hits of a statement are answered. */
type Way = 'direct' | 'general'

const clientOf = (knex: Knex): ClientShape => (knex as unknown as { client: ClientShape }).client

/** What the tests of one database work with. */
interface Bench {
  readonly knex: Knex
  readonly dialect: DatabaseName
}

/** A builder's statement as its runner compiles it. */
interface Compiled extends CompiledStatement {
  readonly pluck?: string
}

/** Sends a compiled statement and gives the driver's response. */
async function responseTo(knex: Knex, compiled: Compiled): Promise<unknown> {
  const client = clientOf(knex)
  const connection = await client.acquireConnection()
  try {
    const statement = { ...compiled }
    await client.query(connection, statement)
    return statement.response
  } finally {
    await client.releaseConnection(connection)
  }
}

/**
 * The guarantee for one builder: each hit is answered as Knex's own processing of the driver's response answers it, whatever callers did to
 * the answers before, in the process that ran the query and in another; frozen too.
 */
async function expectSameAnswers(
  { knex, dialect }: Bench,
  builder: Knex.QueryBuilder,
  way: Way = 'direct',
): Promise<unknown> {
  const client = clientOf(knex)
  const compiled = builder.toSQL() as unknown as Compiled
  const response = await responseTo(knex, compiled)
  const process = (answered: unknown): unknown =>
    client.processResponse({ ...compiled, response: answered, context: {} }, {} as RunnerShape)
  const expected = process(await responseTo(knex, compiled))

  const adapter = responseAdapter(dialect)
  const captured = adapter.capture(response, 'rows')
  const taken = captured && takeSnapshot(captured.meta, captured.body)
  assert.ok(taken !== undefined, 'the response is kept')
  // The rows alone: what lies beside them belongs to the driver.
  spoil(captured?.body)
  const arrived = decodeSnapshot(encodeSnapshot(taken.snapshot, codec), codec)
  const direct = createDirectAnswers(shapes, adapter, client)
  for (const snapshot of [taken.snapshot, arrived]) {
    for (let hit = 0; hit < 2; hit++) {
      const general = process(
        adapter.revive(snapshot.meta, copyBody(snapshot.body, shapes), client),
      )
      assert.deepStrictEqual(general, expected)
      for (const frozen of [false, true]) {
        const answer = answerOf(direct, compiled, snapshot, frozen)
        if (way === 'general') {
          expect(answer).toBe(noDirectAnswer)
          continue
        }
        expectSame(answer, general)
        expect(isEachFrozen(answer, frozen), 'frozen as asked').toBe(true)
        spoil(answer)
      }
    }
  }
  return expected
}

function answerOf(
  direct: DirectAnswers,
  { method, pluck }: Compiled,
  snapshot: Snapshot,
  frozen: boolean,
): unknown {
  return direct.answer(method ?? '', pluck, snapshot, frozen)
}

/** Equal in values, prototypes and the order of properties. */
function expectSame(answer: unknown, expected: unknown): void {
  assert.deepStrictEqual(answer, expected)
  const orders = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(orders) : Object.keys(Object(value) as object)
  expect(orders(answer)).toEqual(orders(expected))
}

/** Whether the objects in a value, without those that cannot be frozen, are all as expected. */
function isEachFrozen(value: unknown, expected: boolean): boolean {
  const found = new Set<boolean>([expected])
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    if (part instanceof Date || part instanceof Uint8Array) return
    found.add(Object.isFrozen(part))
    Object.values(part).forEach(visit)
  }
  visit(value)
  return found.size === 1
}

const oddNames = [
  'constructor',
  'toString',
  'a b',
  'a"b',
  "a'b",
  'new\nline',
  'line\u2028break',
  '$x',
  '1',
  'Ünïcode ★',
]

describeDatabases('G5: a hit is answered as Knex answers', (dialect) => {
  let database: TestDatabase
  let bench: Bench
  const open = (): Knex => bench.knex

  beforeAll(async () => {
    database = await createDatabase(dialect)
    bench = { knex: knexFactory(database.config), dialect }
    await open().schema.createTable('t', (table) => {
      table.integer('id').primary()
      table.string('name')
      table.binary('data')
      table.double('ratio')
      table.decimal('price', 10, 2)
      table.bigInteger('big')
      table.json('doc')
      table.dateTime('at')
      table.boolean('yes')
    })
    const row = (id: number): object => ({
      id,
      name: `Oak ${id} 🪵`,
      data: Buffer.from([0, id, 255]),
      ratio: id % 2 === 0 ? id + 0.5 : id,
      price: `${id}.10`,
      big: '9007199254740993',
      doc: JSON.stringify({ list: [id, null, { deep: 'x' }] }),
      at: dialect === 'sqlite' ? id : new Date(1_700_000_000_000 + id),
      yes: true,
    })
    await open().batchInsert(
      't',
      Array.from({ length: 50 }, (_, i) => row(i + 1)),
    )
    await open()('t').insert({ id: 99 })
  })
  afterAll(async () => {
    await bench.knex.destroy()
    await database.drop()
  })

  test.each<[string, (knex: Knex) => Knex.QueryBuilder]>([
    ['all', (knex) => knex('t').orderBy('id')],
    ['some columns', (knex) => knex('t').select('name', 'id').where('id', '<', 4).orderBy('id')],
    ['none found', (knex) => knex('t').where('id', 0)],
    ['nulls', (knex) => knex('t').where('id', 99)],
    ['first', (knex) => knex('t').where('id', 2).first()],
    ['first of many columns', (knex) => knex('t').first('name', 'at', 'data').where('id', 3)],
    ['first of none', (knex) => knex('t').where('id', 0).first()],
    ['a plain column', (knex) => knex('t').orderBy('id').pluck('name')],
    ['a column of a table', (knex) => knex('t').orderBy('id').pluck('t.at')],
    ['buffers', (knex) => knex('t').orderBy('id').pluck('data')],
    ['JSON', (knex) => knex('t').orderBy('id').pluck('doc')],
    ['a column of no rows', (knex) => knex('t').where('id', 0).pluck('name')],
    ['a count', (knex) => knex('t').count({ n: '*' }).avg({ r: 'ratio' }).first()],
    ['equal names', (knex) => knex('t').select('id as a', 'name as a', 'id as b').orderBy('id')],
    ['a join', (knex) => knex('t as a').join('t as b', 'a.id', 'b.id').select('a.*', 'b.id as o')],
    ['a group', (knex) => knex('t').groupBy('yes').select('yes').count('* as n').orderBy('n')],
    ['odd names', (knex) => knex('t').select(oddNames.map((name) => knex.ref('id').as(name)))],
  ])('%s', async (_title, build) => {
    await expectSameAnswers(bench, build(open()))
  })

  test.each(oddNames)('a column named %j', async (name) => {
    const build = (): Knex.QueryBuilder => open()('t').select(open().raw('id as ??', [name]))
    await expectSameAnswers(bench, build())
    await expectSameAnswers(bench, build().first())
    // Knex reads a plucked name as a path; a name that the rows have is that column.
    const plucked = open().from(build().as('s')).pluck(name) as unknown as Knex.QueryBuilder
    if (name !== 'toString') await expectSameAnswers(bench, plucked)
  })

  test('a plucked name that is no column of the rows is left to Knex', async () => {
    // The select list has an alias, so that no row has a property of that name.
    const build = (name: string): Knex.QueryBuilder => open()('t').orderBy('id').pluck(name)
    await expectSameAnswers(bench, build('id as x'), 'general')
    await expectSameAnswers(bench, build('t.id as toString'), 'general')
  })

  test.skipIf(dialect === 'mysql')('a column named __proto__', async () => {
    await expectSameAnswers(
      bench,
      open()('t')
        .select(open().raw('id as ??, name as n', ['__proto__']))
        .orderBy('id'),
    )
  })

  test.runIf(dialect === 'postgres')('types of PostgreSQL', async () => {
    const columns = `1::int2 as i, 9007199254740993::int8 as big, 1.10::numeric as n, 'NaN'::float8 as f, '-0'::float8 as z,
      true as yes, 'a'::text as t, '\\x00ff'::bytea as b, '2024-02-29'::date as d, '2024-02-29 12:34:56.789+00'::timestamptz as ts,
      '12:34'::time as tm, '{"a": [1, null]}'::jsonb as j, '[1]'::json as js, '5'::json as jn, array[1, null, 3] as ia, array['a', null] as ta,
      array['2024-02-29'::timestamptz] as tsa, array[array[1], array[2]] as nested, 'infinity'::timestamp as inf, point(1, 2) as p, int4range(1, 5) as r,
      gen_random_uuid() is null as u, null as none`
    const build = (): Knex.QueryBuilder => open().select(open().raw(columns))
    const [row] = (await expectSameAnswers(bench, build())) as Record<string, unknown>[]
    expect(Object.is(row?.['z'], -0)).toBe(true)
    await expectSameAnswers(bench, build().first())
    await expectSameAnswers(bench, open().select(open().raw('array[now()] is null as x')))
    for (const name of ['z', 'j', 'tsa', 'b']) {
      await expectSameAnswers(bench, open().from(build().as('s')).pluck(name) as never)
    }
    // Knex selects nothing as *.
    await expectSameAnswers(bench, open().from(open().raw('(select from generate_series(1, 3)) s')))
  })

  test.runIf(dialect === 'postgres')('intervals are left to Knex', async () => {
    const build = (): Knex.QueryBuilder =>
      open().select(open().raw("'1 day'::interval as i, 1 as one"))
    await expectSameAnswers(bench, build(), 'general')
    await expectSameAnswers(bench, build().first(), 'general')
  })

  test.runIf(dialect === 'postgres')('rows that are arrays', async () => {
    const build = (): Knex.QueryBuilder => open()('t').options({ rowMode: 'array' })
    await expectSameAnswers(bench, build().orderBy('id'), 'general')
    await expectSameAnswers(bench, build().where('id', 0))
  })

  test.runIf(dialect === 'postgres')(
    'a statement that writes and reads gives the whole result',
    () => {
      const direct = createDirectAnswers(shapes, responseAdapter('postgres'), clientOf(open()))
      const body = takeSnapshot(undefined, [{ id: 1 }])?.snapshot.body
      assert.ok(body !== undefined)
      for (const meta of [undefined, { command: 'INSERT', intervals: [] }]) {
        expect(direct.answer('select', undefined, { meta, body }, false)).toBe(noDirectAnswer)
      }
    },
  )

  test.runIf(dialect === 'mysql').each<[string, object, Way]>([
    ['rowsAsArray', { rowsAsArray: true }, 'general'],
    ['nestTables', { nestTables: true }, 'direct'],
    ['nestTables with a separator', { nestTables: '_' }, 'direct'],
    ['typeCast: false', { typeCast: false }, 'direct'],
    ['dateStrings', { dateStrings: true }, 'direct'],
  ])('option %s', async (_title, options, way) => {
    const build = (): Knex.QueryBuilder =>
      open()('t as a').join('t as b', 'a.id', 'b.id').options(options)
    await expectSameAnswers(bench, build().select('a.*', 'b.id').orderBy('a.id'), way)
    await expectSameAnswers(bench, build().first('a.id', 'b.name').where('a.id', 1), way)
  })

  test('a client that processes responses in its own way', async () => {
    const { knex } = bench
    const client = clientOf(knex)
    const snapshot = takeSnapshot(
      dialect === 'postgres' ? { command: 'SELECT', intervals: [] } : undefined,
      [{ id: 1 }],
    )?.snapshot
    assert.ok(snapshot !== undefined)
    const adapter = responseAdapter(dialect)
    const answerWith = (direct: DirectAnswers): unknown =>
      direct.answer('select', undefined, snapshot, false)

    const direct = createDirectAnswers(shapes, adapter, client)
    expect(answerWith(direct)).toEqual([{ id: 1 }])
    client.processResponse = () => 'mine'
    try {
      expect(answerWith(direct)).toBe(noDirectAnswer)
      expect(answerWith(createDirectAnswers(shapes, adapter, client))).toBe(noDirectAnswer)
    } finally {
      Reflect.deleteProperty(client, 'processResponse')
    }
    expect(answerWith(direct)).toEqual([{ id: 1 }])

    const Own = class extends (client.constructor as new (config: object) => object) {}
    const extended = knexFactory({ ...database.config, client: Own as typeof Knex.Client })
    try {
      expect(answerWith(createDirectAnswers(shapes, adapter, clientOf(extended)))).toBe(
        noDirectAnswer,
      )
    } finally {
      await extended.destroy()
    }
  })

  test('any rows', () => {
    const { seed } = seeded(`direct answers ${dialect}`)
    const client = clientOf(open())
    const adapter = responseAdapter(dialect)
    const direct = createDirectAnswers(shapes, adapter, client)
    const meta = dialect === 'postgres' ? { command: 'SELECT', intervals: [] } : undefined
    fc.assert(
      fc.property(anyRows, (rows) => {
        const snapshot = takeSnapshot(meta, rows)?.snapshot
        assert.ok(snapshot !== undefined)
        const names = Object.keys(rows[0] ?? {})
        const statements: Compiled[] = [
          { sql: '', method: 'select' },
          { sql: '', method: 'first' },
          ...names.map((pluck) => ({ sql: '', method: 'pluck', pluck })),
        ]
        for (const statement of statements) {
          for (const frozen of [false, true, true, false]) {
            const revived = adapter.revive(meta, copyBody(snapshot.body, shapes), client)
            const expected = client.processResponse(
              { ...statement, response: revived },
              {} as RunnerShape,
            )
            const answer = answerOf(direct, statement, snapshot, frozen)
            expectSame(answer, expected)
            spoil(answer)
          }
        }
      }),
      { seed, numRuns: 200 },
    )
  })
})

describe('what is no builder’s read', () => {
  const client = { config: { client: 'better-sqlite3' } }
  const direct = createDirectAnswers(
    shapes,
    responseAdapter('sqlite'),
    Object.assign(Object.create({ processResponse: () => undefined }) as ClientShape, client),
  )
  const snapshotOf = (body: unknown): Snapshot => {
    const taken = takeSnapshot(undefined, body)
    assert.ok(taken !== undefined)
    return taken.snapshot
  }

  test.each(['raw', 'insert', 'update', 'del', 'counter', ''])('%s: no direct answer', (method) => {
    expect(direct.answer(method, undefined, snapshotOf([{ a: 1 }]), false)).toBe(noDirectAnswer)
  })

  test.each<[string, unknown]>([
    ['rows of two shapes', [{ a: 1 }, { b: 1 }]],
    ['rows that are arrays', [[1], [2]]],
    ['no list', { a: 1 }],
  ])('%s: no direct answer', (_title, body) => {
    for (const method of ['select', 'first']) {
      expect(direct.answer(method, undefined, snapshotOf(body), false)).toBe(noDirectAnswer)
    }
  })
})
