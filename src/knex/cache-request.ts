import { parseDuration } from '../base/duration.ts'
import { MillraceError } from '../base/errors.ts'
import type { CacheInput, CacheOptions } from '../contract/cache-options.ts'

/** What `.cache(...)` asked for, with durations read; what was left out is undefined. */
export interface CacheRequest {
  readonly ttlMs: number | undefined
  readonly key: string | undefined
  readonly frozen: boolean | undefined
  readonly refresh: boolean
  readonly bypass: boolean
}

const known: ReadonlySet<string> = new Set<keyof CacheOptions>([
  'ttl',
  'key',
  'frozen',
  'refresh',
  'bypass',
])

/**
 * Reads the argument of `.cache(...)`. Throws `MILLRACE_DURATION_INVALID`, `MILLRACE_OPTION_UNKNOWN` or
 * `MILLRACE_OPTION_INVALID`.
 */
export function readCacheRequest(input: CacheInput | undefined): CacheRequest {
  if (input === undefined) return request({})
  if (typeof input !== 'object') return request({ ttl: input })
  if ((input as unknown) === null) throw invalid('The argument of .cache()', input)
  for (const name of Object.keys(input)) {
    if (!known.has(name)) {
      throw new MillraceError('MILLRACE_OPTION_UNKNOWN', `.cache() has no option "${name}".`, {
        remedy: `It takes ${[...known].join(', ')}.`,
      })
    }
  }
  return request(input)
}

/** How many lifetimes are remembered before all are forgotten; an application has a handful. */
const maxLifetimes = 100

/** Reads arguments of `.cache(...)`, those that are only a lifetime once: such requests are shared. */
export class CacheRequests {
  readonly #byLifetime = new Map<unknown, CacheRequest>()

  /** As {@link readCacheRequest}. */
  read(input: CacheInput | undefined): CacheRequest {
    if (typeof input === 'object') return readCacheRequest(input)
    const known = this.#byLifetime.get(input)
    if (known !== undefined) return known
    const made = readCacheRequest(input)
    if (this.#byLifetime.size >= maxLifetimes) this.#byLifetime.clear()
    this.#byLifetime.set(input, made)
    return made
  }
}

function request(options: CacheOptions): CacheRequest {
  if (options.key !== undefined && typeof options.key !== 'string') {
    throw invalid('key of .cache()', options.key)
  }
  return {
    ttlMs:
      options.ttl === undefined
        ? undefined
        : parseDuration(options.ttl, 's', 'The lifetime of .cache()'),
    key: options.key,
    frozen: flag('frozen', options.frozen),
    refresh: flag('refresh', options.refresh) ?? false,
    bypass: flag('bypass', options.bypass) ?? false,
  }
}

function flag(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw invalid(`${name} of .cache()`, value)
}

function invalid(what: string, value: unknown): MillraceError {
  return new MillraceError(
    'MILLRACE_OPTION_INVALID',
    `${what} is ${typeof value === 'string' ? JSON.stringify(value) : String(value)}.`,
    { remedy: 'Give a lifetime, or { ttl, key, frozen, refresh, bypass }.' },
  )
}
