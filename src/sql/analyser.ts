import type { Dialect } from '../contract/dialect.ts'
import type { Footprint } from '../contract/footprint.ts'
import type { CatalogQuery } from './catalog-query.ts'
import { Catalog } from './catalog/catalog.ts'
import { loadParts } from './catalog/load.ts'
import { FootprintMemo } from './footprint-memo.ts'
import { splitStatements } from './split-statements.ts'
import { everythingFootprint, statementFootprint } from './statement.ts'
import { tokenize } from './tokenize.ts'

const memoBounds = { maxEntries: 5000, maxLength: 4_000_000 } as const

/**
 * Tells what SQL text does to one database: which tables it reads and writes, with everything that lies behind their names.
 * Until `load` has read the catalog, every table counts for everything.
 */
export class StatementAnalyser {
  readonly dialect: Dialect
  readonly #memo: FootprintMemo = new FootprintMemo(memoBounds)
  #catalog: Catalog
  #loads = 0
  #newest = 0

  constructor(dialect: Dialect) {
    this.dialect = dialect
    this.#catalog = Catalog.unknown(dialect)
  }

  /** The catalog as it was read last. */
  get catalog(): Catalog {
    return this.#catalog
  }

  /** What a text does, statement by statement; nothing for an empty one. Never throws: what cannot be read does everything. */
  footprint(sql: string): Footprint {
    const known = this.#memo.get(sql)
    if (known !== undefined) return known
    const footprint = this.#analyse(sql)
    this.#memo.set(sql, footprint)
    return footprint
  }

  /**
   * Reads the catalog on the connection behind `query` and puts it in place of the old one when it is complete. Of loads
   * that overlap the one begun last wins. Rejects with the database's error and leaves the old catalog; see `forget`.
   */
  async load(query: CatalogQuery): Promise<void> {
    this.#loads += 1
    const turn = this.#loads
    const catalog = new Catalog(await loadParts(this.dialect, query))
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
    this.#memo.clear()
  }

  #analyse(sql: string): Footprint {
    try {
      const { tokens, odd } = tokenize(sql, this.#catalog.rules)
      const statements = splitStatements(tokens, this.dialect)
      const footprint = statements.map((statement) => statementFootprint(statement, this.#catalog))
      if (!odd) return footprint
      return [...footprint, everythingFootprint('')]
    } catch {
      return [everythingFootprint('')]
    }
  }
}
