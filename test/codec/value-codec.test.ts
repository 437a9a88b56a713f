import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import { seeded } from '../support/seed.ts'
import { anyValue } from './any-value.ts'

const codec = createValueCodec()
const roundTrip = (value: unknown): unknown => codec.decode(codec.encode(value))

describe('round trips', () => {
  test('G5: what comes out equals what went in, in value, type and prototype', () => {
    const { seed } = seeded('codec round trip')
    fc.assert(
      fc.property(anyValue, (value) => {
        assert.deepStrictEqual(roundTrip(value), value)
      }),
      { seed, numRuns: 2000 },
    )
  })

  test.each<[string, unknown]>([
    ['-0', -0],
    ['NaN', NaN],
    ['infinities', [Infinity, -Infinity]],
    ['integers beyond 2^53', [2 ** 53, 2 ** 60, -(2 ** 62), Number.MAX_VALUE, Number.MIN_VALUE]],
    [
      'BigInt of any size',
      [0n, -1n, 255n, 256n, 2n ** 63n, -(2n ** 64n), 7n ** 500n, -(7n ** 500n)],
    ],
    ['undefined inside', [undefined, { a: undefined }, [[undefined]]]],
    ['lone surrogates', ['\ud800', '\udfff\ud800', 'x\udc00y', { '\ud801': '\ud802' }]],
    ['emoji and Latin-1', ['grün', '🪵', 'é'.repeat(40), '木'.repeat(40)]],
    ['strings around the short limit', [0, 30, 31, 32, 33, 200].map((n) => 'x'.repeat(n))],
    ['Buffer and Uint8Array', [Buffer.from('a'), new Uint8Array([1, 2]), Buffer.alloc(0)]],
    ['holes', [, 1, , 2, ,]], // eslint-disable-line no-sparse-arrays
    ['a long array of holes', Object.assign([], { length: 4_000_000_000 })],
    [
      'Map and Set',
      new Map<unknown, unknown>([
        [{ a: 1 }, new Set([1, 'a', null])],
        [NaN, -0],
      ]),
    ],
  ])('%s', (_title, value) => {
    const back = roundTrip(value)
    // The comparison visits every index, which takes an hour for four billion holes.
    if (Array.isArray(value) && value.length > 1e9) {
      assert.ok(Array.isArray(back))
      assert.deepStrictEqual([back.length, Object.keys(back)], [value.length, []])
    } else assert.deepStrictEqual(back, value)
  })

  test('an invalid date stays one', () => {
    const back = roundTrip([new Date(NaN)]) as Date[]
    expect(back[0]).toBeInstanceOf(Date)
    expect(back[0]?.getTime()).toBeNaN()
  })

  test('the order of properties is kept', () => {
    const back = roundTrip([
      { b: 1, a: 2 },
      { a: 1, b: 2 },
    ]) as object[]
    expect(back.map((object) => Object.keys(object))).toEqual([
      ['b', 'a'],
      ['a', 'b'],
    ])
  })

  test("an own '__proto__' survives and pollutes nothing", () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')
    const back = roundTrip(value) as object
    assert.deepStrictEqual(back, value)
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype)
    expect(Object.keys(back)).toEqual(['__proto__', 'a'])
    expect('polluted' in {}).toBe(false)
  })

  test('objects without a prototype keep none', () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 })
    expect(Object.getPrototypeOf(roundTrip(bare))).toBe(null)
  })

  test('500 levels are kept; a message larger than the scratch memory too', () => {
    let deep: unknown = 'bottom'
    for (let i = 0; i < 500; i++) deep = [deep]
    assert.deepStrictEqual(roundTrip(deep), deep)
    const large = Array.from({ length: 50_000 }, (_, i) => ({
      i,
      name: `row ${i}`,
      at: new Date(i),
    }))
    assert.deepStrictEqual(roundTrip(large), large)
    assert.deepStrictEqual(roundTrip(['small again']), ['small again'])
  })

  test('what is decoded shares no memory with the bytes', () => {
    const bytes = codec.encode([Buffer.from('abc'), new Uint8Array([1, 2, 3])])
    const back = codec.decode(bytes)
    bytes.fill(0)
    assert.deepStrictEqual(back, [Buffer.from('abc'), new Uint8Array([1, 2, 3])])
  })

  test('each message stands alone', () => {
    const rows = [{ id: 1, title: 'a' }]
    const first = codec.encode(rows)
    const second = codec.encode(rows)
    expect(Buffer.from(second).equals(Buffer.from(first))).toBe(true)
    assert.deepStrictEqual(createValueCodec().decode(second), rows)
  })
})

