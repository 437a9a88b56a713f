/** Whether the order of an object's keys is part of its text: it is for JSON values, it is not for options. */
export type KeyOrder = 'ordered' | 'sorted'

/** Deeper values have no text; no driver is given such ones. */
const maxDepth = 100

const loneSurrogate = /\p{Surrogate}/u

/** Says that a value has no text. Thrown nowhere: it travels as a return value. */
const none = Symbol('no text')
type Text = string | typeof none

/**
 * A text that two values share only if they are equal in value and type. Every piece starts with a letter for its type and ends
 * by a length or a semicolon, so pieces can stand side by side. The text has no lone surrogates: UTF-8, which the hash reads,
 * would make them all alike.
 */
export function serialiseValue(value: unknown, order: KeyOrder): string | undefined {
  const text = textOf(value, order, 0)
  return text === none ? undefined : text
}

function textOf(value: unknown, order: KeyOrder, depth: number): Text {
  switch (typeof value) {
    case 'string':
      return textOfString(value)
    case 'number':
      return Object.is(value, -0) ? 'n-0;' : `n${value};`
    case 'boolean':
      return value ? 'T' : 'F'
    case 'undefined':
      return 'U'
    case 'bigint':
      return `i${value};`
    case 'object':
      return value === null ? 'N' : textOfObject(value, order, depth)
    default:
      return none
  }
}

function textOfString(value: string): string {
  if (!loneSurrogate.test(value)) return `s${value.length}:${value}`
  return `w${value.length}:${Buffer.from(value, 'utf16le').toString('hex')}`
}

function textOfObject(value: object, order: KeyOrder, depth: number): Text {
  if (depth > maxDepth) return none
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Date.prototype) return `d${(value as Date).getTime()};`
  if (prototype === Buffer.prototype) return `b${textOfBytes(value as Uint8Array)}`
  if (prototype === Uint8Array.prototype) return `y${textOfBytes(value as Uint8Array)}`
  if (Object.getOwnPropertySymbols(value).length > 0) return none
  if (Array.isArray(value)) {
    return prototype === Array.prototype ? textOfList(value, order, depth) : none
  }
  if (prototype === Object.prototype) return textOfProperties('o', value, order, depth)
  if (prototype === null) return textOfProperties('p', value, order, depth)
  return none
}

function textOfBytes(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes
  return `${byteLength}:${Buffer.from(buffer, byteOffset, byteLength).toString('base64')};`
}

function textOfList(value: readonly unknown[], order: KeyOrder, depth: number): Text {
  let text = `a${value.length}:`
  for (let i = 0; i < value.length; i++) {
    const inner = value[i]
    // A hole has no text of its own: drivers treat it in ways of their own.
    if (inner === undefined && !(i in value)) return none
    const innerText = textOf(inner, order, depth + 1)
    if (innerText === none) return none
    text += innerText
  }
  return text
}

function textOfProperties(kind: string, value: object, order: KeyOrder, depth: number): Text {
  const keys = Object.keys(value)
  if (order === 'sorted') keys.sort()
  let text = `${kind}${keys.length}:`
  for (const key of keys) {
    const innerText = textOf((value as Record<string, unknown>)[key], order, depth + 1)
    if (innerText === none) return none
    text += textOfString(key) + innerText
  }
  return text
}
