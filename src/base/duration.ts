import { MillraceError } from './errors.ts'
import { shown } from './shown.ts'

/** A length of time: a bare number in the unit that the option names, or a number with its unit, such as `'250ms'` or `'5m'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

/** What a bare number means: cache lifetimes count seconds, everything else milliseconds. */
export type BareUnit = 's' | 'ms'

/**
 * Reads a duration as milliseconds. `Infinity` is allowed and means "never".
 * Throws `MILLRACE_DURATION_INVALID` for zero, negative or unreadable values; `what` names the option in the message.
 */
export function parseDuration(value: unknown, bareUnit: BareUnit, what: string): number {
  const ms = readDuration(value, bareUnit)
  if (ms === undefined || !(ms > 0)) {
    throw new MillraceError(
      'MILLRACE_DURATION_INVALID',
      `${what} is ${shown(value)}, which is not a duration above zero.`,
      {
        remedy: `Give a number of ${bareUnit === 's' ? 'seconds' : 'milliseconds'}, or text with a unit such as '250ms', '30s', '5m', '1h' or '1d'.`,
      },
    )
  }
  return ms
}

function readDuration(value: unknown, bareUnit: BareUnit): number | undefined {
  if (typeof value === 'number') return value * unitMs[bareUnit]
  if (typeof value !== 'string') return undefined
  const match = pattern.exec(value.trim())
  if (match === null) return undefined
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
}
