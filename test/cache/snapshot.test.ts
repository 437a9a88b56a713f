import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { copyBody } from '../../src/cache/snapshot/copy-body.ts'
import { createRowShapes } from '../../src/cache/snapshot/row-shapes.ts'
import { decodeSnapshot, encodeSnapshot } from '../../src/cache/snapshot/snapshot-bytes.ts'
import { takeSnapshot, type TakenSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import { anyString, anyValue } from '../codec/any-value.ts'
import { seeded } from '../support/seed.ts'

const shapes = createRowShapes()
const codec = createValueCodec()

function taken(body: unknown): TakenSnapshot {
  const snapshot = takeSnapshot(undefined, body)
  assert.ok(snapshot !== undefined, 'the body can be copied')
  return snapshot
}

/** Changes everything that can be changed in a value. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date) value.setTime(1)
  else if (value instanceof Uint8Array) value.fill(7)
  else if (value instanceof Map || value instanceof Set) {
    for (const [key, entry] of value.entries()) {
      spoil(key)
      spoil(entry)
    }
    value.clear()
  } else {
    for (const key of Object.keys(value)) {
      spoil((value as Record<string, unknown>)[key])
      Reflect.deleteProperty(value, key)
    }
    Object.assign(value, { spoilt: true })
  }
}

/** Uniform rows, any column names and values, as drivers give them. */
const anyRows = fc
  .uniqueArray(fc.oneof(anyString, fc.constant('__proto__')), { maxLength: 6 })
  .chain((names) =>
    fc.array(fc.tuple(...names.map(() => anyValue)), { maxLength: 5 }).map((table) =>
      table.map((cells) => {
        const row = {}
        names.forEach((name, c) =>
          Object.defineProperty(row, name, {
            value: cells[c],
            writable: true,
            enumerable: true,
            configurable: true,
          }),
        )
        return row
      }),
    ),
  )

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

  test('uniform rows are kept by column, with a mark on columns that hold objects', () => {
    const at = new Date(5)
    const { snapshot } = taken([
      { id: 1, at: null, name: 'a' },
      { id: 2, at, name: 'b' },
    ])
    assert.deepStrictEqual(snapshot.body, {
      form: 'columns',
      names: ['id', 'at', 'name'],
      rowCount: 2,
      columns: [
        [1, 2],
        [null, at],
        ['a', 'b'],
      ],
      deep: [false, true, false],
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
      taken(Array.from({ length: count }, () => ({ text }))).bytes
    expect(bytesOf('x', 100)).toBeGreaterThan(bytesOf('x', 10))
    expect(bytesOf('x'.repeat(1000), 10)).toBeGreaterThan(10_000)
    expect(bytesOf('木'.repeat(1000), 10)).toBeGreaterThan(20_000)
    expect(taken([{ blob: Buffer.alloc(5000) }]).bytes).toBeGreaterThan(5000)
    expect(taken([{ json: { list: ['x'.repeat(3000)] } }]).bytes).toBeGreaterThan(3000)
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
    { body: { form: 'columns', names: ['a'], rowCount: 1, columns: [], deep: [] } },
    { body: { form: 'columns', names: ['a'], rowCount: 2, columns: [[1]], deep: [false] } },
    { body: { form: 'columns', names: ['a'], rowCount: -1, columns: [[]], deep: [false] } },
    { body: { form: 'columns', names: [1], rowCount: 0, columns: [[]], deep: [false] } },
    { meta: 1, body: { form: 'value', value: 1 } },
  ]
  for (const value of wrong) {
    expect(() => decodeSnapshot(codec.encode(value), codec)).toThrow(/no snapshot/)
  }
})
