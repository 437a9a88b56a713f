/** What an object or map costs before its contents. */
export const containerBytes = 24
/** What a list costs before its cells. */
export const listBytes = 48
/** What a cell or property costs beside the memory that its value points to. */
export const cellBytes = 8
/** What a number costs beside its cell that is no integer of 32 bits, unless the whole column is numbers. */
export const boxBytes = 16
/** What a date costs. */
export const dateBytes = 96
/** What a buffer with memory of its own costs beside its bytes. */
export const bufferBytes = 280
/** What an entry costs around its snapshot: its key, what validates it, its places in the store. Measured by `bench/micro/entries`. */
export const entryBytes = 1200
/** What a snapshot costs before its columns: itself, its body, and the lists of names, marks and columns. */
export const snapshotBytes: number = 104 + 3 * listBytes

/**
 * An estimate of the memory that one value without contents takes, cell included: a string one byte a character, or two if
 * it looks as if it had characters beyond Latin-1, as V8 keeps it.
 */
export function leafBytes(value: unknown): number {
  if (typeof value === 'string') {
    // With what fills it up to eight bytes.
    return cellBytes + 20 + value.length * (looksWide(value) ? 2 : 1)
  }
  if (typeof value === 'number') return isBoxed(value) ? cellBytes + boxBytes : cellBytes
  if (typeof value === 'bigint') return cellBytes + 24
  return cellBytes
}

/** Whether V8 makes an object for a number. */
export function isBoxed(value: number): boolean {
  return (value | 0) !== value || Object.is(value, -0)
}

/** Judged by three characters: reading every string to its end would cost more than the copy. */
function looksWide(text: string): boolean {
  const last = text.length - 1
  return text.charCodeAt(0) > 255 || text.charCodeAt(last >> 1) > 255 || text.charCodeAt(last) > 255
}
