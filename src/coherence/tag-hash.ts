// FNV-1a over UTF-16 units (Fowler, Noll, Vo) with a final avalanche after MurmurHash3, so that similar names spread over all slots.
// It goes on from any state: the hash of a column's tag is made once, the values are added to it.

/** The state after a text. */
export function startHash(text: string): number {
  return extendHash(0x811c9dc5, text)
}

/** The state after more text. */
export function extendHash(state: number, text: string): number {
  let hash = state
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash
}

/** The hash of everything that led to a state: 31 bits, as an integer of that size is divided faster than one of 32. */
export function finishHash(state: number): number {
  let hash = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 1
}
