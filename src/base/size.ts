import { MillraceError } from './errors.ts'
import { shown } from './shown.ts'

/** An amount of memory: a number of bytes, or text with a unit, such as `'64mb'`. */
export type Size = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`

const unitBytes = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 } as const
const pattern = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/

/** Reads a size as bytes. Throws `MILLRACE_OPTION_INVALID` for zero, negative or unreadable values. */
export function parseSize(value: unknown, what: string): number {
  let bytes: number | undefined
  if (typeof value === 'number') bytes = value
  else if (typeof value === 'string') {
    const match = pattern.exec(value.trim().toLowerCase())
    if (match !== null) bytes = Number(match[1]) * unitBytes[match[2] as keyof typeof unitBytes]
  }
  if (bytes === undefined || !(bytes > 0)) {
    throw new MillraceError(
      'MILLRACE_OPTION_INVALID',
      `${what} is ${shown(value)}, which is not a size above zero.`,
      { remedy: "Give a number of bytes, or text with a unit such as '64mb'." },
    )
  }
  return bytes
}
