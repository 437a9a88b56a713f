/** Freezes rows and everything plain in them; dates, buffers, maps, sets and instances of a driver's classes stay as they are. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (Object.isFrozen(value) || !isPlain(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return value
}

/** Whether {@link deepFreeze} leaves nothing in a value that could still be changed. */
export function canBeFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (ArrayBuffer.isView(value) || !isPlain(value)) return false
  return Object.values(value).every(canBeFrozen)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}
