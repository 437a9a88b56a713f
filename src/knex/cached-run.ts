import { MillraceError } from '../base/errors.ts'
import { deepFreeze } from '../cache/snapshot/deep-freeze.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import { CachedQuery } from './cached-query.ts'
import type { CachedRunParts } from './cached-run-parts.ts'
import type { CacheRequest } from './cache-request.ts'
import type { BuilderShape, ClientShape, RunnerShape } from './client-shape.ts'
import { Compilation } from './compilation.ts'
import { learnShape, saysTheSame, textOf } from './known-queries.ts'
import type { KnownQuery, SeenBuilder } from './known-queries.ts'
import { nativeText } from './read-plan.ts'

const selecting: ReadonlySet<string> = new Set(['select', 'first', 'pluck'])

/**
 * Runs a builder or raw statement that carries `.cache()`: answered from a valid entry, else from the database through
 * Knex's own runner. Events, post-processing and errors are those of an ordinary run; a hit sends no `query` event.
 * The SQL that is looked up is the SQL that is sent. `seen` is the builder's fingerprint, where one was taken.
 */
export async function runCached(
  parts: CachedRunParts,
  runner: RunnerShape,
  request: CacheRequest,
  seen: SeenBuilder | undefined,
  uncached: () => Promise<unknown>,
): Promise<unknown> {
  const { builder, client } = runner
  parts.schema.poke()
  rejectWrites(builder)
  const early = earlyBypass(parts, builder, request)
  if (early !== undefined) {
    parts.counters.bypass(early)
    return await uncached()
  }
  try {
    client.emit('start', builder)
    builder.emit('start', builder)
    const compilation = new Compilation(builder)
    const known = findPlan(parts, client, compilation, request, seen)
    let result: unknown
    if (typeof known === 'string') {
      parts.counters.bypass(known)
      result = await runner.ensureConnection((run) => run.query(compilation.statement))
    } else {
      const query = new CachedQuery(parts, { runner, request, compilation, seen, known })
      result = await parts.readThrough.read(query)
      if (query.frozen) deepFreeze(result)
    }
    builder.emit('end')
    return result
  } catch (error) {
    if (builder.listenerCount('error') > 0) builder.emit('error', error)
    throw error
  }
}

/** Why a run bypasses the cache before its SQL is known. */
export function earlyBypass(
  parts: CachedRunParts,
  builder: BuilderShape,
  request: CacheRequest,
): BypassReason | undefined {
  if (!parts.enabled) return 'disabled'
  if (request.bypass) return 'requested'
  const { client } = builder
  if (client.transacting === true || parts.sessions.hasManualTransaction) return 'transaction'
  // A connection of the caller's own: another reader's query may be waiting for just this one.
  if (builder._connection !== undefined) return 'session'
  if (builder.isRawInstance !== true && !selecting.has(builder._method ?? 'select')) {
    return 'not-a-query'
  }
  return undefined
}

function rejectWrites(builder: BuilderShape): void {
  const method = builder._method ?? 'select'
  if (builder.isRawInstance === true || selecting.has(method) || method === 'columnInfo') return
  throw new MillraceError(
    'MILLRACE_CACHE_ON_WRITE',
    `.cache() stands on a builder that writes (${method}).`,
    {
      remedy: 'Leave .cache() out: a write invalidates what it touches by itself.',
    },
  )
}

/** The plan as it was remembered, or from the text of the builder's shape, or by compiling. */
function findPlan(
  { planner, queries }: CachedRunParts,
  client: ClientShape,
  compilation: Compilation,
  { key }: CacheRequest,
  seen: SeenBuilder | undefined,
): KnownQuery | BypassReason {
  const known = seen?.known
  if (known !== undefined && planner.isCurrent(known.plan)) return known
  const learned = seen?.shape.memo
  if (seen !== undefined && learned !== undefined) {
    const bindings = client.prepBindings(seen.bindings)
    const plan = planner.plan({ sql: learned.sql, bindings, options: undefined, isRaw: false }, key)
    if (typeof plan === 'string') return plan
    const query: KnownQuery = { plan, text: learned, place: { entry: undefined } }
    queries?.remember(seen, query)
    return query
  }
  const { statement } = compilation
  const plan = planner.plan(nativeText(statement), key)
  if (typeof plan === 'string') return plan
  const text = seen?.shape.memo ?? textOf(statement)
  const query: KnownQuery = { plan, text, place: { entry: undefined } }
  if (seen !== undefined && (!seen.ranCallbacks || saysTheSame(seen, statement))) {
    learnShape(seen, statement)
    queries?.remember(seen, query)
  }
  return query
}
