import type { Knex } from 'knex'
import { MillraceError } from '../base/errors.ts'
import type { BufferControl, CacheControl } from './controls.ts'
import { createFront } from './front.ts'
import type { IdSource } from './nanoid.ts'
import { isKnexMember } from './reserved-names.ts'
import type { AnyTables, Millrace } from './typed-tables.ts'

/** What `DB` is put together from. */
export interface DatabaseParts {
  /** By name, with `default` among them; their builders have `.cache` and `.buffer` already. */
  readonly connections: ReadonlyMap<string, Knex>
  readonly cache: CacheControl
  readonly buffer: BufferControl
  readonly nanoid: IdSource
  close(): Promise<void>
}

/**
 * Makes `DB`. A name is looked up in this order: Millrace's own, Knex's own, connections, tables of `default`; what the
 * language looks for on any object (`then`, `toJSON`, symbols) is never a table.
 *
 * Throws `MILLRACE_OPTION_INVALID` for a connection whose name Knex uses itself, and `MILLRACE_CONNECTION_UNKNOWN` if there
 * is no `default`.
 */
export function createDatabase<
  Tables extends object = AnyTables,
  Connections extends object = { readonly default: Tables },
>(parts: DatabaseParts): Millrace<Tables, Connections> {
  const { cache, buffer, connections } = parts
  const main = connections.get('default')
  if (main === undefined) {
    throw new MillraceError(
      'MILLRACE_CONNECTION_UNKNOWN',
      'There is no connection named default.',
      {
        remedy: 'Name one connection default: its tables are DB.<table>.',
      },
    )
  }

  let isClosed = false
  const close = async (): Promise<void> => {
    try {
      await parts.close()
    } finally {
      isClosed = true
    }
  }

  const fronts: Record<string, object> = {}
  for (const [name, knex] of connections) {
    refuseKnexName(main, name)
    fronts[name] = createFront({
      knex,
      isClosed: () => isClosed,
      label: `DB.${name}`,
      description: `Millrace connection ${name} (${clientName(knex)})`,
      own: {
        cache: { clear: (table?: string) => cache.clear(name, table) },
        buffer: { flush: (table?: string) => buffer.flush(name, table) },
      },
    })
  }

  const names = [...connections].map(([name, knex]) => `${name} (${clientName(knex)})`)
  return createFront({
    knex: main,
    isClosed: () => isClosed,
    label: 'DB',
    description: `Millrace ${names.join(', ')}`,
    own: {
      cache,
      buffer,
      nanoid: (size?: number) => parts.nanoid(size),
      close,
      [Symbol.asyncDispose]: close,
      ...fronts,
    },
  }) as Millrace<Tables, Connections>
}

function refuseKnexName(knex: Knex, name: string): void {
  if (!isKnexMember(knex, name)) return
  throw new MillraceError(
    'MILLRACE_OPTION_INVALID',
    `Option connections.${name} would hide Knex's own DB.${name}.`,
    { remedy: 'Give the connection another name.' },
  )
}

/** The driver, for people; never anything of the connection's settings, which hold passwords. */
function clientName(knex: Knex): string {
  const client: unknown = knex.client
  const named = typeof client === 'object' && client !== null && 'driverName' in client
  return named && typeof client.driverName === 'string' ? client.driverName : 'unknown client'
}
