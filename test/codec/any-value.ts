import fc from 'fast-check'

/** Strings of every kind: ASCII, Latin-1, the whole of Unicode, lone surrogates. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ minLength: 30, maxLength: 70 }),
)

const anyKey = fc.oneof(
  anyString,
  fc.constantFrom('__proto__', 'constructor', 'toString', '0', '7'),
)

const anyLeaf: fc.Arbitrary<unknown> = fc.oneof(
  anyString,
  fc.integer(),
  fc.double(),
  fc.constantFrom<unknown>(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    2 ** 53,
    2 ** 53 + 2,
    -(2 ** 31),
    2 ** 31,
  ),
  fc.constantFrom<unknown>(127, 128, -128, -129, 32_767, 32_768, -32_768, -32_769),
  fc.bigInt(),
  fc.constantFrom(0n, -1n, 2n ** 64n, -(2n ** 64n), 2n ** 300n - 1n),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  // assert.deepStrictEqual tells two invalid dates apart; they have tests of their own.
  fc.date({ noInvalidDate: true }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array(),
)

/** Everything that a row can hold, nested; what is given has its own copy of everything. */
export const anyValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyLeaf,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.sparseArray(tie('value'), { maxNumElements: 4, maxLength: 12 }),
    objectOf(tie('value'), () => ({})),
    objectOf(tie('value'), () => Object.create(null) as Record<string, unknown>),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((e) => new Map(e)),
    fc.array(tie('value'), { maxLength: 4 }).map((e) => new Set(e)),
  ),
})).value

function objectOf(
  value: fc.Arbitrary<unknown>,
  empty: () => Record<string, unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  return fc.array(fc.tuple(anyKey, value), { maxLength: 6 }).map((entries) => {
    const object = empty()
    for (const [key, entry] of entries) {
      Object.defineProperty(object, key, {
        value: entry,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
    return object
  })
}
