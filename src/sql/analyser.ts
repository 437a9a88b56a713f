import type { Dialect } from '../contract/dialect.ts'
import type { Footprint } from '../contract/footprint.ts'
import type { CatalogQuery } from './catalog-query.ts'
import { Catalog } from './catalog/catalog.ts'
import { loadParts } from './catalog/load.ts'
import { FootprintMemo } from './footprint-memo.ts'
import { exactTokens, type ExactToken } from './predicates/exact-tokens.ts'
import type { Partition } from './predicates/key-columns.ts'
import { splitStatements } from './split-statements.ts'
import { everythingFootprint, statementFootprint } from './statement.ts'
import { isMark } from './token.ts'
import { tokenize } from './tokenize.ts'

const memoBounds = { maxEntries: 5000, maxLength: 4_000_000 } as const

/** What an analyser is told about the database beside its catalog. */
export interface AnalyserOptions {
  /** Columns whose values set rows apart although they belong to no key, by table; all names folded. Default: none. */
  readonly partition?: Partition
}

const unreadable: Footprint = [everythingFootprint('')]

/**
 * Tells what SQL text does to one database: which tables it reads and writes, with everything that lies behind their names.
 * Until `load` has read the catalog, every table counts for everything.
 */
export class StatementAnalyser {
  readonly dialect: Dialect
  readonly #memo: FootprintMemo = new FootprintMemo(memoBounds)
  readonly #partition: Partition
  #catalog: Catalog
  #generation = 0
  #loads = 0
  #newest = 0

  constructor(dialect: Dialect, options: AnalyserOptions = {}) {
    this.dialect = dialect
    this.#partition = options.partition ?? new Map<string, readonly string[]>()
    this.#catalog = Catalog.unknown(dialect)
  }

  /** The catalog as it was read last. */
  get catalog(): Catalog {
    return this.#catalog
  }

  /** Another number for each catalog, and for none: what was worked out under one may be otherwise under the next. */
  get generation(): number {
    return this.#generation
  }

  /** What a text does, statement by statement; nothing for an empty one. Never throws: what cannot be read does everything. */
  footprint(sql: string): Footprint {
    const known = this.#memo.get(sql)
    if (known !== undefined) return known
    const footprint = this.#analyse(sql)
    this.#memo.set(sql, footprint)
    return footprint
  }

  /** What a text does whose values bring SQL of their own: anything. */
  get unreadable(): Footprint {
    return unreadable
  }

  /**
   * Reads the catalog on the connection behind `query` and puts it in place of the old one when it is complete. Of loads
   * that overlap the one begun last wins. Rejects with the database's error and leaves the old catalog; see `forget`.
   */
  async load(query: CatalogQuery): Promise<void> {
    this.#loads += 1
    const turn = this.#loads
    const catalog = new Catalog(await loadParts(this.dialect, query), this.#partition)
    if (turn < this.#newest) return
    this.#newest = turn
    this.#replace(catalog)
  }

  /** Trusts the catalog no more, until the next `load`: every table counts for everything. */
  forget(): void {
    // Loads that are still under way began before whatever shook the trust.
    this.#newest = this.#loads + 1
    this.#replace(Catalog.unknown(this.dialect))
  }

  #replace(catalog: Catalog): void {
    this.#catalog = catalog
    this.#generation += 1
    this.#memo.clear()
  }

  #analyse(sql: string): Footprint {
    try {
      const { tokens, odd } = tokenize(sql, this.#catalog.rules)
      const statements = splitStatements(tokens, this.dialect)
      const exact = odd || statements.length > 1 ? undefined : this.#exactTokens(sql)
      const footprint = statements.map((statement) =>
        statementFootprint(statement, this.#catalog, exact),
      )
      if (!odd) return footprint
      return [...footprint, everythingFootprint('')]
    } catch {
      return [everythingFootprint('')]
    }
  }

  /** Of the one statement of a text, without the semicolon that may end it. */
  #exactTokens(sql: string): readonly ExactToken[] | undefined {
    const tokens = exactTokens(sql, this.#catalog.rules)
    const end = tokens?.findIndex((token) => isMark(token, ';')) ?? -1
    return end < 0 ? tokens : tokens?.slice(0, end)
  }
}
