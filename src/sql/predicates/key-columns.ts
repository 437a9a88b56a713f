import type { Dialect } from '../../contract/dialect.ts'
import type { KeyColumn } from '../../contract/rows.ts'
import type { CatalogColumn, CatalogTable } from '../catalog/catalog-table.ts'
import { canonicalOf, type KeyKind } from './canonical.ts'

/** A key column, as the catalog knows it. */
export interface CatalogKeyColumn extends KeyColumn {
  readonly kind: KeyKind
  /** What the catalog says of it; `column.name` is its name as the database spells it. */
  readonly column: CatalogColumn
}

/** Key columns by folded name. */
export type KeyColumns = ReadonlyMap<string, CatalogKeyColumn>

/** Columns that count as key columns although they belong to no key: folded table to names. */
export type Partition = ReadonlyMap<string, readonly string[]>

/** Why a column that was declared cannot set rows apart. */
export type PartitionFault =
  | 'no such table'
  | 'no such column'
  /** Of the type, or of its collation, it is not known exactly which values are equal. */
  | 'no exact comparison'
  /** Several tables have the name, or the table has rows that come and go by other names. */
  | 'no rows of its own'

/** A declared column that cannot set rows apart. */
export interface PartitionProblem {
  readonly table: string
  readonly column: string
  readonly why: PartitionFault
}

/** What is asked about the tables of a database. */
export interface KeyedTables {
  readonly dialect: Dialect
  /** All tables, also several of one name. */
  readonly tables: readonly CatalogTable[]
  /** Other names that stand for rows: views. In lower case. */
  readonly otherNames: Iterable<string>
  /** Tables whose rows change without a write. Folded. */
  readonly volatileTables: ReadonlySet<string>
  readonly partition: Partition
}

/**
 * Finds the columns by which rows of a table are told apart: those of its keys, of its foreign keys, and declared ones, as far as
 * their values compare exactly. Tables whose name or rows are not theirs alone have none.
 */
export class KeyColumnIndex {
  readonly #parts: KeyedTables
  readonly #tables: ReadonlyMap<string, CatalogTable | 'ambiguous'>
  readonly #known: Map<string, KeyColumns> = new Map<string, KeyColumns>()

  constructor(parts: KeyedTables) {
    this.#parts = parts
    const tables = new Map<string, CatalogTable | 'ambiguous'>()
    for (const table of parts.tables) {
      const name = table.name.toLowerCase()
      tables.set(name, tables.has(name) ? 'ambiguous' : table)
    }
    for (const name of parts.otherNames) if (tables.has(name)) tables.set(name, 'ambiguous')
    this.#tables = tables
  }

  /** The key columns of a table, by its folded bare name. */
  of(table: string): KeyColumns {
    const known = this.#known.get(table)
    if (known !== undefined) return known
    const columns = this.#find(table)
    // Texts name all kinds of things that are no tables.
    if (this.#tables.has(table)) this.#known.set(table, columns)
    return columns
  }

  /** Declared columns that are no key columns. */
  problems(): PartitionProblem[] {
    const problems: PartitionProblem[] = []
    for (const [table, names] of this.#parts.partition) {
      for (const column of names) {
        const why = this.#fault(table, column.toLowerCase())
        if (why !== undefined) problems.push({ table, column, why })
      }
    }
    return problems
  }

  #fault(name: string, column: string): PartitionFault | undefined {
    const table = this.#tables.get(name)
    if (table === undefined) return 'no such table'
    if (!this.#isOwn(name, table)) return 'no rows of its own'
    const fitting = columnsByName(table).get(column)
    if (fitting === undefined) return 'no such column'
    return this.of(name).has(column) ? undefined : 'no exact comparison'
  }

  #isOwn(name: string, table: CatalogTable | 'ambiguous' | undefined): table is CatalogTable {
    if (table === undefined || table === 'ambiguous') return false
    return !table.sharesRows && !this.#parts.volatileTables.has(name)
  }

  #find(name: string): KeyColumns {
    const keys = new Map<string, CatalogKeyColumn>()
    const table = this.#tables.get(name)
    if (!this.#isOwn(name, table)) return keys
    const { dialect, partition } = this.#parts
    const columns = columnsByName(table)
    const wanted = [
      ...table.primaryKey,
      ...table.uniqueKeys.flat(),
      ...table.foreignColumns,
      ...(partition.get(name) ?? []),
    ]
    for (const spelling of wanted) {
      const folded = spelling.toLowerCase()
      const column = columns.get(folded)
      if (keys.has(folded) || column === undefined || column === 'ambiguous') continue
      const { kind } = column
      if (kind === undefined) continue
      keys.set(folded, { name: folded, kind, column, canonical: canonicalOf(kind, dialect) })
    }
    return keys
  }
}

/** Columns by folded name. PostgreSQL may have two that differ in case only. */
function columnsByName(table: CatalogTable): Map<string, CatalogColumn | 'ambiguous'> {
  const columns = new Map<string, CatalogColumn | 'ambiguous'>()
  for (const column of table.columns.values()) {
    const name = column.name.toLowerCase()
    columns.set(name, columns.has(name) ? 'ambiguous' : column)
  }
  return columns
}
