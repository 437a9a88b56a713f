/** An object whose properties are not known yet. */
export type UnknownRecord = Record<string, unknown>

/** Whether properties of a value can be looked at. */
export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null
}

/** The prototype of an object that is an instance of some class, `undefined` for plain objects and arrays. */
export function classPrototype(value: object): object | undefined {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || prototype === Object.prototype || prototype === Array.prototype
    ? undefined
    : prototype
}
