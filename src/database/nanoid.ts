import { customAlphabet } from 'nanoid'

/** Digits and letters: safe in a URL, a file name and a double click. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Makes alphanumeric ids of `size` characters, 21 by default. */
export type IdSource = (size?: number) => string

/** An {@link IdSource} with cryptographic randomness. */
export function createIdSource(): IdSource {
  return customAlphabet(alphabet, 21)
}
