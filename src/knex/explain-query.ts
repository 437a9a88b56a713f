import { describeReads } from '../coherence/described-reads.ts'
import type { DescribedRead } from '../coherence/described-reads.ts'
import type { Explanation } from '../contract/explanation.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import type { MissCause, Store } from '../contract/store.ts'
import type { CachedRunParts } from './cached-run-parts.ts'
import { earlyBypass } from './cached-run.ts'
import { cacheRequestOf } from './builder-methods.ts'
import { readCacheRequest } from './cache-request.ts'
import type { BuilderShape, CompiledStatement } from './client-shape.ts'
import { nativeText } from './read-plan.ts'
import type { ReadPlan } from './read-plan.ts'

/** Words for each reason, to end the sentence "It would bypass the cache: ...". */
const reasons: Readonly<Record<BypassReason, string>> = {
  disabled: 'caching is switched off with `cache: false`',
  requested: '`bypass: true` asks for it',
  transaction: 'it is in a transaction, whose uncommitted rows must reach nobody else',
  locking: 'it takes row locks, which only the database can give',
  volatile: 'its result can change without a write (time, random numbers, system tables)',
  stream: 'it is streamed',
  'not-a-query': 'it is not a single query',
  session: 'its session differs from the others of the pool',
  unkeyable: 'a binding or option of it has no exact text form',
  uncopyable: 'its result holds something that cannot be copied',
  pending: 'a write that may change it is under way',
  contended: 'another reader is running it',
  'schema-changed': 'the schema changed and is being read again',
  'store-lost': 'the shared store cannot be reached',
}

/** Words for each cause, to end the sentence "It would be a miss: ...". */
const causes: Readonly<Record<MissCause, string>> = {
  absent: 'no entry is there (never filled, evicted, cleared, or found invalid meanwhile)',
  invalidated: 'a write touched what its entry depended on',
  expired: 'its entry is past its lifetime',
  refresh: '`refresh: true` asks for a new result',
}

/** Says what a cached read of the builder would do now, without running it. */
export async function explainQuery(
  parts: CachedRunParts,
  store: Store,
  builder: BuilderShape,
): Promise<Explanation> {
  const request = cacheRequestOf(builder) ?? readCacheRequest(undefined)
  const compiled = builder.toSQL() as CompiledStatement
  const text = nativeText(compiled)
  const { sql } = text
  const early = earlyBypass(parts, builder, request)
  const plan = early ?? parts.planner.plan(text, request.key)
  if (typeof plan === 'string') return bypassed(sql, plan)
  const answer = await store.lookup({
    key: plan.key,
    program: plan.dependencies.program,
    watch: plan.dependencies.watch,
    maxAgeMs: request.ttlMs ?? plan.ttlMs,
    refresh: request.refresh,
  })
  if (answer.kind === 'miss') store.abandon(answer.ticket)
  const described = describeReads(plan.statement, text.bindings)
  const depends = {
    tables: listed(plan),
    rows: Object.fromEntries(described.map(({ table, rows }) => [table, rows])),
    tags: described.flatMap(({ tags }) => tags),
  }
  if (answer.kind === 'bypass') return { ...bypassed(sql, answer.reason), ...depends }
  const cause = answer.kind === 'miss' ? answer.cause : undefined
  const why = cause === undefined ? 'a valid entry answers it' : causes[cause]
  return {
    sql,
    key: plan.key,
    ...depends,
    outcome: answer.kind,
    reason: undefined,
    cause,
    text: `It depends on ${named(plan, described)}. It would be a ${answer.kind}: ${why}.`,
  }
}

function bypassed(sql: string, reason: BypassReason): Explanation {
  return {
    sql,
    key: undefined,
    tables: 'everything',
    rows: {},
    tags: [],
    outcome: 'bypass',
    reason,
    cause: undefined,
    text: `It would bypass the cache: ${reasons[reason]}.`,
  }
}

function listed(plan: ReadPlan): readonly string[] | 'everything' {
  const { reads } = plan.statement
  return reads === 'everything' ? reads : [...reads].sort()
}

/** `every row of users, and rows of posts with id = 7`. */
function named(plan: ReadPlan, described: readonly DescribedRead[]): string {
  if (plan.statement.reads === 'everything')
    return 'tables that cannot be known, so any write may change it'
  if (described.length === 0) return 'no table'
  const parts = described.map(({ table, rows }) =>
    rows === 'every row' || rows === 'no row'
      ? `${rows} of ${table}`
      : `rows of ${table} with ${rows}`,
  )
  return parts.join(', and ')
}
