/**
 * Type-true bytes: `decode(encode(v))` equals `v` in value and type for everything that a row can hold (`undefined`, `null`,
 * NaN, infinities, -0, BigInt of any size, Date, Buffer, Uint8Array, Map, Set, nested arrays and plain objects).
 */
export interface Codec {
  /** Throws a `TypeError` for values that have no type-true bytes (functions, symbols, instances of unknown classes). */
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}