describe('what has no type-true bytes', () => {
  class Point {
    readonly x = 1
  }
  class OwnBuffer extends Uint8Array {}
  const cycle: unknown[] = []
  cycle.push({ cycle })
  let tooDeep: unknown = 1
  for (let i = 0; i < 501; i++) tooDeep = [tooDeep]

  test.each<[string, unknown]>([
    ['an instance of a class', new Point()],
    ['one inside a row', [{ point: new Point() }]],
    ['a subclass of an array', new (class List extends Array<number> {})()],
    ['a subclass of a date', new (class Day extends Date {})()],
    ['a subclass of bytes', new OwnBuffer(2)],
    ['other typed arrays', new Float64Array(2)],
    ['a function', () => 1],
    ['a method', { toJSON: () => 'x' }],
    ['a symbol', Symbol('x')],
    ['a property named by a symbol', { [Symbol('x')]: 1 }],
    ['an error', new Error('x')],
    ['a pattern', /x/],
    ['a cycle', cycle],
    ['501 levels', tooDeep],
  ])('%s: a TypeError', (_title, value) => {
    expect(() => codec.encode(value)).toThrow(TypeError)
  })

  test('the codec works on after a refusal', () => {
    expect(() => codec.encode([{ key: 'kept from', fn: () => 1 }])).toThrow(TypeError)
    assert.deepStrictEqual(roundTrip([{ key: 1 }]), [{ key: 1 }])
  })
})

describe('damaged bytes', () => {
  const withChecksum = (bytes: Uint8Array): Uint8Array => {
    const fixed = Buffer.from(bytes)
    fixed.writeUInt32LE(crc32(fixed.subarray(5)), 1)
    return fixed
  }

  test('the first byte is the format version', () => {
    const bytes = codec.encode('x')
    expect(bytes[0]).toBe(1)
    bytes[0] = 2
    expect(() => codec.decode(bytes)).toThrow(/format version 2/)
  })

  test('any single flipped bit and any cut is noticed', () => {
    const bytes = codec.encode([{ id: 1, name: 'Oak', at: new Date(0), big: 5n }])
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => codec.decode(flipped)).toThrow(Error)
    }
    for (let cut = 0; cut < bytes.length; cut++) {
      expect(() => codec.decode(bytes.subarray(0, cut))).toThrow(Error)
    }
  })

  test('damage that has a right checksum gives a value or an Error, soon, and never a crash', () => {
    const { seed, random, int } = seeded('codec damage')
    const values = fc.sample(anyValue, { seed, numRuns: 300 })
    let refused = 0
    for (const value of values) {
      const bytes = codec.encode([value, 'some text', { a: [1, 2, 3] }])
      for (let round = 0; round < 20; round++) {
        const broken = Buffer.from(bytes)
        for (let hits = 1 + int(4); hits > 0; hits--) {
          broken[5 + int(broken.length - 5)] = random() < 0.5 ? 0x80 + int(0x20) : int(256)
        }
        try {
          codec.decode(withChecksum(broken))
        } catch (error) {
          refused++
          assert.ok(error instanceof Error)
        }
      }
    }
    expect(refused).toBeGreaterThan(1000)
  })

  test('a length that the bytes do not have is refused before memory is taken', () => {
    for (const kind of [0x88, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x91, 0x92, 0x93, 0x94]) {
      const head = [1, 0, 0, 0, 0, 0, 0]
      const broken = Uint8Array.from([...head, kind, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 1, 1])
      expect(() => codec.decode(withChecksum(broken))).toThrow(/damaged/)
    }
  })
})
