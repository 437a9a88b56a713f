import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyRange } from '../../src/buffer/apply-range.ts'
import { coalesce } from '../../src/buffer/coalesce.ts'
import type { Operation, QueuedOperation, WriteOperation } from '../../src/buffer/operation.ts'
import type { Step } from '../../src/buffer/step.ts'
import { describeDatabases } from '../support/databases.ts'
import type { DatabaseName } from '../support/databases.ts'
import { seeded } from '../support/seed.ts'
import type { Bench } from './bench.fixture.ts'
import { openBench } from './bench.fixture.ts'
import { describeTable } from './tables.fixture.ts'
import type { TableSpec } from './tables.fixture.ts'

/** No unique key beside the primary key, no foreign key: writes to different rows commute. */
const free: TableSpec = {
  name: 'free',
  columns: {
    id: { type: 'int' },
    n: { type: 'int', default: '3' },
    big: { type: 'bigint', default: '0' },
    price: { type: 'decimal', default: '1.5' },
    ratio: { type: 'double', default: '0' },
    label: { type: 'text', default: "'plain'" },
  },
}
const named: TableSpec = {
  name: 'named',
  columns: {
    id: { type: 'text', nullable: false },
    n: { type: 'int', default: '0' },
    label: { type: 'text' },
  },
}
const unique: TableSpec = {
  name: 'slugs',
  columns: { id: { type: 'int' }, slug: { type: 'text' }, n: { type: 'int', default: '0' } },
  unique: [['slug']],
}
const child: TableSpec = {
  name: 'children',
  columns: { id: { type: 'int' }, parent: { type: 'int' }, n: { type: 'int', default: '0' } },
  references: { parent: 'slugs' },
  cascade: true,
}
const auto: TableSpec = {
  name: 'logs',
  columns: {
    id: { type: 'int', auto: true },
    n: { type: 'int', default: '0' },
    label: { type: 'text' },
  },
}
const specs = [free, named, unique, child, auto]
const tables = specs.map(({ name }) => name)

