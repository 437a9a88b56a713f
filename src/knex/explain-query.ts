import type { Explanation } from '../contract/explanation.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import type { Store } from '../contract/store.ts'
import type { CachedRunParts } from './cached-run.ts'
import { earlyBypass } from './cached-run.ts'
import { cacheRequestOf } from './builder-methods.ts'
import { readCacheRequest } from './cache-request.ts'
import type { BuilderShape, CompiledStatement } from './client-shape.ts'
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

/** Says what a cached read of the builder would do now, without running it. */
export async function explainQuery(
  parts: CachedRunParts,
  store: Store,
  builder: BuilderShape,
): Promise<Explanation> {
  const request = cacheRequestOf(builder) ?? readCacheRequest(undefined)
  const compiled = builder.toSQL() as CompiledStatement
  const sql = compiled.toNative?.().sql ?? compiled.sql
  const early = earlyBypass(parts, builder, request)
  const plan = early ?? parts.planner.plan(compiled, request)
  if (typeof plan === 'string') return bypassed(sql, plan)
  const answer = await store.lookup({
    key: plan.key,
    slots: plan.dependencies.slots,
    watch: plan.dependencies.watch,
    maxAgeMs: plan.ttlMs,
    refresh: false,
  })
  if (answer.kind === 'miss') store.abandon(answer.ticket)
  if (answer.kind === 'bypass') return { ...bypassed(sql, answer.reason), tables: listed(plan) }
  const what = answer.kind === 'hit' ? 'a valid entry answers it' : 'no valid entry is there'
  return {
    sql,
    key: plan.key,
    tables: listed(plan),
    outcome: answer.kind,
    reason: undefined,
    text: `It reads ${named(plan)} and would be a ${answer.kind}: ${what}.`,
  }
}

function bypassed(sql: string, reason: BypassReason): Explanation {
  return {
    sql,
    key: undefined,
    tables: 'everything',
    outcome: 'bypass',
    reason,
    text: `It would bypass the cache: ${reasons[reason]}.`,
  }
}

function listed(plan: ReadPlan): readonly string[] | 'everything' {
  return plan.tables === 'everything' ? 'everything' : [...plan.tables].sort()
}

function named(plan: ReadPlan): string {
  const tables = listed(plan)
  if (tables === 'everything') return 'tables that cannot be known'
  return tables.length === 0 ? 'no table' : tables.join(', ')
}
