import { crc32 } from 'node:zlib'
import { firstTag, headerBytes, maxDepth, maxShortString, tag, wireVersion } from './wire-format.ts'

/**
 * Reads one message. Nothing on the wire names code, classes or functions, so decoding runs none. Every length is checked against
 * the bytes that are there before memory is taken for it.
 */
export class MessageReader {
  readonly #bytes: Buffer
  readonly #structureEnd: number
  readonly #narrow: string
  readonly #wide: string
  readonly #keys: string[] = []
  #at = headerBytes
  #narrowAt = 0
  #wideAt = 0
  #depth = 0

  /** Throws an `Error` for bytes of another version and for damaged bytes. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length <= headerBytes) throw damaged('too short')
    if (bytes[0] !== wireVersion) {
      throw new Error(
        `The encoded value has format version ${bytes[0]}; this is version ${wireVersion}.`,
      )
    }
    if (crc32(this.#bytes.subarray(headerBytes)) !== this.#bytes.readUInt32LE(1)) {
      throw damaged('wrong checksum')
    }
    this.#structureEnd = bytes.length
    const narrowBytes = this.#varint()
    const wideBytes = this.#varint()
    const narrowStart = bytes.length - narrowBytes - wideBytes
    if (narrowStart < this.#at || wideBytes % 2 !== 0) throw damaged('text lengths')
    this.#structureEnd = narrowStart
    this.#narrow = this.#bytes.toString('latin1', narrowStart, narrowStart + narrowBytes)
    this.#wide = this.#bytes.toString('utf16le', narrowStart + narrowBytes)
  }

  /** The message's one value. */
  message(): unknown {
    const value = this.#value()
    if (
      this.#at !== this.#structureEnd ||
      this.#narrowAt !== this.#narrow.length ||
      this.#wideAt !== this.#wide.length
    ) {
      throw damaged('bytes left over')
    }
    return value
  }

  #value(): unknown {
    const kind = this.#byte()
    if (kind < firstTag) return kind
    if (kind >= tag.shortString && kind <= tag.shortString + maxShortString) {
      return this.#narrowText(kind - tag.shortString)
    }
    switch (kind) {
      case tag.null:
        return null
      case tag.undefined:
        return undefined
      case tag.false:
        return false
      case tag.true:
        return true
      case tag.int8:
        return this.#bytes.readInt8(this.#take(1))
      case tag.int16:
        return this.#bytes.readInt16LE(this.#take(2))
      case tag.int32:
        return this.#bytes.readInt32LE(this.#take(4))
      case tag.float64:
        return this.#bytes.readDoubleLE(this.#take(8))
      case tag.bigint:
        return this.#bigint()
      case tag.negativeBigint:
        return -this.#bigint()
      case tag.date:
        return new Date(this.#bytes.readDoubleLE(this.#take(8)))
      case tag.narrowString:
        return this.#narrowText(this.#varint())
      case tag.wideString:
        return this.#wideText(this.#varint())
      case tag.buffer:
        return Buffer.from(this.#raw())
      case tag.bytes:
        return new Uint8Array(this.#raw())
      default:
        return this.#container(kind)
    }
  }

  #container(kind: number): unknown {
    if (++this.#depth > maxDepth) throw damaged('nested too deep')
    const value = this.#contents(kind)
    this.#depth--
    return value
  }

  #contents(kind: number): unknown {
    switch (kind) {
      case tag.array:
        return this.#array()
      case tag.sparseArray:
        return this.#sparseArray()
      case tag.object:
        return this.#properties({})
      case tag.nullObject:
        return this.#properties(Object.create(null) as Record<string, unknown>)
      case tag.map: {
        const map = new Map<unknown, unknown>()
        for (let left = this.#count(); left > 0; left--) map.set(this.#value(), this.#value())
        return map
      }
      case tag.set: {
        const set = new Set<unknown>()
        for (let left = this.#count(); left > 0; left--) set.add(this.#value())
        return set
      }
      default:
        throw damaged('unknown tag')
    }
  }

  #array(): unknown[] {
    const length = this.#count()
    const array: unknown[] = []
    for (let i = 0; i < length; i++) array.push(this.#value())
    return array
  }

  #sparseArray(): unknown[] {
    const length = this.#varint()
    if (length > 0xffff_ffff) throw damaged('array length')
    const array: unknown[] = []
    array.length = length
    for (let left = this.#count(); left > 0; left--) {
      const index = this.#varint()
      if (index >= length) throw damaged('array index')
      array[index] = this.#value()
    }
    return array
  }

  #properties(object: Record<string, unknown>): Record<string, unknown> {
    for (let left = this.#count(); left > 0; left--) {
      const key = this.#key()
      const value = this.#value()
      if (key === '__proto__') {
        // Assignment would change the prototype instead of adding a property.
        Object.defineProperty(object, key, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        })
      } else object[key] = value
    }
    return object
  }

  #key(): string {
    const number = this.#varint()
    if (number > 0) {
      const known = this.#keys[number - 1]
      if (known === undefined) throw damaged('unknown key')
      return known
    }
    const key = this.#value()
    if (typeof key !== 'string') throw damaged('a key that is no string')
    this.#keys.push(key)
    return key
  }

  #bigint(): bigint {
    const bytes = this.#raw()
    if (bytes.length === 0) throw damaged('empty integer')
    return BigInt(`0x${bytes.toString('hex')}`)
  }

  #narrowText(length: number): string {
    const start = this.#narrowAt
    this.#narrowAt += length
    if (this.#narrowAt > this.#narrow.length) throw damaged('text too short')
    return this.#narrow.slice(start, this.#narrowAt)
  }

  #wideText(length: number): string {
    const start = this.#wideAt
    this.#wideAt += length
    if (this.#wideAt > this.#wide.length) throw damaged('text too short')
    return this.#wide.slice(start, this.#wideAt)
  }

  /** A view; the caller copies it. */
  #raw(): Buffer {
    const length = this.#varint()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  /** A number of elements: each takes a byte at least, so a larger count is damage. */
  #count(): number {
    const count = this.#varint()
    if (count > this.#structureEnd - this.#at) throw damaged('count too large')
    return count
  }

  #varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#byte()
      value += (byte & 127) * scale
      if (byte < 128) break
      scale *= 128
      if (scale > 2 ** 49) throw damaged('number too large')
    }
    if (!Number.isSafeInteger(value)) throw damaged('number too large')
    return value
  }

  #byte(): number {
    const start = this.#take(1)
    return this.#bytes[start] ?? 0
  }

  #take(length: number): number {
    const start = this.#at
    if (length > this.#structureEnd - start) throw damaged('too short')
    this.#at = start + length
    return start
  }
}

function damaged(what: string): Error {
  return new Error(`The encoded value is damaged: ${what}.`)
}
