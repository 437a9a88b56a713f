import {
  bufferBytes,
  cellBytes,
  containerBytes,
  dateBytes,
  leafBytes,
  listBytes,
} from './size-estimate.ts'
import { Uncopyable } from './uncopyable.ts'

/** Containers nested deeper than this are not kept; the codec has the same limit. */
const maxDepth = 500

/** What a first copy learns on its way. */
export interface CopyTally {
  /** Estimated bytes so far. */
  bytes: number
  /** The containers around the value being copied. */
  readonly ancestors: object[]
}

/** A fresh {@link CopyTally}. */
export function newTally(): CopyTally {
  return { bytes: 0, ancestors: [] }
}

/**
 * Copies a value from outside, so that nothing of it is shared with whoever has the original, and adds up its size. Throws
 * {@link Uncopyable} where the copy would not equal the original: instances of unknown classes, functions, symbols, values
 * that contain themselves.
 */
export function copyForeign(value: unknown, tally: CopyTally): unknown {
  if (typeof value === 'object' && value !== null) return copyObject(value, tally)
  if (typeof value === 'function' || typeof value === 'symbol') throw new Uncopyable(typeof value)
  tally.bytes += leafBytes(value)
  return value
}

function copyObject(value: object, tally: CopyTally): unknown {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Date.prototype) {
    tally.bytes += cellBytes + dateBytes
    return new Date((value as Date).getTime())
  }
  if (prototype === Buffer.prototype || prototype === Uint8Array.prototype) {
    tally.bytes += cellBytes + bufferBytes + (value as Uint8Array).length
    return keepBytes(value as Uint8Array)
  }
  const { ancestors } = tally
  if (ancestors.includes(value) || ancestors.length >= maxDepth) throw new Uncopyable('cycle')
  ancestors.push(value)
  tally.bytes += cellBytes + (Array.isArray(value) ? listBytes : containerBytes)
  const copy = copyContents(value, prototype, (inner) => copyForeign(inner, tally))
  ancestors.pop()
  return copy
}

/** Copies a value that {@link copyForeign} has made or the codec has decoded: as above, without its questions. */
export function copyKept(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  // First, because dates are what most copied columns hold.
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof Uint8Array) return copyBytes(value)
  return copyContents(value, Object.getPrototypeOf(value), copyKept)
}

/** The date of a kept time; what is no number is no time. */
export function keptDate(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value) : value
}

/** With memory of its own: a piece of Node's pool would keep its neighbours alive for as long as it is kept. */
function keepBytes(value: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(value) !== Buffer.prototype) return value.slice()
  const kept = Buffer.allocUnsafeSlow(value.length)
  kept.set(value)
  return kept
}

function copyBytes(value: Uint8Array): Uint8Array {
  return Object.getPrototypeOf(value) === Buffer.prototype ? Buffer.from(value) : value.slice()
}

function copyContents(
  value: object,
  prototype: unknown,
  copyInner: (inner: unknown) => unknown,
): unknown {
  if (prototype === Object.prototype) {
    return copyProperties(value as Record<string, unknown>, {}, copyInner)
  }
  if (prototype === Array.prototype) return copyArray(value as readonly unknown[], copyInner)
  if (prototype === null) {
    const empty = Object.create(null) as Record<string, unknown>
    return copyProperties(value as Record<string, unknown>, empty, copyInner)
  }
  if (prototype === Map.prototype) {
    const map = new Map<unknown, unknown>()
    for (const [key, entry] of value as ReadonlyMap<unknown, unknown>) {
      map.set(copyInner(key), copyInner(entry))
    }
    return map
  }
  if (prototype === Set.prototype) {
    const set = new Set<unknown>()
    for (const element of value as ReadonlySet<unknown>) set.add(copyInner(element))
    return set
  }
  throw new Uncopyable('class instance')
}

function copyProperties(
  value: Record<string, unknown>,
  copy: Record<string, unknown>,
  copyInner: (inner: unknown) => unknown,
): Record<string, unknown> {
  if (Object.getOwnPropertySymbols(value).length > 0) throw new Uncopyable('symbol')
  for (const key of Object.keys(value)) setProperty(copy, key, copyInner(value[key]))
  return copy
}

function copyArray(
  value: readonly unknown[],
  copyInner: (inner: unknown) => unknown,
): readonly unknown[] {
  const copy: unknown[] = []
  for (let i = 0; i < value.length; i++) {
    const inner = value[i]
    if (inner === undefined && !(i in value)) return copySparseArray(value, copyInner)
    copy.push(copyInner(inner))
  }
  // As long as it has to be: a list that has grown has room for more.
  return copy.slice()
}

function copySparseArray(
  value: readonly unknown[],
  copyInner: (inner: unknown) => unknown,
): readonly unknown[] {
  const copy: unknown[] = []
  copy.length = value.length
  // forEach visits the elements that are there, and takes no time for the holes of a long array.
  value.forEach((inner, i) => (copy[i] = copyInner(inner)))
  return copy
}

/** Adds an own property whatever its name: assigning `__proto__` would change the prototype. */
export function setProperty(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
  } else object[key] = value
}
