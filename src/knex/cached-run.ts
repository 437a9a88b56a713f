import { MillraceError } from '../base/errors.ts'
import type { CacheCounters } from '../cache/counters.ts'
import type { CacheableQuery, Loaded, ReadThrough } from '../cache/read-through.ts'
import { copyBody } from '../cache/snapshot/copy-body.ts'
import type { RowShapes } from '../cache/snapshot/row-shapes.ts'
import { takeSnapshot } from '../cache/snapshot/take-snapshot.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { CacheRequest } from './cache-request.ts'
import type { CatalogKeeper } from './catalog-keeper.ts'
import { capture } from './client-shape.ts'
import type { BuilderShape, CompiledStatement, RunnerShape } from './client-shape.ts'
import { deepFreeze } from './deep-freeze.ts'
import type { HitAudit } from './hit-audit.ts'
import { ownBindings } from './own-bindings.ts'
import type { ReadPlan, ReadPlanner } from './read-plan.ts'
import type { ResponseAdapter, ResponseScope } from './response/response-adapter.ts'
import type { SchemaWatch } from './schema-watch.ts'
import type { Sessions } from './sessions.ts'

/** What a cached run works with. */
export interface CachedRunParts {
  /** False where caching is switched off: `.cache()` runs the query. */
  readonly enabled: boolean
  readonly sessions: Sessions
  readonly planner: ReadPlanner
  readonly readThrough: ReadThrough
  readonly counters: CacheCounters
  readonly catalog: CatalogKeeper
  readonly adapter: ResponseAdapter
  readonly shapes: RowShapes
  /** Checks a share of the hits; none where no share is given. */
  readonly audit: HitAudit | undefined
  readonly schema: SchemaWatch
}

const queries: ReadonlySet<string> = new Set(['select', 'first', 'pluck'])

/**
 * Runs a builder or raw statement that carries `.cache()`: answered from a valid entry, else from the database through
 * Knex's own runner. Events, post-processing and errors are those of an ordinary run; a hit sends no `query` event.
 * The SQL that is looked up is the SQL that is sent: the builder is compiled once.
 */
export async function runCached(
  parts: CachedRunParts,
  runner: RunnerShape,
  request: CacheRequest,
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
    const compiled = builder.toSQL() as CompiledStatement
    if (compiled.bindings !== undefined) compiled.bindings = ownBindings(compiled.bindings)
    const plan = parts.planner.plan(compiled, request)
    let result: unknown
    if (typeof plan === 'string') {
      parts.counters.bypass(plan)
      result = await runner.ensureConnection((run) => run.query(compiled))
    } else {
      result = await parts.readThrough.read(cacheable(parts, runner, compiled, plan, request))
      if (request.frozen ?? parts.planner.defaults.frozen) deepFreeze(result)
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
  if (builder.isRawInstance !== true && !queries.has(builder._method ?? 'select')) {
    return 'not-a-query'
  }
  return undefined
}

function rejectWrites(builder: BuilderShape): void {
  const method = builder._method ?? 'select'
  if (builder.isRawInstance === true || queries.has(method) || method === 'columnInfo') return
  throw new MillraceError(
    'MILLRACE_CACHE_ON_WRITE',
    `.cache() stands on a builder that writes (${method}).`,
    {
      remedy: 'Leave .cache() out: a write invalidates what it touches by itself.',
    },
  )
}

function cacheable(
  parts: CachedRunParts,
  runner: RunnerShape,
  compiled: CompiledStatement,
  plan: ReadPlan,
  request: CacheRequest,
): CacheableQuery<unknown> {
  const { audit } = parts
  const query: CacheableQuery<unknown> = {
    key: plan.key,
    ttlMs: plan.ttlMs,
    refresh: request.refresh,
    dependencies: plan.dependencies,
    load: () => load(parts, runner, compiled),
    revive: (snapshot) => revive(parts, runner, compiled, snapshot),
    catalogOutdated: () => {
      void parts.catalog.refresh()
    },
    answered:
      audit &&
      ((hit) => {
        audit.consider(
          { client: runner.client, compiled, scope: scopeOf(runner), plan, query },
          hit,
        )
      }),
  }
  return query
}

function scopeOf({ builder }: RunnerShape): ResponseScope {
  return builder.isRawInstance === true ? 'whole' : 'rows'
}

/** Runs the query as Knex would, taking a private copy of what the driver answered before anyone can change it. */
async function load(
  parts: CachedRunParts,
  runner: RunnerShape,
  compiled: CompiledStatement,
): Promise<Loaded<unknown>> {
  let copy: Loaded<unknown>['copy'] = 'uncopyable'
  const scope = scopeOf(runner)
  Object.defineProperty(compiled, capture, {
    configurable: true,
    value: (response: unknown, connection: object) => {
      const session = parts.sessions.of(connection)
      if (session.isPrivate) {
        copy = session.altered ? 'session' : 'transaction'
        return
      }
      if (parts.schema.hasMoved(connection)) {
        // The tap sees the same, and acts on it before this query is answered.
        copy = 'schema-changed'
        return
      }
      const captured = parts.adapter.capture(response, scope)
      copy =
        (captured === undefined ? undefined : takeSnapshot(captured.meta, captured.body)) ??
        'uncopyable'
    },
  })
  const result = await runner.ensureConnection((run) => run.query(compiled))
  return { result, copy }
}

/** Takes a stored answer through the same processing as a fresh one. */
async function revive(
  parts: CachedRunParts,
  runner: RunnerShape,
  compiled: CompiledStatement,
  snapshot: Snapshot,
): Promise<{ readonly result: unknown } | undefined> {
  const { builder, client } = runner
  const response = parts.adapter.revive(
    snapshot.meta,
    copyBody(snapshot.body, parts.shapes),
    client,
  )
  if (response === undefined) return undefined
  const statement: CompiledStatement = { ...compiled, response, context: {} }
  const processed = await client.processResponse(statement, runner)
  const result = client.postProcessResponse(processed, builder.queryContext())
  builder.emit('query-response', result, statement, builder)
  client.emit('query-response', result, statement, builder)
  return { result }
}
