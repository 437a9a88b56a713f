import type { CacheCounters } from '../cache/counters.ts'
import type { Dependencies } from '../cache/read-through.ts'
import type { BypassReason } from '../contract/cache-stats.ts'
import { queryKey } from '../cache/key.ts'
import { readProgram } from '../coherence/read-program.ts'
import type { TagSpace } from '../coherence/tag-space.ts'
import type { StatementFootprint, Tables } from '../contract/footprint.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import { namesCurrentTime } from '../sql/volatile-functions.ts'
import type { CatalogKeeper } from './catalog-keeper.ts'
import type { CompiledStatement } from './client-shape.ts'

/** Lifetimes that apply where a `.cache()` names none. */
export interface CacheDefaults {
  readonly ttlMs: number
  readonly frozen: boolean
  /** By table, folded as the analyser folds it. */
  readonly tableTtlMs: ReadonlyMap<string, number>
}

/** What the driver is to be sent, and what else decides about the result. */
export interface QueryText {
  readonly sql: string
  /** The values as Knex hands them to the driver. */
  readonly bindings: readonly unknown[]
  readonly options: unknown
  /** A raw statement's result has more to it than the same builder's. */
  readonly isRaw: boolean
}

/** A query, ready to be looked up. */
export interface ReadPlan {
  readonly key: string
  /** The lifetime of the tables that it reads. */
  readonly ttlMs: number
  readonly dependencies: Dependencies
  /** What the dependencies were made of. */
  readonly statement: StatementFootprint
  /** The analyser's, when they were. */
  readonly generation: number
}

/** Whether a query has options for the driver; Knex gives each one an object for them. */
export function hasOptions({ options }: CompiledStatement): boolean {
  return options !== undefined && Object.keys(options).length > 0
}

/** A compiled query as the driver gets it. */
export function nativeText(compiled: CompiledStatement): QueryText {
  const native = compiled.toNative?.() ?? { sql: compiled.sql, bindings: compiled.bindings ?? [] }
  const options = hasOptions(compiled) ? compiled.options : undefined
  return {
    sql: native.sql,
    bindings: native.bindings,
    options,
    isRaw: compiled.method === 'raw',
  }
}

/** The tables of a statement by tag name, and where their hits are counted. */
type TablesRead = Pick<Dependencies, 'tables' | 'counts'>

/** Works out what a compiled query depends on and under which key it is known. */
export class ReadPlanner {
  readonly #namespace: string
  readonly #analyser: StatementAnalyser
  readonly #tags: TagSpace
  readonly #catalog: CatalogKeeper
  readonly #defaults: CacheDefaults
  readonly #counters: CacheCounters
  readonly #tables = new WeakMap<StatementFootprint, TablesRead>()

  constructor(parts: {
    /** Sets this connection's results apart from those of every other. */
    readonly namespace: string
    readonly analyser: StatementAnalyser
    readonly tags: TagSpace
    readonly catalog: CatalogKeeper
    readonly defaults: CacheDefaults
    readonly counters: CacheCounters
  }) {
    this.#namespace = parts.namespace
    this.#analyser = parts.analyser
    this.#tags = parts.tags
    this.#catalog = parts.catalog
    this.#defaults = parts.defaults
    this.#counters = parts.counters
  }

  get defaults(): CacheDefaults {
    return this.#defaults
  }

  /** The plan for a query, or why it cannot be cached. `key` is the caller's own, if it gave one. */
  plan(
    { sql, bindings, options, isRaw }: QueryText,
    key: string | undefined,
  ): ReadPlan | BypassReason {
    const [statement, ...others] = this.#analyser.footprint(sql)
    if (statement === undefined || others.length > 0) return 'not-a-query'
    const refusal = refuse(statement)
    if (refusal !== undefined) return refusal
    if (bindings.some((value) => this.#isClock(value))) return 'volatile'
    const hash = queryKey({
      namespace: this.#namespace,
      sql,
      bindings,
      options,
      extra: [isRaw, key ?? null],
    })
    if (hash === undefined) return 'unkeyable'
    return {
      key: hash,
      ttlMs: this.#lifetime(statement.reads),
      dependencies: this.#dependencies(statement, bindings),
      statement,
      generation: this.#analyser.generation,
    }
  }

  /** Whether a plan was made with the catalog of now. */
  isCurrent(plan: ReadPlan): boolean {
    return plan.generation === this.#analyser.generation
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
    const { tables, counts } = this.#tablesOf(statement)
    const { program, tableSlots } = readProgram(this.#tags, statement, bindings)
    return {
      program,
      tableSlots,
      tables,
      counts,
      watch: this.#tags.schema,
      catalogLoadedAt: this.#catalog.loadedAt,
    }
  }

  #tablesOf(statement: StatementFootprint): TablesRead {
    let read = this.#tables.get(statement)
    if (read === undefined) {
      const tables = this.#tags.tags(statement.reads)
      read = { tables, counts: this.#counters.tables(tables) }
      this.#tables.set(statement, read)
    }
    return read
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
