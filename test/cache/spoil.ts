/** Changes everything that can be changed in a value; what is frozen stays, and so do functions. */
export function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (value instanceof Date) value.setTime(1)
  else if (value instanceof Uint8Array) value.fill(7)
  else if (value instanceof Map || value instanceof Set) {
    for (const [key, entry] of value.entries()) {
      spoil(key)
      spoil(entry)
    }
    value.clear()
  } else {
    for (const key of Object.keys(value)) {
      spoil((value as Record<string, unknown>)[key])
      Reflect.deleteProperty(value, key)
    }
    Reflect.set(value, 'spoilt', true)
  }
}
