import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { queryKey } from '../../src/cache/key.ts'
import { anyString } from '../codec/any-value.ts'
import { seeded } from '../support/seed.ts'

const parts = { namespace: 'shop', sql: 'select * from t where id = ?', bindings: [] as unknown[] }
const keyOf = (...bindings: unknown[]): string | undefined => queryKey({ ...parts, bindings })

/** Bindings that drivers take. Small ranges, so that equal pairs and near misses come up. */
const anyBinding: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    anyString,
    fc.constantFrom('', '1', 'n1;', 's1:1', 'T', 'N', 'a0:', ';', ':', '1:'),
    fc.constantFrom<unknown>(
      0,
      -0,
      1,
      12,
      123,
      NaN,
      Infinity,
      1n,
      12n,
      true,
      false,
      null,
      undefined,
    ),
    fc.integer({ min: -3, max: 3 }),
    fc.date({ noInvalidDate: true }),
    fc.integer({ min: 0, max: 3 }).map((ms) => new Date(ms)),
    fc.uint8Array({ maxLength: 3 }),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '1', ':'), tie('value'), { maxKeys: 3 }),
  ),
})).value

function equal(a: unknown, b: unknown): boolean {
  try {
    assert.deepStrictEqual(a, b)
  } catch {
    return false
  }
  return keyOrder(a) === keyOrder(b)
}

/** deepStrictEqual does not see the order of keys; in JSON values it is part of what is written. */
function keyOrder(value: unknown): string {
  const seen: string[][] = []
  JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'object' && inner !== null && !(inner instanceof Uint8Array)) {
      seen.push(Object.keys(inner))
    }
    return typeof inner === 'bigint' ? String(inner) : inner
  })
  return JSON.stringify(seen)
}

test('a key is a SHA-256 in hex, the same for the same query', () => {
  expect(keyOf(1)).toMatch(/^[0-9a-f]{64}$/)
  expect(keyOf(1, new Date(5), { a: [1n] })).toBe(keyOf(1, new Date(5), { a: [1n] }))
})

test('two lists of bindings share a key only if they are equal in value and type', () => {
  const { seed } = seeded('key injective')
  const lists = fc.array(anyBinding, { maxLength: 3 })
  let alike = 0
  fc.assert(
    fc.property(lists, lists, (a, b) => {
      const same = keyOf(...a) === keyOf(...b)
      if (same) alike++
      expect(same).toBe(equal(a, b))
    }),
    { seed, numRuns: 20_000 },
  )
  expect(alike).toBeGreaterThan(0)
})

test('many lists together: as many keys as there are different lists', () => {
  const { seed } = seeded('key table')
  const lists = fc.sample(fc.array(anyBinding, { maxLength: 2 }), { seed, numRuns: 3000 })
  const byKey = new Map<string, unknown[]>()
  for (const list of lists) {
    const key = keyOf(...list)
    assert.ok(key !== undefined)
    const earlier = byKey.get(key)
    if (earlier === undefined) byKey.set(key, list)
    else expect(equal(earlier, list)).toBe(true)
  }
})

describe('values that look alike', () => {
  test.each<[string, unknown[], unknown[]]>([
    ['1 and true', [1], [true]],
    ["1 and '1'", [1], ['1']],
    ['1 and 1n', [1], [1n]],
    ['0 and -0', [0], [-0]],
    ['null and undefined', [null], [undefined]],
    ["null and 'null'", [null], ['null']],
    ['a date and its time', [new Date(5)], [5]],
    ['a date and its text', [new Date(5)], [new Date(5).toISOString()]],
    ['Buffer and Uint8Array', [Buffer.from('a')], [new Uint8Array([97])]],
    ['a buffer and its text', [Buffer.from('a')], ['a']],
    ['one list of two and two values', [[1, 2]], [1, 2]],
    ['text that is split elsewhere', ['ab', 'c'], ['a', 'bc']],
    ['text with a separator', ['a;s1:b'], ['a', 'b']],
    ['text that imitates the start of its neighbour', ['asb', 'c'], ['a', 'bsc']],
    ['text that imitates a length', ['as1:b', 'c'], ['a', 'bs1:c']],
    ['bytes that imitate text', [Buffer.from('a'), 's'], ['b1:YQ==;', 's']],
    ['lone surrogates', ['\ud800'], ['\ud801']],
    ['a lone surrogate and the replacement character', ['\ud800'], ['\ufffd']],
    ['JSON values in another order', [{ a: 1, b: 2 }], [{ b: 2, a: 1 }]],
    ['a missing and an undefined property', [{}], [{ a: undefined }]],
    ['no prototype', [{}], [Object.create(null)]],
  ])('%s', (_title, a, b) => {
    expect(keyOf(...a)).not.toBe(keyOf(...b))
  })
})

test('each part counts, and none flows into its neighbour', () => {
  const keys = [
    queryKey(parts),
    queryKey({ ...parts, namespace: 'shops' }),
    queryKey({ ...parts, namespace: 'shop2', sql: parts.sql }),
    queryKey({ ...parts, sql: `${parts.sql} ` }),
    queryKey({ ...parts, namespace: `shop${parts.sql}`, sql: '' }),
    queryKey({ ...parts, bindings: [[]] }),
    queryKey({ ...parts, options: {} }),
    queryKey({ ...parts, options: [] }),
    queryKey({ ...parts, extra: {} }),
    queryKey({ ...parts, extra: 'mine' }),
    queryKey({ ...parts, options: 'mine' }),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('the order of options does not matter, their values do', () => {
  const withOptions = (options: unknown): unknown => queryKey({ ...parts, options })
  expect(withOptions({ a: 1, b: { c: 1, d: 2 } })).toBe(withOptions({ b: { d: 2, c: 1 }, a: 1 }))
  expect(withOptions({ a: 1, b: 2 })).not.toBe(withOptions({ a: 2, b: 1 }))
})

test('a value without an unambiguous text: no key', () => {
  class Money {
    readonly amount = 1
  }
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  for (const value of [
    () => 1,
    Symbol('x'),
    new Money(),
    { toPostgres: () => 'x' },
    [new Money()],
    new Map(),
    new Float64Array(1),
    /x/,
    [1, , 2], // eslint-disable-line no-sparse-arrays
    { [Symbol('x')]: 1 },
    cycle,
  ]) {
    expect(keyOf(value)).toBe(undefined)
    expect(queryKey({ ...parts, options: { value } })).toBe(undefined)
    expect(queryKey({ ...parts, extra: value })).toBe(undefined)
  }
})
