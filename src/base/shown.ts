/** A value as an error message shows it: short, on one line, for every type that there is. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return clipped(JSON.stringify(value))
  if (typeof value === 'bigint') return `${String(value)}n`
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

function clipped(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}..."` : text
}
