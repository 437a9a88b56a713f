/**
 * The bytes of one encoded value. Every message stands alone:
 *
 *     version   1 byte
 *     checksum  4 bytes, CRC-32 of everything after it, little-endian
 *     lengths   2 varints: bytes of the narrow text, bytes of the wide text
 *     structure one tagged value; a string is its tag and its length
 *     text      all narrow strings joined (Latin-1), then all wide strings joined (UTF-16LE)
 *
 * Joined text is decoded by two native calls, however many strings there are, and UTF-16 keeps lone surrogates, which UTF-8
 * cannot. Object keys are written once and referred to by number afterwards.
 */
export const wireVersion = 1

/** Version and checksum: the bytes that the checksum does not cover. */
export const headerBytes = 5

/** Containers nested deeper than this are refused on both sides. */
export const maxDepth = 500

/** Tags below this are the integers 0 to 127 themselves. */
export const firstTag = 0x80

/** What a tag byte says about the bytes after it. Numbers are never reused: old bytes are read for ever. */
export const tag = {
  null: 0x80,
  undefined: 0x81,
  false: 0x82,
  true: 0x83,
  int8: 0x84,
  int16: 0x85,
  int32: 0x86,
  float64: 0x87,
  /** varint length, then the magnitude in big-endian bytes. */
  bigint: 0x88,
  /** As `bigint`, below zero. */
  negativeBigint: 0x89,
  /** Milliseconds as float64; NaN for an invalid date. */
  date: 0x8a,
  /** varint length in characters of the narrow text. */
  narrowString: 0x8b,
  /** varint length in UTF-16 units of the wide text. */
  wideString: 0x8c,
  /** varint length, then the bytes: a `Buffer`. */
  buffer: 0x8d,
  /** varint length, then the bytes: a `Uint8Array`. */
  bytes: 0x8e,
  /** varint count, then the elements. */
  array: 0x8f,
  /** varint length, varint count of elements, then index (varint) and value of each. */
  sparseArray: 0x90,
  /** varint count, then key and value of each property. A key is varint 0 and a string, or the number (from 1) of an earlier key. */
  object: 0x91,
  /** As `object`, without a prototype. */
  nullObject: 0x92,
  /** varint count, then key and value of each entry. */
  map: 0x93,
  /** varint count, then the elements. */
  set: 0x94,
  /** Tags 0xa0 to 0xbf: a narrow string of 0 to 31 characters. */
  shortString: 0xa0,
} as const

/** Narrow strings up to this length need no length of their own. */
export const maxShortString = 31
