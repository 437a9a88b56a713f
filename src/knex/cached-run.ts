import { MillraceError } from '../base/errors.ts'
import { deepFreeze } from '../cache/snapshot/deep-freeze.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import { CachedQuery } from './cached-query.ts'
import type { CachedRunParts } from './cached-run-parts.ts'
import type { CacheRequest } from './cache-request.ts'
import type { BuilderShape, CompiledStatement, RunnerShape } from './client-shape.ts'
import type { SeenBuilder } from './known-queries.ts'
import { ownBindings } from './own-bindings.ts'
import { nativeText } from './read-plan.ts'
import type { ReadPlan } from './read-plan.ts'
import { settledBuilder } from './settled-builder.ts'
import { shapeText, statementOf } from './shape-text.ts'
import type { ShapeText } from './shape-text.ts'

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
    // Before anything is waited for: the caller may go on changing the builder.
    const sought = soughtQuery(parts, runner, request, own(parts, seen))
    let result: unknown
    if (typeof sought.plan === 'string') {
      parts.counters.bypass(sought.plan)
      result = await runner.ensureConnection((run) => run.query(sought.statement))
    } else {
      const query = new CachedQuery(parts, { runner, request, ...sought, plan: sought.plan })
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

/** A fingerprint that was taken for these parts; a builder may have waited while the instance was closed and opened again. */
function own({ queries }: CachedRunParts, seen: SeenBuilder | undefined): SeenBuilder | undefined {
  return seen?.by === queries ? seen : undefined
}

/** What a run looks for, and sends if it is not found. */
interface SoughtQuery {
  readonly statement: CompiledStatement
  readonly plan: ReadPlan | BypassReason
  readonly text: ShapeText
}

/**
 * The statement from the text of the builder's shape, if that is known, or compiled; the plan as it was remembered, or worked out.
 *
 * A builder with functions that has to be compiled is settled first, and the fingerprint of that copy is what counts: it was taken of just what
 * is sent, whatever the functions say the next time.
 */
function soughtQuery(
  parts: CachedRunParts,
  { builder, client }: RunnerShape,
  request: CacheRequest,
  seen: SeenBuilder | undefined,
): SoughtQuery {
  const learned = seen?.shape.memo?.statement
  if (seen !== undefined && learned !== undefined) {
    return withPlan(parts, request, seen, statementOf(learned, seen.bindings, client))
  }
  if (seen?.ranCallbacks !== true) return withPlan(parts, request, seen, compile(builder))
  const settled = settledBuilder(builder)
  const again = seen.by.take(settled, request) ? seen.by.seen(seen.by.find()) : undefined
  return withPlan(parts, request, again, compile(settled))
}

function withPlan(
  { planner }: CachedRunParts,
  { key }: CacheRequest,
  seen: SeenBuilder | undefined,
  statement: CompiledStatement,
): SoughtQuery {
  const text = textOf(statement, seen)
  const known = seen?.known
  if (known !== undefined && planner.isCurrent(known.plan)) {
    return { statement, plan: known.plan, text }
  }
  const plan = planner.plan(nativeText(statement), key)
  if (seen !== undefined && typeof plan !== 'string') seen.by.remember(seen, plan, text)
  return { statement, plan, text }
}

function compile(builder: BuilderShape): CompiledStatement {
  const compiled = builder.toSQL() as CompiledStatement
  if (compiled.bindings !== undefined) compiled.bindings = ownBindings(compiled.bindings)
  return compiled
}

/** What is known of the builder's shape, learned now if nothing is. */
function textOf(statement: CompiledStatement, seen: SeenBuilder | undefined): ShapeText {
  if (seen === undefined) {
    const { method = 'select', pluck } = statement
    return { method, pluck, statement: undefined }
  }
  // One that could not be learned from is tried again with other values: those may all differ.
  if (seen.shape.memo?.statement === undefined)
    seen.shape.memo = shapeText(statement, seen.bindings)
  return seen.shape.memo
}
