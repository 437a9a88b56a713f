import type { ColumnDescription } from '../../contract/catalog.ts'
import type { CatalogColumn, CatalogTable } from './catalog-table.ts'

/** Collects what several queries tell of one table. */
export class TableBuilder {
  readonly #name: string
  readonly #columns: Map<string, CatalogColumn> = new Map<string, CatalogColumn>()
  readonly #unique: Map<string, string[]> = new Map<string, string[]>()
  readonly #references: Set<string> = new Set<string>()
  readonly #foreign: Set<string> = new Set<string>()
  readonly #rewriting: Set<'insert' | 'update'> = new Set<'insert' | 'update'>()
  readonly #primary: { readonly place: number; readonly column: string }[] = []
  transactional = true
  hasTriggers = false
  sharesRows = false
  hasRules = false
  canReturn = false

  constructor(name: string) {
    this.#name = name
  }

  addColumn(column: CatalogColumn): void {
    this.#columns.set(column.name, column)
  }

  /** A column of the primary key, at its place. */
  addPrimary(column: string, place: number): void {
    this.#primary.push({ place, column })
  }

  /** A column of a unique key, in the key's order. */
  addUnique(key: string, column: string): void {
    const columns = this.#unique.get(key)
    if (columns === undefined) this.#unique.set(key, [column])
    else columns.push(column)
  }

  /** A column of a foreign key, and the table that it points to. */
  addReference(table: string, column: string): void {
    this.#references.add(table)
    this.#foreign.add(column)
  }

  /** A trigger runs before such statements and may change what they store. */
  addRewriting(event: 'insert' | 'update'): void {
    this.#rewriting.add(event)
  }

  build(): CatalogTable {
    const primary = this.#primary.toSorted((a, b) => a.place - b.place)
    return {
      name: this.#name,
      columns: this.#columns,
      primaryKey: primary.map((part) => part.column),
      uniqueKeys: [...this.#unique.values()],
      transactional: this.transactional,
      hasTriggers: this.hasTriggers,
      sharesRows: this.sharesRows,
      references: [...this.#references],
      foreignColumns: this.#foreign,
      rewrittenBy: this.#rewriting,
      hasRules: this.hasRules,
      canReturn: this.canReturn,
    }
  }
}

/** What kind of values a declared type holds, as far as keys are concerned. */
export function familyOf(type: string): ColumnDescription['family'] {
  if (
    /^(?:var|n|nvar|long|medium|tiny)?(?:char|character|text|clob)|^character varying|^(?:citext|uuid|bpchar|name)\b|^national/.test(
      type,
    )
  )
    return 'text'
  if (
    /^(?:u?(?:big|small|medium|tiny)?int(?:eger)?[248]?|(?:big|small)?serial[248]?)\b/.test(type) &&
    !/\[\]$/.test(type)
  )
    return 'integer'
  return 'other'
}
