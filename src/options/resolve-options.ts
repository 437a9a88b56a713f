import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import type { EventSink } from '../contract/events.ts'
import { invalidOption, readDuration, readObject, refuseUnknown } from './option-reader.ts'
import { resolveBuffer } from './resolve-buffer.ts'
import { resolveCache } from './resolve-cache.ts'
import { resolveConnection, resolveConnections } from './resolve-connection.ts'
import { resolveNanoid } from './resolve-nanoid.ts'
import { resolveStore } from './resolve-store.ts'
import type { ResolvedCommonOptions, ResolvedOptions } from './resolved-options.ts'

const commonNames = ['store', 'cache', 'buffer', 'nanoid', 'settleDelay', 'onEvent'] as const

/**
 * Checks the options of `millrace()` once and returns them complete, in milliseconds and bytes.
 *
 * Throws `MILLRACE_OPTION_UNKNOWN`, `MILLRACE_OPTION_INVALID`, `MILLRACE_DURATION_INVALID` or
 * `MILLRACE_CLIENT_UNSUPPORTED`; the message names the option by its path, such as `cache.ttl`.
 */
export function resolveOptions(input: unknown): ResolvedOptions {
  const options = readObject(
    input,
    '',
    "Call millrace({ connection: { client: 'better-sqlite3', connection: { filename: 'app.db' } } }).",
  )
  refuseUnknown(options, '', ['connection', 'connections', ...commonNames])
  const { connection, connections } = options
  if (connection !== undefined && connections !== undefined) {
    throw new MillraceError(
      'MILLRACE_OPTION_INVALID',
      'Both connection and connections are given.',
      { remedy: 'Give connection for one database, or connections for several.' },
    )
  }
  if (connection === undefined && connections === undefined) {
    throw new MillraceError('MILLRACE_OPTION_INVALID', 'Option connection is missing.', {
      remedy:
        'Give connection (a Knex configuration or instance), or connections: { default, ... }.',
    })
  }
  return {
    connections:
      connections === undefined
        ? new Map([['default', resolveConnection('default', connection, 'connection')]])
        : resolveConnections(connections),
    ...resolveCommon(options),
  }
}

/**
 * Checks the options of `install()` and returns them with `knex` as the only connection, `default`.
 * Throws as {@link resolveOptions} does, and for a `knex` that is no Knex instance.
 */
export function resolveInstallOptions(knex: unknown, input: unknown): ResolvedOptions {
  const connection = resolveConnection('default', knex, 'knex')
  if (connection.kind !== 'instance') {
    throw new MillraceError(
      'MILLRACE_OPTION_INVALID',
      'install() was given a configuration, not a Knex instance.',
      {
        remedy:
          'Call install(knex) with the instance, or millrace({ connection }) with the configuration.',
      },
    )
  }
  const options =
    input === undefined ? {} : readObject(input, '', 'Call install(knex, { cache: { ttl: 60 } }).')
  refuseUnknown(options, '', commonNames)
  return { connections: new Map([['default', connection]]), ...resolveCommon(options) }
}

function resolveCommon(options: Record<string, unknown>): ResolvedCommonOptions {
  return {
    store: resolveStore(options['store']),
    cache: resolveCache(options['cache']),
    buffer: resolveBuffer(options['buffer']),
    nanoid: resolveNanoid(options['nanoid']),
    settleDelayMs: resolveSettleDelay(options['settleDelay']),
    onEvent: resolveListener(options['onEvent']),
  }
}

function resolveSettleDelay(value: unknown): number {
  const ms = readDuration(value, 'ms', 'settleDelay', 30_000)
  if (ms !== Infinity) return ms
  throw new MillraceError(
    'MILLRACE_DURATION_INVALID',
    'Option settleDelay is Infinity: a write of unknown outcome would keep its tables out of the cache for ever.',
    { remedy: "Give the longest time that a commit may take, such as '30s'." },
  )
}

function resolveListener(value: unknown): EventSink | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'function') {
    throw invalidOption('onEvent', `is ${shown(value)}`, 'Give a function that takes an event.')
  }
  return value as EventSink
}
