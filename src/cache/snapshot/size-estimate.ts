/** What a container costs before its contents. */
export const containerBytes = 24
/** What a cell or property costs beside the memory that its value points to. */
export const cellBytes = 8
/** What a date costs. */
export const dateBytes = 48
/** What a buffer costs beside its bytes. */
export const bufferBytes = 96

/**
 * An estimate of the memory that one value without contents takes, cell included: a string one byte a character, or two if
 * it looks as if it had characters beyond Latin-1, as V8 keeps it.
 */
export function leafBytes(value: unknown): number {
  if (typeof value === 'string') {
    return cellBytes + 16 + value.length * (looksWide(value) ? 2 : 1)
  }
  if (typeof value === 'bigint') return cellBytes + 24
  return cellBytes
}

/** Judged by three characters: reading every string to its end would cost more than the copy. */
function looksWide(text: string): boolean {
  const last = text.length - 1
  return text.charCodeAt(0) > 255 || text.charCodeAt(last >> 1) > 255 || text.charCodeAt(last) > 255
}
