import { randomInt } from 'node:crypto'
import { createBufferParts } from './assembly/buffer-parts.ts'
import { createCacheControl } from './assembly/cache-control.ts'
import { systemClock } from './base/clock.ts'
import { Auditor } from './cache/audit/auditor.ts'
import type { AuditorOptions } from './cache/audit/auditor.ts'
import { CacheCounters } from './cache/counters.ts'
import { ReadThrough } from './cache/read-through.ts'
import { createValueCodec } from './codec/value-codec.ts'
import { TagSpace, tagOf } from './coherence/tag-space.ts'
import type { StoreBounds } from './contract/store.ts'
import { createDatabase } from './database/create-database.ts'
import { checkNanoidColumns } from './assembly/nanoid-check.ts'
import { checkPartition } from './assembly/partition-check.ts'
import { createNanoidColumns } from './database/nanoid-columns.ts'
import { createIdSource } from './database/nanoid.ts'
import { createEventSink } from './assembly/event-sink.ts'
import { openConnection } from './knex/open-connection.ts'
import type { OpenedConnection } from './knex/open-connection.ts'
import type { CacheDefaults } from './knex/read-plan.ts'
import type { MemoBounds } from './knex/query-memo.ts'
import { TappedConnection } from './knex/tapped-connection.ts'
import type { InstallMillrace, OpenMillrace } from './options/entry-points.ts'
import type { ResolvedOptions } from './options/resolved-options.ts'
import { resolveInstallOptions, resolveOptions } from './options/resolve-options.ts'
import { ServerWrites } from './assembly/server-writes.ts'
import { identityOf, openSharedState } from './assembly/shared-state.ts'
import { Undo } from './base/undo.ts'

/**
 * Opens databases behind a strict query cache and a write buffer, and returns `DB`. Rejects with a `MillraceError` whose code tells
 * what was wrong; nothing stays open then.
 */
export const millrace: OpenMillrace = (async (options: unknown) =>
  await open(resolveOptions(options))) as OpenMillrace

/** Adds Millrace to a Knex instance that exists, of any copy of Knex, and returns `DB` over it. `close()` leaves the instance open. */
export const install: InstallMillrace = (async (knex: unknown, options?: unknown) =>
  await open(resolveInstallOptions(knex, options))) as InstallMillrace

/**
 * The composition root: opens the databases, the shared state and the buffer in this order, introduces them to each other, and closes
 * them the other way round. If one of them does not open, those before it are closed again.
 */
async function open(options: ResolvedOptions): Promise<object> {
  const undo = new Undo()
  try {
    return await assemble(options, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}

async function assemble(options: ResolvedOptions, undo: Undo): Promise<object> {
  const onEvent = createEventSink(options.onEvent)
  const codec = createValueCodec()
  const newId = createIdSource()
  const nanoid = createNanoidColumns({ declared: options.nanoid, fold, newId })

  const opened: OpenedConnection[] = []
  // Undone last: only when the connections are closed is it known which writes are still under way.
  const outermost = new Undo()
  undo.add(() => outermost.run())
  for (const source of options.connections.values()) {
    const connection = await openConnection(source)
    undo.add(() => connection.destroy())
    opened.push(connection)
  }

  const partition = options.cache?.partition ?? new Map<string, readonly string[]>()
  const identity = identityOf(opened, partition)
  const shared = await openSharedState(options, boundsOf(options, opened), identity, codec)
  undo.add(() => shared.close())
  const writes = new ServerWrites({ shared, settleDelayMs: options.settleDelayMs, onEvent })
  outermost.add(() => writes.close())

  const counters = new CacheCounters()
  const readThrough = new ReadThrough(shared.store, codec, counters)
  const auditor = auditorOf(options, { codec, counters, onEvent })
  undo.add(() => auditor?.close())
  const connections = new Map<string, TappedConnection>()
  for (const connection of opened) {
    const tags = new TagSpace(connection.identity, shared.store.authority.slotCount)
    await writes.settlePrevious(connection, tags)
    const tapped = await TappedConnection.open({
      opened: connection,
      store: shared.store,
      lives: shared.lives,
      watch: writes.marker(connection),
      tags,
      readThrough,
      counters,
      cacheEnabled: options.cache !== undefined,
      fingerprints: memoOf(options),
      defaults: defaultsOf(options),
      partition,
      settleDelayMs: options.settleDelayMs,
      filler: nanoid,
      hooks: {
        clear: (table, key) => tapped.clear(table, key),
        buffer: (table) => buffer.table(connection.name, table),
      },
      onEvent,
      auditor,
    })
    undo.add(() => tapped.close())
    connections.set(connection.name, tapped)
  }
  checkNanoidColumns(options.nanoid, connections.values())
  checkPartition(connections.values())
  const buffer = createBufferParts({
    options: options.buffer,
    connections,
    shared,
    codec,
    nanoid,
    onEvent,
  })
  undo.add(() => buffer.close())
  await buffer.open()
  shared.listen()

  return createDatabase({
    connections: new Map(opened.map(({ name, knex }) => [name, knex])),
    cache: createCacheControl(connections, shared.store, counters),
    buffer: buffer.control,
    nanoid: newId,
    close: () => undo.run(),
  })
}

/** From 0 up to, not including, 1. */
function chance(): number {
  return randomInt(2 ** 32) / 2 ** 32
}

/** None where no hit is to be checked. */
function auditorOf(
  { cache }: ResolvedOptions,
  parts: Pick<AuditorOptions, 'codec' | 'counters' | 'onEvent'>,
): Auditor | undefined {
  const rate = cache?.auditRate ?? 0
  return rate === 0
    ? undefined
    : new Auditor({ ...parts, rate, random: chance, clock: systemClock })
}

/** Table names are matched as every supported database may fold them: without regard to case. */
function fold(table: string): string {
  return table.toLowerCase()
}

function defaultsOf({ cache }: ResolvedOptions): CacheDefaults {
  const tableTtlMs = new Map<string, number>()
  for (const [table, { ttlMs }] of cache?.tables ?? []) {
    if (ttlMs !== undefined) tableTtlMs.set(fold(table), ttlMs)
  }
  return { ttlMs: cache?.ttlMs ?? 0, frozen: cache?.frozen ?? false, tableTtlMs }
}

/** What may be remembered of queries: as many as there may be entries, in an eighth of their room for each generation. */
function memoOf({ cache }: ResolvedOptions): MemoBounds | undefined {
  if (cache?.fingerprint !== true) return undefined
  return { maxQueries: cache.maxEntries, maxBytes: cache.maxBytes / 8 }
}

/** What the store may hold. Tables are bounded by tag, on every connection that has the table. */
function boundsOf({ cache }: ResolvedOptions, opened: readonly OpenedConnection[]): StoreBounds {
  const maxKeysByTable = new Map<string, number>()
  for (const [table, { maxKeys }] of cache?.tables ?? []) {
    if (maxKeys === undefined) continue
    for (const { identity } of opened) {
      maxKeysByTable.set(tagOf(identity, fold(table)), maxKeys)
    }
  }
  return { maxEntries: cache?.maxEntries ?? 1, maxBytes: cache?.maxBytes ?? 1, maxKeysByTable }
}
