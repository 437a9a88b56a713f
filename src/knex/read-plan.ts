import type { Dependencies } from '../cache/read-through.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import { queryKey } from '../cache/key.ts'
import { readProgram } from '../coherence/read-program.ts'
import type { TagSpace } from '../coherence/tag-space.ts'
import type { StatementFootprint, Tables } from '../contract/footprint.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import { namesCurrentTime } from '../sql/volatile-functions.ts'
import type { CacheRequest } from './cache-request.ts'
import type { CatalogKeeper } from './catalog-keeper.ts'
import type { CompiledStatement } from './client-shape.ts'

/** Lifetimes that apply where a `.cache()` names none. */
export interface CacheDefaults {
  readonly ttlMs: number
  readonly frozen: boolean
  /** By table, folded as the analyser folds it. */
  readonly tableTtlMs: ReadonlyMap<string, number>
}

/** A compiled query, ready to be looked up. */
export interface ReadPlan {
  readonly key: string
  readonly ttlMs: number
  readonly tables: Tables
  readonly dependencies: Dependencies
  /** What the dependencies were made of. */
  readonly statement: StatementFootprint
  readonly bindings: readonly unknown[]
}

/** Works out what a compiled query depends on and under which key it is known. */
export class ReadPlanner {
  readonly #namespace: string
  readonly #analyser: StatementAnalyser
  readonly #tags: TagSpace
  readonly #catalog: CatalogKeeper
  readonly #defaults: CacheDefaults
  readonly #indexSets = new WeakMap<StatementFootprint, readonly string[]>()

  constructor(parts: {
    /** Sets this connection's results apart from those of every other. */
    readonly namespace: string
    readonly analyser: StatementAnalyser
    readonly tags: TagSpace
    readonly catalog: CatalogKeeper
    readonly defaults: CacheDefaults
  }) {
    this.#namespace = parts.namespace
    this.#analyser = parts.analyser
    this.#tags = parts.tags
    this.#catalog = parts.catalog
    this.#defaults = parts.defaults
  }

  get defaults(): CacheDefaults {
    return this.#defaults
  }

  /** The plan for a compiled statement, or why it cannot be cached. */
  plan(compiled: CompiledStatement, request: CacheRequest): ReadPlan | BypassReason {
    const native = compiled.toNative?.() ?? { sql: compiled.sql, bindings: compiled.bindings ?? [] }
    const [statement, ...others] = this.#analyser.footprint(native.sql)
    if (statement === undefined || others.length > 0) return 'not-a-query'
    const refusal = refuse(statement)
    if (refusal !== undefined) return refusal
    if (native.bindings.some((value) => this.#isClock(value))) return 'volatile'
    const key = queryKey({
      namespace: this.#namespace,
      sql: native.sql,
      bindings: native.bindings,
      options: compiled.options,
      // A raw statement's result has more to it than the same builder's.
      extra: [compiled.method === 'raw', request.key ?? null],
    })
    if (key === undefined) return 'unkeyable'
    return {
      key,
      ttlMs: request.ttlMs ?? this.#lifetime(statement.reads),
      tables: statement.reads,
      dependencies: this.#dependencies(statement, native.bindings),
      statement,
      bindings: native.bindings,
    }
  }

  /** PostgreSQL reads a bound `'now'` as the clock where a timestamp is wanted. */
  #isClock(value: unknown): boolean {
    return typeof value === 'string' && namesCurrentTime(this.#analyser.dialect, value)
  }

  #lifetime(tables: Tables): number {
    const { ttlMs, tableTtlMs } = this.#defaults
    if (tables === 'everything' || tableTtlMs.size === 0) return ttlMs
    const own = [...tables].flatMap((table) => tableTtlMs.get(table) ?? [])
    return own.length === 0 ? ttlMs : Math.min(...own)
  }

  #dependencies(statement: StatementFootprint, bindings: readonly unknown[]): Dependencies {
    return {
      ...readProgram(this.#tags, statement, bindings),
      tables: this.#tablesOf(statement),
      watch: this.#tags.schema,
      catalogLoadedAt: this.#catalog.loadedAt,
    }
  }

  #tablesOf(statement: StatementFootprint): readonly string[] {
    let tables = this.#indexSets.get(statement)
    if (tables === undefined) {
      tables = this.#tags.tags(statement.reads)
      this.#indexSets.set(statement, tables)
    }
    return tables
  }
}

function refuse(statement: StatementFootprint): BypassReason | undefined {
  if (!statement.selects) return 'not-a-query'
  if (statement.locks) return 'locking'
  if (statement.writes === 'everything' || statement.writes.size > 0) return 'not-a-query'
  if (statement.volatile) return 'volatile'
  if (statement.altersSession) return 'session'
  return undefined
}
