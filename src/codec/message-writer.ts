import { crc32 } from 'node:zlib'
import { headerBytes, maxDepth, maxShortString, tag, wireVersion } from './wire-format.ts'

const beyondLatin1 = /[\u0100-\uffff]/
const firstScratchBytes = 4096
const keptScratchBytes = 1 << 20

/** Writes values as messages of {@link wireVersion}. Keeps its scratch memory between messages; not reentrant. */
export class MessageWriter {
  #scratch: Buffer = Buffer.allocUnsafeSlow(firstScratchBytes)
  #at = 0
  #narrow: string[] = []
  #wide: string[] = []
  #keys = new Map<string, number>()
  #ancestors: object[] = []

  /** Throws a `TypeError` for values that have no type-true bytes. */
  message(value: unknown): Uint8Array {
    try {
      this.#value(value)
      return this.#assemble()
    } finally {
      this.#reset()
    }
  }

  #reset(): void {
    this.#at = 0
    this.#narrow = []
    this.#wide = []
    this.#ancestors = []
    if (this.#keys.size > 0) this.#keys = new Map()
    if (this.#scratch.length > keptScratchBytes) {
      this.#scratch = Buffer.allocUnsafeSlow(firstScratchBytes)
    }
  }

  #assemble(): Uint8Array {
    const structureBytes = this.#at
    const narrow = this.#narrow.join('')
    const wide = this.#wide.join('')
    // The lengths go through the scratch too, behind the structure, and are moved in front of it.
    this.#varint(narrow.length)
    this.#varint(wide.length * 2)
    const lengthBytes = this.#at - structureBytes
    const textAt = headerBytes + lengthBytes + structureBytes
    // A buffer of its own: a slice of the shared pool would keep its neighbours alive.
    const out = Buffer.allocUnsafeSlow(textAt + narrow.length + wide.length * 2)
    this.#scratch.copy(out, headerBytes, structureBytes, this.#at)
    this.#scratch.copy(out, headerBytes + lengthBytes, 0, structureBytes)
    if (narrow !== '') out.write(narrow, textAt, 'latin1')
    if (wide !== '') out.write(wide, textAt + narrow.length, 'utf16le')
    out[0] = wireVersion
    out.writeUInt32LE(crc32(out.subarray(headerBytes)), 1)
    return out
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'string': {
        this.#string(value)
        return
      }
      case 'number': {
        this.#number(value)
        return
      }
      case 'object': {
        if (value === null) this.#byte(tag.null)
        else this.#object(value)
        return
      }
      case 'boolean': {
        this.#byte(value ? tag.true : tag.false)
        return
      }
      case 'undefined': {
        this.#byte(tag.undefined)
        return
      }
      case 'bigint': {
        this.#bigint(value)
        return
      }
      default:
        throw new TypeError(`A ${typeof value} has no type-true bytes.`)
    }
  }

  #string(value: string): void {
    const length = value.length
    if (beyondLatin1.test(value)) {
      this.#byte(tag.wideString)
      this.#varint(length)
      this.#wide.push(value)
      return
    }
    if (length <= maxShortString) this.#byte(tag.shortString + length)
    else {
      this.#byte(tag.narrowString)
      this.#varint(length)
    }
    if (length > 0) this.#narrow.push(value)
  }

  #number(value: number): void {
    const integer = value | 0
    if (integer !== value || (integer === 0 && Object.is(value, -0))) {
      this.#byte(tag.float64)
      this.#double(value)
      return
    }
    if (integer >= 0 && integer < 128) {
      this.#byte(integer)
      return
    }
    this.#room(5)
    if (integer >= -128 && integer < 128) {
      this.#scratch[this.#at++] = tag.int8
      this.#at = this.#scratch.writeInt8(integer, this.#at)
    } else if (integer >= -32_768 && integer < 32_768) {
      this.#scratch[this.#at++] = tag.int16
      this.#at = this.#scratch.writeInt16LE(integer, this.#at)
    } else {
      this.#scratch[this.#at++] = tag.int32
      this.#at = this.#scratch.writeInt32LE(integer, this.#at)
    }
  }

  #bigint(value: bigint): void {
    const hex = (value < 0n ? -value : value).toString(16)
    this.#byte(value < 0n ? tag.negativeBigint : tag.bigint)
    this.#raw(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
  }

  #object(value: object): void {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Date.prototype) {
      this.#byte(tag.date)
      this.#double((value as Date).getTime())
      return
    }
    if (prototype === Buffer.prototype || prototype === Uint8Array.prototype) {
      this.#byte(prototype === Buffer.prototype ? tag.buffer : tag.bytes)
      this.#raw(value as Uint8Array)
      return
    }
    this.#enter(value)
    if (prototype === Object.prototype) this.#properties(tag.object, value)
    else if (prototype === Array.prototype) this.#array(value as readonly unknown[])
    else if (prototype === null) this.#properties(tag.nullObject, value)
    else if (prototype === Map.prototype) this.#map(value as ReadonlyMap<unknown, unknown>)
    else if (prototype === Set.prototype) this.#set(value as ReadonlySet<unknown>)
    else throw new TypeError(`An instance of ${className(prototype)} has no type-true bytes.`)
    this.#ancestors.pop()
  }

  /** A list, not a Set: values are a few levels deep, and a short scan costs less than hashing. */
  #enter(value: object): void {
    if (this.#ancestors.includes(value))
      throw new TypeError('A value that contains itself has no bytes.')
    if (this.#ancestors.length >= maxDepth) {
      throw new TypeError(`A value nested deeper than ${maxDepth} levels is not encoded.`)
    }
    this.#ancestors.push(value)
  }

  #properties(kind: number, value: object): void {
    if (Object.getOwnPropertySymbols(value).length > 0) {
      throw new TypeError('A property named by a symbol has no type-true bytes.')
    }
    const keys = Object.keys(value)
    this.#byte(kind)
    this.#varint(keys.length)
    for (const key of keys) {
      const known = this.#keys.get(key)
      this.#varint(known ?? 0)
      if (known === undefined) {
        this.#keys.set(key, this.#keys.size + 1)
        this.#string(key)
      }
      this.#value((value as Record<string, unknown>)[key])
    }
  }

  #array(value: readonly unknown[]): void {
    const length = value.length
    for (let i = 0; i < length; i++) {
      if (value[i] === undefined && !(i in value)) {
        this.#sparseArray(value)
        return
      }
    }
    this.#byte(tag.array)
    this.#varint(length)
    for (let i = 0; i < length; i++) this.#value(value[i])
  }

  #sparseArray(value: readonly unknown[]): void {
    const indexes = Object.keys(value).filter((key) => isIndex(key, value.length))
    this.#byte(tag.sparseArray)
    this.#varint(value.length)
    this.#varint(indexes.length)
    for (const index of indexes) {
      this.#varint(Number(index))
      this.#value(value[Number(index)])
    }
  }

  #map(value: ReadonlyMap<unknown, unknown>): void {
    this.#byte(tag.map)
    this.#varint(value.size)
    for (const [key, entry] of value) {
      this.#value(key)
      this.#value(entry)
    }
  }

  #set(value: ReadonlySet<unknown>): void {
    this.#byte(tag.set)
    this.#varint(value.size)
    for (const element of value) this.#value(element)
  }

  #raw(bytes: Uint8Array): void {
    this.#varint(bytes.length)
    this.#room(bytes.length)
    this.#scratch.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #double(value: number): void {
    this.#room(8)
    this.#at = this.#scratch.writeDoubleLE(value, this.#at)
  }

  #byte(value: number): void {
    if (this.#at === this.#scratch.length) this.#room(1)
    this.#scratch[this.#at++] = value
  }

  /** Seven bits a byte, lowest first; up to 2^53. */
  #varint(value: number): void {
    this.#room(8)
    let rest = value
    while (rest >= 128) {
      this.#scratch[this.#at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#scratch[this.#at++] = rest
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#scratch.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#scratch.length * 2, this.#at + bytes))
    this.#scratch.copy(larger, 0, 0, this.#at)
    this.#scratch = larger
  }
}

function isIndex(key: string, length: number): boolean {
  const index = Number(key)
  return Number.isInteger(index) && index >= 0 && index < length && String(index) === key
}

function className(prototype: unknown): string {
  const { constructor } = prototype as { constructor?: unknown }
  return typeof constructor === 'function' && constructor.name !== ''
    ? constructor.name
    : 'an unnamed class'
}
