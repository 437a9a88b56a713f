import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { copyBody } from '../../src/cache/snapshot/copy-body.ts'
import { createRowShapes } from '../../src/cache/snapshot/row-shapes.ts'
import { decodeSnapshot, encodeSnapshot } from '../../src/cache/snapshot/snapshot-bytes.ts'
import { takeSnapshot, type TakenSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import { anyValue } from '../codec/any-value.ts'
import { seeded } from '../support/seed.ts'
import { anyRows, rowOf } from './any-rows.ts'
import { spoil } from './spoil.ts'

const shapes = createRowShapes()
const codec = createValueCodec()

function taken(body: unknown): TakenSnapshot {
  const snapshot = takeSnapshot(undefined, body)
  assert.ok(snapshot !== undefined, 'the body can be copied')
  return snapshot
}

describe('copies', () => {
  test('G5: a copy equals what was taken, in this process and through bytes, and shares nothing', () => {
    const { seed } = seeded('snapshot copies')
    const body = fc.oneof({ weight: 3, arbitrary: anyRows }, { weight: 1, arbitrary: anyValue })
    fc.assert(
      fc.property(fc.integer(), (n) => {
        // The same seed gives a twin that nobody touches.
        const original = fc.sample(body, { seed: n, numRuns: 1 })[0]
        const twin = fc.sample(body, { seed: n, numRuns: 1 })[0]
        const { snapshot } = taken(original)
        spoil(original)
        const first = copyBody(snapshot.body, shapes)
        assert.deepStrictEqual(first, twin)
        spoil(first)
        const bytes = encodeSnapshot(snapshot, codec)
        assert.deepStrictEqual(copyBody(snapshot.body, shapes), twin)
        const arrived = decodeSnapshot(bytes, codec)
        spoil(copyBody(arrived.body, shapes))
        assert.deepStrictEqual(copyBody(arrived.body, shapes), twin)
        assert.deepStrictEqual(arrived, snapshot)
      }),
      { seed, numRuns: 1000 },
    )
  })

  test('columns of numbers and of repeated strings keep every value exactly', () => {
    const { seed } = seeded('snapshot columns')
    const number = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.constantFrom(0, -0, NaN, Infinity, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 0.5),
    )
    const word = fc.constantFrom('', 'a', 'b', 'draft', 'published', 'Ä', '木', '\ud800')
    const anyCell = fc.oneof(number, word, fc.constantFrom(null, undefined, true, 5n))
    const column = fc.constantFrom<fc.Arbitrary<unknown>>(number, fc.integer(), word, anyCell)
    const rows = fc
      .array(column, { maxLength: 4 })
      .chain((cells) => fc.array(fc.tuple(...cells), { maxLength: 40 }))
      .map((table) =>
        table.map((cells) => rowOf(['a', 'b', 'c', 'd'].slice(0, cells.length), cells)),
      )
    fc.assert(
      fc.property(rows, (original) => {
        const { snapshot } = taken(original)
        assert.deepStrictEqual(copyBody(snapshot.body, shapes), original)
        const arrived = decodeSnapshot(encodeSnapshot(snapshot, codec), codec)
        assert.deepStrictEqual(copyBody(arrived.body, shapes), original)
      }),
      { seed, numRuns: 300 },
    )
  })

  test('uniform rows are kept by column, with a mark on columns of dates and of objects', () => {
    const at = new Date(5)
    const doc = { a: 1 }
    const { snapshot } = taken([
      { id: 1, at: null, name: 'a', doc },
      { id: 2, at, name: 'b', doc: at },
    ])
    assert.deepStrictEqual(snapshot.body, {
      form: 'columns',
      names: ['id', 'at', 'name', 'doc'],
      rowCount: 2,
      columns: [
        [1, 2],
        [null, 5],
        ['a', 'b'],
        [doc, at],
      ],
      kinds: ['plain', 'dates', 'plain', 'deep'],
    })
  })

  test.each<[string, unknown]>([
    ['rows of different shapes', [{ a: 1 }, { b: 1 }]],
    [
      'the same columns in another order',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    ['a row that lacks a column', [{ a: 1, b: 2 }, { a: 1 }]],
    ['rows without a prototype', [Object.assign(Object.create(null) as object, { a: 1 })]],
    [
      'rows that are arrays',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['a hole among rows', [{ a: 1 }, , { a: 2 }]], // eslint-disable-line no-sparse-arrays
    ['no array', { rows: 1 }],
    ['nothing', undefined],
  ])('%s: kept as one value', (_title, body) => {
    const { snapshot } = taken(body)
    expect(snapshot.body.form).toBe('value')
    const copy = copyBody(snapshot.body, shapes)
    assert.deepStrictEqual(copy, body)
    if (Array.isArray(body)) {
      body.forEach((row: object, r) => {
        expect(Object.keys((copy as object[])[r] ?? {})).toEqual(Object.keys(row))
      })
    }
  })

  test('the order of columns is kept, integer-like names included', () => {
    const row = { b: 1, 10: 2, a: 3, 9: 4 }
    const [copy] = copyBody(taken([row]).snapshot.body, shapes) as object[]
    expect(Object.keys(copy ?? {})).toEqual(Object.keys(row))
  })

  test("a column named '__proto__' is a column", () => {
    const rows = JSON.parse('[{"__proto__": {"x": 1}, "a": 1}]') as object[]
    const [copy] = copyBody(taken(rows).snapshot.body, shapes) as object[]
    assert.deepStrictEqual(copy, rows[0])
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })

  test('rows without columns, and no rows', () => {
    assert.deepStrictEqual(copyBody(taken([{}, {}]).snapshot.body, shapes), [{}, {}])
    assert.deepStrictEqual(copyBody(taken([]).snapshot.body, shapes), [])
  })

  test('a name that is code stays a name', () => {
    const name = '"]: (globalThis.pwned = true), ["`${x}\u2028\n\'\\'
    const rows = [{ [name]: 1 }]
    assert.deepStrictEqual(copyBody(taken(rows).snapshot.body, shapes), rows)
    expect('pwned' in globalThis).toBe(false)
  })

  test('300 columns, and a process that forbids code generation', () => {
    const wide = [Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`c${i}`, new Date(i)]))]
    assert.deepStrictEqual(copyBody(taken(wide).snapshot.body, createRowShapes()), wide)
    vi.stubGlobal('Function', function forbidden(): never {
      throw new EvalError('Code generation from strings disallowed for this context')
    })
    try {
      const rows = JSON.parse(
        '[{"__proto__": [1], "a": 1}, {"__proto__": [2], "a": 2}]',
      ) as object[]
      assert.deepStrictEqual(copyBody(taken(rows).snapshot.body, createRowShapes()), rows)
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('an invalid date is copied as one', () => {
    const [copy] = copyBody(taken([{ at: new Date(NaN) }]).snapshot.body, shapes) as { at: Date }[]
    expect(copy?.at.getTime()).toBeNaN()
  })
})

describe('what cannot be copied', () => {
  class Point {
    readonly x = 1
  }
  const cycle: unknown[] = []
  cycle.push([cycle])

  test.each<[string, unknown]>([
    ['an instance of a class in a cell', [{ point: new Point() }]],
    ['one in nested data', [{ data: [{ point: new Point() }] }]],
    ['rows that are instances', [new Point()]],
    ['a function', [{ fn: () => 1 }]],
    ['a symbol', [{ s: Symbol('x') }]],
    ['a property named by a symbol', [{ [Symbol('x')]: 1 }]],
    ['a cycle', cycle],
  ])('%s: no snapshot', (_title, body) => {
    expect(takeSnapshot(undefined, body)).toBe(undefined)
  })
})

describe('size', () => {
  test('grows with rows, text, and wide text', () => {
    const bytesOf = (text: string, count: number): number =>
      taken(Array.from({ length: count }, (_, i) => ({ text: `${text}${i}` }))).bytes
    expect(bytesOf('x', 100)).toBeGreaterThan(bytesOf('x', 10))
    expect(bytesOf('x'.repeat(1000), 10)).toBeGreaterThan(10_000)
    expect(bytesOf('木'.repeat(1000), 10)).toBeGreaterThan(20_000)
    expect(taken([{ blob: Buffer.alloc(5000) }]).bytes).toBeGreaterThan(5000)
    expect(taken([{ json: { list: ['x'.repeat(3000)] } }]).bytes).toBeGreaterThan(3000)
  })

  test('equal strings of a column count once', () => {
    const text = 'x'.repeat(1000)
    const rows = Array.from({ length: 10 }, () => ({ text: Buffer.from(text).toString() }))
    const { bytes } = taken(rows)
    expect(bytes).toBeGreaterThan(1000)
    expect(bytes).toBeLessThan(3000)
  })

  test('what lies beside the rows counts', () => {
    const meta = { packet: Buffer.alloc(10_000) }
    expect(takeSnapshot(meta, [])?.bytes).toBeGreaterThan(10_000)
  })
})

test('bytes that hold no snapshot are an Error', () => {
  const wrong: unknown[] = [
    1,
    null,
    [],
    {},
    { body: 1 },
    { body: { form: 'value' } },
    { body: { form: 'columns', names: ['a'], rowCount: 1, columns: [], kinds: [] } },
    { body: { form: 'columns', names: ['a'], rowCount: 2, columns: [[1]], kinds: ['plain'] } },
    { body: { form: 'columns', names: ['a'], rowCount: -1, columns: [[]], kinds: ['plain'] } },
    { body: { form: 'columns', names: [1], rowCount: 0, columns: [[]], kinds: ['plain'] } },
    { body: { form: 'columns', names: ['a'], rowCount: 1, columns: [[1]], kinds: ['odd'] } },
    { body: { form: 'columns', names: ['a'], rowCount: 1, columns: [['x']], kinds: ['dates'] } },
    { meta: 1, body: { form: 'value', value: 1 } },
  ]
  for (const value of wrong) {
    expect(() => decodeSnapshot(codec.encode(value), codec)).toThrow(/no snapshot/)
  }
})
