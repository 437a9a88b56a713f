import { serialiseValue } from '../../cache/key-text.ts'

/** Why an object has no text among the values of a builder. */
export type NoText = 'unknown' | 'undefined' | 'too-long'

/**
 * Dates, bytes, lists and plain objects as text, by what they hold now. Knex refuses conditions in which `undefined` stands
 * somewhere, so such values are none.
 */
export function uncommonText(value: object, maxLength: number): { text: string } | NoText {
  if (ArrayBuffer.isView(value) && value.byteLength > maxLength) return 'too-long'
  const text = serialiseValue(value, 'ordered')
  if (text === undefined) return 'unknown'
  // Each undefined is a `U`; not each `U` is one.
  return text.includes('U') && holdsUndefined(value) ? 'undefined' : { text }
}

function holdsUndefined(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === undefined
  if (ArrayBuffer.isView(value)) return false
  return Object.values(value).some(holdsUndefined)
}

/** Whether MySQL's compiler refuses it as a value: lists and plain objects, not dates and bytes. */
export function isComposite(value: object): boolean {
  return !(value instanceof Date) && !ArrayBuffer.isView(value)
}
