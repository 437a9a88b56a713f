import type { AnsweredHit, CacheableQuery, Dependencies, Loaded } from '../cache/read-through.ts'
import { copyBody } from '../cache/snapshot/copy-body.ts'
import { takeSnapshot } from '../cache/snapshot/take-snapshot.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { CacheRequest } from './cache-request.ts'
import type { CachedRunParts } from './cached-run-parts.ts'
import { capture } from './client-shape.ts'
import type { BuilderShape, CompiledStatement, RunnerShape } from './client-shape.ts'
import type { ReadPlan } from './read-plan.ts'
import type { ShapeText } from './shape-text.ts'
import { noDirectAnswer } from './response/direct-answer.ts'
import { postProcesses } from './stock-instance.ts'
import type { ResponseScope } from './response/response-adapter.ts'

/** One run of a query that may be answered from the cache. */
export interface QueryRun {
  readonly runner: RunnerShape
  readonly request: CacheRequest
  /** What is sent if no entry answers. */
  readonly statement: CompiledStatement
  readonly plan: ReadPlan
  readonly text: ShapeText
}

/** A query on its way through the cache, as the read-through sees it. */
export class CachedQuery implements CacheableQuery<unknown> {
  readonly key: string
  readonly ttlMs: number
  readonly refresh: boolean
  readonly frozen: boolean
  readonly dependencies: Dependencies
  readonly answered: ((hit: AnsweredHit) => void) | undefined
  readonly #parts: CachedRunParts
  readonly #run: QueryRun

  constructor(parts: CachedRunParts, run: QueryRun) {
    const { plan, request, runner, statement } = run
    const { audit } = parts
    this.#parts = parts
    this.#run = run
    this.key = plan.key
    this.ttlMs = request.ttlMs ?? plan.ttlMs
    this.refresh = request.refresh
    this.frozen = request.frozen ?? parts.planner.defaults.frozen
    this.dependencies = plan.dependencies
    this.answered =
      audit &&
      ((hit) => {
        const { client, builder } = runner
        const scope = scopeOf(builder)
        audit.consider(() => ({ client, compiled: statement, scope, plan, query: this }), hit)
      })
  }

  catalogOutdated(): void {
    void this.#parts.catalog.refresh()
  }

  /** Runs the query as Knex would, taking a private copy of what the driver answered before anyone can change it. */
  async load(): Promise<Loaded<unknown>> {
    const { adapter, schema, sessions } = this.#parts
    const { statement: compiled, runner } = this.#run
    const scope = scopeOf(runner.builder)
    let copy: Loaded<unknown>['copy'] = 'uncopyable'
    Object.defineProperty(compiled, capture, {
      configurable: true,
      value: (response: unknown, connection: object) => {
        const session = sessions.of(connection)
        if (session.isPrivate) {
          copy = session.altered ? 'session' : 'transaction'
          return
        }
        if (schema.hasMoved(connection)) {
          // The tap sees the same, and acts on it before this query is answered.
          copy = 'schema-changed'
          return
        }
        const captured = adapter.capture(response, scope)
        copy =
          (captured === undefined ? undefined : takeSnapshot(captured.meta, captured.body)) ??
          'uncopyable'
      },
    })
    const result = await runner.ensureConnection((run) => run.query(compiled))
    return { result, copy }
  }

  /** Takes a stored answer through the same processing as a fresh one. */
  async revive(snapshot: Snapshot): Promise<{ readonly result: unknown } | undefined> {
    const { adapter, answers, listeners, shapes } = this.#parts
    const { runner, text, statement: compiled } = this.#run
    const { builder, client } = runner
    if (builder.isRawInstance !== true && !listeners.hear(builder)) {
      const { method, pluck } = text
      // What may be changed must not be everybody's.
      const frozen = this.frozen && !postProcesses(client)
      const answer = answers.answer(method, pluck, snapshot, frozen)
      if (answer !== noDirectAnswer) {
        return { result: client.postProcessResponse(answer, builder.queryContext()) }
      }
    }
    const response = adapter.revive(snapshot.meta, copyBody(snapshot.body, shapes), client)
    if (response === undefined) return undefined
    const statement: CompiledStatement = { ...compiled, response, context: {} }
    const processed = await client.processResponse(statement, runner)
    const result = client.postProcessResponse(processed, builder.queryContext())
    builder.emit('query-response', result, statement, builder)
    client.emit('query-response', result, statement, builder)
    return { result }
  }
}

function scopeOf(builder: BuilderShape): ResponseScope {
  return builder.isRawInstance === true ? 'whole' : 'rows'
}
