import { parseDuration } from '../base/duration.ts'
import type { BareUnit } from '../base/duration.ts'
import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import { parseSize } from '../base/size.ts'
import { nearestName } from './nearest-name.ts'

/** The error for an option whose value cannot be used. `path` is the option's place, such as `cache.ttl`. */
export function invalidOption(path: string, problem: string, remedy: string): MillraceError {
  return new MillraceError('MILLRACE_OPTION_INVALID', `Option ${path} ${problem}.`, { remedy })
}

/** Whether a value is an object with options in it, rather than a list, a function or an instance of something. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // An object of another realm (a vm context, as test runners use) has another Object.prototype, whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Reads a value as an object with options. An empty `path` stands for the options as a whole. */
export function readObject(value: unknown, path: string, remedy: string): Record<string, unknown> {
  if (isPlainObject(value)) return value
  const problem = `${value === undefined ? 'missing' : shown(value)}, not an object`
  throw path === ''
    ? new MillraceError('MILLRACE_OPTION_INVALID', `The options are ${problem}.`, { remedy })
    : invalidOption(path, `is ${problem}`, remedy)
}

/** Throws `MILLRACE_OPTION_UNKNOWN` for the first name that is not known, with the nearest one that is. */
export function refuseUnknown(
  options: Record<string, unknown>,
  path: string,
  known: readonly string[],
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    const nearest = nearestName(name, known)
    throw new MillraceError(
      'MILLRACE_OPTION_UNKNOWN',
      `There is no option ${path === '' ? name : `${path}.${name}`}.`,
      {
        remedy:
          nearest === undefined
            ? `Known here: ${known.join(', ')}.`
            : `Did you mean ${path === '' ? nearest : `${path}.${nearest}`}?`,
      },
    )
  }
}

/** Reads a whole number within bounds; `undefined` gives the default. */
export function readInteger<Default>(
  value: unknown,
  path: string,
  bounds: { readonly min: number; readonly max?: number },
  byDefault: Default,
): number | Default {
  if (value === undefined) return byDefault
  const max = bounds.max ?? Number.MAX_SAFE_INTEGER
  if (
    typeof value === 'number' &&
    Number.isSafeInteger(value) &&
    value >= bounds.min &&
    value <= max
  ) {
    return value
  }
  throw invalidOption(
    path,
    `is ${shown(value)}`,
    `Give a whole number ${bounds.max === undefined ? `from ${String(bounds.min)}` : `from ${String(bounds.min)} to ${String(bounds.max)}`}.`,
  )
}

/** Reads a share, a number from 0 to 1; `undefined` gives the default. */
export function readShare(value: unknown, path: string, byDefault: number): number {
  if (value === undefined) return byDefault
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw invalidOption(
    path,
    `is ${shown(value)}`,
    'Give a number from 0 to 1, such as 0.001 for one in a thousand.',
  )
}

/** Reads a boolean; `undefined` gives the default. */
export function readBoolean(value: unknown, path: string, byDefault: boolean): boolean {
  if (value === undefined) return byDefault
  if (typeof value === 'boolean') return value
  throw invalidOption(path, `is ${shown(value)}`, 'Give true or false.')
}

/** Reads one of a few words; `undefined` gives the default. */
export function readWord<Word extends string>(
  value: unknown,
  path: string,
  words: readonly [Word, ...Word[]],
): Word {
  if (value === undefined) return words[0]
  const word = words.find((candidate) => candidate === value)
  if (word !== undefined) return word
  throw invalidOption(
    path,
    `is ${shown(value)}`,
    `Give ${words.map((candidate) => `'${candidate}'`).join(' or ')}.`,
  )
}

/** Reads text that is not empty; `undefined` gives the default. */
export function readText(value: unknown, path: string, byDefault: string): string {
  if (value === undefined) return byDefault
  if (typeof value === 'string' && value.trim() !== '') return value
  throw invalidOption(path, `is ${shown(value)}`, 'Give text that is not empty.')
}

/** Reads a duration as milliseconds; `undefined` gives the default. Throws `MILLRACE_DURATION_INVALID`. */
export function readDuration<Default>(
  value: unknown,
  bareUnit: BareUnit,
  path: string,
  byDefaultMs: Default,
): number | Default {
  return value === undefined ? byDefaultMs : parseDuration(value, bareUnit, `Option ${path}`)
}

/** Reads a size as bytes; `undefined` gives the default. */
export function readSize(value: unknown, path: string, byDefault: number): number {
  return value === undefined ? byDefault : parseSize(value, `Option ${path}`)
}
