import type { Codec } from '../contract/codec.ts'
import { MessageReader } from './message-reader.ts'
import { MessageWriter } from './message-writer.ts'

/**
 * Makes the {@link Codec} of everything that leaves this process: cached results on their way to another process or to disk, and
 * buffered writes in the journal.
 *
 * The promise: `decode(encode(value))` is deeply and strictly equal to `value`, prototypes included, for strings (lone surrogates
 * too), numbers (NaN, infinities, -0), BigInt of any size, booleans, `null`, `undefined`, Date (invalid ones too), Buffer,
 * Uint8Array, Map, Set, arrays (sparse ones too) and plain objects with or without a prototype, in any nesting up to 500 levels.
 *
 * `encode` throws a `TypeError` for everything else: instances of other classes, functions, symbols, and values that contain
 * themselves. Named properties of arrays and bytes, and properties that are not enumerable, are not kept. One object met twice becomes two.
 *
 * `decode` throws an `Error` for bytes of another version and for damaged bytes, and runs nothing that the bytes name. Strings that
 * it returns may share memory with the other strings of their message.
 */
export function createValueCodec(): Codec {
  const writer = new MessageWriter()
  return {
    encode: (value) => writer.message(value),
    decode: (bytes) => new MessageReader(bytes).message(),
  }
}
