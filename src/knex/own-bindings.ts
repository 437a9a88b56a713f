import { copyForeign, newTally } from '../cache/snapshot/copy-value.ts'

/**
 * The bindings of a query with objects of their own. Dates, bytes, lists and JSON belong to the caller, who may change them
 * while the query waits for a connection: what was sent would then not be what the key was made of. Values that cannot be
 * copied have no key either, and stay as they are.
 */
export function ownBindings(bindings: readonly unknown[]): readonly unknown[] {
  return bindings.some(isObject) ? bindings.map(ownBinding) : bindings
}

function ownBinding(value: unknown): unknown {
  if (!isObject(value)) return value
  try {
    return copyForeign(value, newTally())
  } catch {
    return value
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
