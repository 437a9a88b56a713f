import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ColumnarRows } from '../../src/contract/snapshot.ts'
import { copyBody } from '../../src/cache/snapshot/copy-body.ts'
import { canBeFrozen, deepFreeze } from '../../src/cache/snapshot/deep-freeze.ts'
import { createRowShapes } from '../../src/cache/snapshot/row-shapes.ts'
import { decodeSnapshot, encodeSnapshot } from '../../src/cache/snapshot/snapshot-bytes.ts'
import { takeSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import { seeded } from '../support/seed.ts'
import { anyRows } from './any-rows.ts'
import { spoil } from './spoil.ts'

const shapes = createRowShapes()
const codec = createValueCodec()

function bodyOf(rows: readonly object[]): ColumnarRows {
  const body = takeSnapshot(undefined, rows)?.snapshot.body
  assert.ok(body?.form === 'columns')
  return body
}

/** Whether everything in a value is frozen but what cannot be. */
function isFrozenThrough(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (value instanceof Date || value instanceof Uint8Array) return true
  if (value instanceof Map || value instanceof Set) return true
  return Object.isFrozen(value) && Object.values(value).every(isFrozenThrough)
}

describe('frozen rows', () => {
  test('G5: equal what was taken, are frozen throughout, and no caller can change what another gets', () => {
    const { seed } = seeded('frozen rows')
    fc.assert(
      fc.property(fc.integer(), (n) => {
        const original = fc.sample(anyRows, { seed: n, numRuns: 1 })[0] ?? []
        // The same seed gives a twin that nobody touches.
        const twin = fc.sample(anyRows, { seed: n, numRuns: 1 })[0] ?? []
        const body = bodyOf(original)
        const columns = body.names.map((_, c) => c)
        for (let hit = 0; hit < 3; hit++) {
          const frozen = shapes.frozen(body)
          const answers: [unknown, unknown][] = [
            [frozen.rows(), twin],
            [frozen.first(), twin[0]],
            ...columns.map((c): [unknown, unknown] => [
              frozen.column(c),
              twin.map((row) => Object.entries(row)[orderOf(twin, body.names[c])]?.[1] as unknown),
            ]),
          ]
          for (const [answer, expected] of answers) {
            assert.deepStrictEqual(answer, expected)
            assert.ok(isFrozenThrough(answer))
            spoil(answer)
          }
          // Copies can be changed although the same entry is read frozen, and change nothing.
          const copy = copyBody(body, shapes)
          assert.deepStrictEqual(copy, twin)
          assert.ok(!Object.isFrozen(copy) && copy.every((row) => !Object.isFrozen(row)))
          spoil(copy)
          assert.deepStrictEqual(
            decodeSnapshot(encodeSnapshot({ meta: undefined, body }, codec), codec),
            {
              meta: undefined,
              body,
            },
          )
        }
      }),
      { seed, numRuns: 500 },
    )
  })

  test('everything plain is one result for all', () => {
    const body = bodyOf([
      { id: 1, name: 'Oak', tags: ['a', { b: null }], n: 5n },
      { id: 2, name: null, tags: [], n: -0 },
    ])
    const [one, other] = [shapes.frozen(body), shapes.frozen(body)]
    const rows = one.rows()
    expect(other.rows()).toBe(rows)
    expect(other.first()).toBe(rows[0])
    const names = one.column(1)
    expect(other.column(1)).toBe(names)
    expect(names).toEqual(['Oak', null])
    const tags = one.column(2)
    expect(other.column(2)).toBe(tags)
  })

  test('copies of nested data that is shared frozen can be changed', () => {
    const body = bodyOf([{ tags: [{ a: 1 }] }])
    shapes.frozen(body).rows()
    const [row] = copyBody(body, shapes) as { tags: { a: number }[] }[]
    row?.tags.push({ a: 2 })
    Object.assign(row?.tags[0] ?? {}, { a: 3 })
    expect(row).toEqual({ tags: [{ a: 3 }, { a: 2 }] })
    expect(shapes.frozen(body).rows()).toEqual([{ tags: [{ a: 1 }] }])
  })

  test.each<[string, unknown]>([
    ['a date', new Date(5)],
    ['a buffer', Buffer.from('x')],
    ['a date in nested data', [{ at: new Date(5) }]],
    ['a map', new Map([[1, 2]])],
  ])('%s is each caller’s own, and so are the rows that hold it', (_title, value) => {
    const body = bodyOf([{ id: 1, value, tags: ['a'] }])
    const frozen = shapes.frozen(body)
    const [first, second] = [frozen.rows(), frozen.rows()] as { value: unknown; tags: unknown }[][]
    expect(first?.[0]?.value).not.toBe(second?.[0]?.value)
    // What can be shared is.
    expect(first?.[0]?.tags).toBe(second?.[0]?.tags)
    const [one, other] = [frozen.first(), frozen.first()] as { value: unknown }[]
    expect(one?.value).not.toBe(other?.value)
    expect(frozen.column(1)[0]).not.toBe(frozen.column(1)[0])
    const ids = frozen.column(0)
    expect(frozen.column(0)).toBe(ids)
  })

  test('two connections that serve one entry share its frozen rows', () => {
    const body = bodyOf([{ id: 1 }])
    const rows = shapes.frozen(body).rows()
    expect(createRowShapes().frozen(body).rows()).toBe(rows)
  })

  test('a body that takes no more properties is served all the same', () => {
    const body = Object.freeze(bodyOf([{ id: 1 }]))
    for (let hit = 0; hit < 2; hit++) {
      expect(shapes.rows(body)).toEqual([{ id: 1 }])
      expect(shapes.frozen(body).rows()).toEqual([{ id: 1 }])
    }
  })
})

test('what an entry was made into is not seen by those who list, compare or encode it', () => {
  const body = bodyOf([{ id: 1 }])
  const keys = Object.keys(body)
  shapes.rows(body)
  shapes.frozen(body).rows()
  expect(Object.keys(body)).toEqual(keys)
  expect(Object.getOwnPropertySymbols(body)).toEqual([])
  assert.deepStrictEqual(body, bodyOf([{ id: 1 }]))
})

test.each<[unknown, boolean]>([
  [1, true],
  [null, true],
  [undefined, true],
  ['x', true],
  [5n, true],
  [[1, [{ a: null }]], true],
  [Object.create(null), true],
  [[, 1], true], // eslint-disable-line no-sparse-arrays
  [new Date(0), false],
  [{ a: [new Date(0)] }, false],
  [Buffer.from('x'), false],
  [new Uint8Array(1), false],
  [new Map(), false],
  [[new Set()], false],
])('%o can be frozen: %s', (value, expected) => {
  expect(canBeFrozen(value)).toBe(expected)
  deepFreeze(value)
  if (!expected) return
  const twin = structuredClone(value)
  spoil(value)
  expect(value).toEqual(twin)
})

/** The place of a column among a row's entries, where integer-like names come first. */
function orderOf(rows: readonly object[], name: string | undefined): number {
  return Object.keys(rows[0] ?? {}).indexOf(name ?? '')
}
