/** A value as an error message shows it; never its content where that may be large or private. */
export function spell(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
    case 'bigint':
      return `${String(value)}n`
    case 'function':
    case 'symbol':
      return `a ${typeof value}`
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? 'an array' : `an instance of ${className(value)}`
    default:
      return String(value)
  }
}

function className(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  return prototype?.constructor?.name ?? 'no class'
}
