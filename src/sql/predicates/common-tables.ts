/**
 * The names that a WITH gives to queries, as they become known one after the other, and those of the WITHs around it.
 * Which query a name means inside the WITH itself is where databases differ: see `declare`.
 */
export class CommonTables {
  readonly #outer: CommonTables | undefined
  readonly #names: Set<string> = new Set<string>()
  /** Base tables that the queries so far have named. */
  readonly #tables: Set<string> = new Set<string>()
  #own: string | undefined

  constructor(outer: CommonTables | undefined) {
    this.#outer = outer
  }

  /** Is it the name of a query? `'own'`: of the one that is being read. */
  find(name: string): 'query' | 'own' | undefined {
    if (name === this.#own) return 'own'
    return this.#names.has(name) ? 'query' : this.#outer?.find(name)
  }

  /** A base table was named without a schema. */
  named(table: string): void {
    this.#tables.add(table)
    this.#outer?.named(table)
  }

  /**
   * The query of this name comes next. `visibleInside`: its name, and those of later ones, mean the queries already here (RECURSIVE; always
   * on SQLite). False if a query before named a base table that this name may have meant.
   */
  declare(name: string, visibleInside: boolean): boolean {
    if (!visibleInside) return true
    this.#own = name
    return !this.#tables.has(name)
  }

  /** The query was read: from here on its name is known. */
  complete(name: string): void {
    this.#own = undefined
    this.#names.add(name)
  }
}