const id = fc.integer({ min: 1, max: 6 })
const small = fc.integer({ min: -3, max: 3 })
const label = fc.constantFrom('a', 'b', "it's", 'ü', '')
const textId = fc.constantFrom('a', 'A', 'b', 'é', 'b ', 'c-1', 'c1')
const key = (columns: string, value: unknown): { columns: string[]; values: unknown[] } => ({
  columns: [columns],
  values: [value],
})
const record = <T extends Record<string, fc.Arbitrary<unknown>>>(
  model: T,
): fc.Arbitrary<Record<string, unknown>> => fc.record(model, { requiredKeys: [] })
const nonEmpty = (
  row: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> => row.filter((given) => Object.keys(given).length > 0)

const freeColumns = {
  n: fc.option(small),
  big: fc.bigInt({ min: -5n, max: 5n }),
  price: fc.constantFrom('0.10', '12.34'),
  ratio: fc.constantFrom(0.1, 2),
  label,
}
const keyed = (
  table: string,
  keys: fc.Arbitrary<{ columns: string[]; values: unknown[] }>,
  set: fc.Arbitrary<Record<string, unknown>>,
  increment: fc.Arbitrary<{ column: string; by: number | bigint }>,
): fc.Arbitrary<WriteOperation>[] => [
  fc.record({
    kind: fc.constant('update' as const),
    table: fc.constant(table),
    key: keys,
    set: nonEmpty(set),
    onMissing: fc.constantFrom('ignore' as const, 'ignore' as const, 'insert' as const),
  }),
  ...[1, 2].map(() =>
    fc
      .record({ key: keys, increment, onMissing: fc.constant('ignore' as const) })
      .map(({ key: named, increment: { column, by }, onMissing }) => ({
        kind: 'increment' as const,
        table,
        key: named,
        column,
        by,
        onMissing,
      })),
  ),
  fc.record({ kind: fc.constant('delete' as const), table: fc.constant(table), key: keys }),
]
const inserts = (
  table: string,
  row: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<WriteOperation> =>
  row.map((given) => ({ kind: 'insert' as const, table, row: given }))
const n = small.map((by) => ({ column: 'n', by }))
const withId = (
  ids: fc.Arbitrary<unknown>,
  rest: fc.Arbitrary<Record<string, unknown>>,
): fc.Arbitrary<Record<string, unknown>> =>
  fc.tuple(ids, rest).map(([given, more]) => ({ id: given, ...more }))

/** Sequences of PostgreSQL and MySQL do not roll back: there, keys keep away from ids that the database makes. */
const logId = (name: DatabaseName): fc.Arbitrary<number> =>
  name === 'sqlite' ? id : id.map((value) => -value)

const operationOn = (name: DatabaseName): fc.Arbitrary<WriteOperation> =>
  fc.oneof(
    ...keyed(
      'free',
      id.map((value) => key('id', value)),
      record(freeColumns),
      fc.oneof(
        n,
        fc.record({ column: fc.constantFrom('n', 'big', 'price', 'ratio'), by: small }),
        fc.record({
          column: fc.constantFrom('price', 'ratio'),
          by: fc.constantFrom(0.1, 0.2, 1.25),
        }),
        fc.record({ column: fc.constant('big'), by: fc.bigInt({ min: -9n, max: 9n }) }),
      ),
    ),
    inserts('free', withId(id, record(freeColumns))),
    inserts('free', withId(id, record({ n: small }))),
    ...keyed(
      'named',
      textId.map((value) => key('id', value)),
      record({ n: small, label }),
      n,
    ),
    inserts('named', withId(textId, record({ n: small, label }))),
    ...keyed(
      'slugs',
      fc.oneof(
        id.map((value) => key('id', value)),
        label.map((value) => key('slug', value)),
      ),
      record({ n: small }),
      n,
    ),
    fc.record({
      kind: fc.constant('update' as const),
      table: fc.constant('slugs'),
      key: id.map((value) => key('id', value)),
      set: fc.record({ slug: fc.option(label) }),
      onMissing: fc.constant('ignore' as const),
    }),
    inserts('slugs', withId(id, record({ slug: label, n: small }))),
    ...keyed(
      'children',
      id.map((value) => key('id', value)),
      record({ n: small, parent: fc.option(id) }),
      n,
    ),
    inserts('children', withId(id, record({ parent: id, n: small }))),
    ...keyed(
      'logs',
      logId(name).map((value) => key('id', value)),
      record({ n: small }),
      n,
    ),
    inserts('logs', record({ n: small, label })),
  )

const queue = (operations: readonly Operation[]): QueuedOperation[] =>
  operations.map((one, index) => ({ seq: index + 1, operation: one }))

/** Applies operations in ranges of one transaction and returns what every table holds, and what was refused. */
async function apply(
  bench: Bench,
  ranges: readonly (readonly QueuedOperation[])[],
): Promise<unknown> {
  const { target } = bench
  const refused: number[] = []
  const rows: unknown[] = []
  const rollback = new Error('rolled back on purpose')
  await target
    .transaction(async (session) => {
      for (const range of ranges) {
        const outcome = await applyRange(session, range, {
          dialect: target.dialect,
          describe: (name) => target.table(name),
          classify: (error) => target.classify(error),
        })
        refused.push(...outcome.refused.map(({ entry }) => entry.seq))
      }
      for (const table of tables) {
        // Ids that the database made differ after a rollback; their order does not.
        const columns = table === 'logs' ? 'n, label' : '*'
        const order = table === 'logs' ? 'id' : tableKey(bench)
        rows.push(
          (await session.query(`select ${columns} from ${table} order by ${order}`)).rows.map(
            (row) => ({ ...row }),
          ),
        )
      }
      throw rollback
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error
    })
  return { rows, refused: refused.sort((a, b) => a - b) }
}

function tableKey(bench: Bench): string {
  return bench.target.dialect === 'mysql' ? 'binary id' : 'id'
}

describeDatabases('coalesced equals sequential', (name) => {
  test('B3: coalesced result equals sequential result', { timeout: 120_000 }, async () => {
    const bench = await openBench(name)
    for (const spec of specs) await bench.table(spec)
    await bench.knex('slugs').insert([
      { id: 1, slug: 'a' },
      { id: 2, slug: 'b' },
    ])
    await bench.knex('free').insert([{ id: 1 }, { id: 2, n: null }])
    const { seed } = seeded(`coalesce ${name}`)
    const runs = name === 'sqlite' ? 400 : 60
    await fc.assert(
      fc.asyncProperty(
        fc.array(operationOn(name), { minLength: 2, maxLength: 40, size: 'max' }),
        async (operations) => {
          const queued = queue(operations)
          const one = await apply(
            bench,
            queued.map((entry) => [entry]),
          )
          const sequential = one as { rows: unknown; refused: number[] }
          // Merging speaks of writes that the database accepts one by one; the others are left out.
          const accepted = queued.filter(({ seq }) => !sequential.refused.includes(seq))
          const again = await apply(
            bench,
            accepted.map((entry) => [entry]),
          )
          expect(await apply(bench, [accepted])).toEqual(again)
        },
      ),
      { seed, numRuns: runs },
    )
  })
})

const steps = (operations: readonly Operation[], extra: readonly TableSpec[] = []): Step[] => {
  const described = new Map(
    [...specs, ...extra].map((spec) => [spec.name, describeTable(spec, 'sqlite')]),
  )
  return coalesce(queue(operations), {
    dialect: 'sqlite',
    describe: (table) => described.get(table),
  })
}
const insert = (table: string, row: Record<string, unknown>): Operation => ({
  kind: 'insert',
  table,
  row,
})
const add = (table: string, value: unknown, by: number | bigint = 1): Operation => ({
  kind: 'increment',
  table,
  key: key('id', value),
  column: 'n',
  by,
  onMissing: 'ignore',
})

test('increments of one row become one, exactly', () => {
  const many = Array.from({ length: 1000 }, (_, index) => add('free', index % 10))
  const [step, ...more] = steps(many)
  expect(more).toEqual([])
  expect(step?.kind === 'update' && step.changes.map(({ columns }) => columns.get('n'))).toEqual(
    Array.from({ length: 10 }, () => ({ kind: 'delta', by: 100 })),
  )
  const [huge] = steps([add('free', 1, 2 ** 53 - 1), add('free', 1, 2n ** 60n)])
  expect(huge?.kind === 'update' && huge.changes[0]?.columns.get('n')).toEqual({
    kind: 'delta',
    by: 2n ** 60n + 2n ** 53n - 1n,
  })
  // Fractions depend on their order, so they stay apart.
  expect(steps([add('free', 1, 0.1), add('free', 1, 0.2)])).toHaveLength(2)
})

test('inserts and increments of a table gather in two statements, also when they alternate', () => {
  const mixed = Array.from({ length: 100 }, (_, index) => [
    insert('free', { id: 100 + index, n: 0 }),
    add('free', index % 5),
  ]).flat()
  expect(steps(mixed).map(({ kind }) => kind)).toEqual(['insert', 'update'])
})

test('an omitted column keeps rows apart, so that it keeps its DEFAULT', () => {
  expect(
    steps([
      insert('free', { id: 1, n: 0 }),
      insert('free', { id: 2 }),
      insert('free', { n: 1, id: 3 }),
    ]).map(({ kind }) => kind),
  ).toEqual(['insert', 'insert', 'insert'])
})

test('a table with triggers sees each write, in its place', () => {
  const watched: TableSpec = { ...free, name: 'watched', hasTriggers: true }
  const list = [add('free', 1), add('watched', 1), add('free', 1), add('watched', 1)]
  expect(steps(list, [watched]).map((step) => [step.kind, step.table.name])).toEqual([
    ['update', 'free'],
    ['single', 'watched'],
    ['update', 'free'],
    ['single', 'watched'],
  ])
})

test('nothing passes a delete, and a group of foreign keys keeps its order', () => {
  const remove = (table: string, value: unknown): Operation => ({
    kind: 'delete',
    table,
    key: key('id', value),
  })
  const list = [add('free', 1), remove('free', 1), remove('free', 2), add('free', 1)]
  expect(steps(list).map(({ kind }) => kind)).toEqual(['update', 'delete', 'update'])
  const family = [
    insert('slugs', { id: 1 }),
    insert('children', { id: 1 }),
    insert('slugs', { id: 2 }),
    insert('children', { id: 2 }),
  ]
  expect(steps(family).map(({ table }) => table.name)).toEqual([
    'slugs',
    'children',
    'slugs',
    'children',
  ])
})
