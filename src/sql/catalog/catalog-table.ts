import type { ColumnDescription, TableDescription } from '../../contract/catalog.ts'
import type { KeyKind } from '../predicates/canonical.ts'

/** A column, with what decides whether a value that was sent is the value that is stored. */
export interface CatalogColumn extends ColumnDescription {
  /** How its values compare; undefined where that is not known exactly, and for columns that the database computes from others. */
  readonly kind: KeyKind | undefined
  /** A row that is inserted without it has NULL there. */
  readonly absentIsNull: boolean
  /** The database makes a number of its own instead of NULL: SQLite's rowid, MySQL's AUTO_INCREMENT (there instead of 0 too). */
  readonly selfFilling: boolean
}

/** A base table, with what decides how its writes are followed. */
export interface CatalogTable extends TableDescription {
  readonly columns: ReadonlyMap<string, CatalogColumn>
  /** Columns of the table's own foreign keys. */
  readonly foreignColumns: ReadonlySet<string>
  /** Statements after which a row may hold something else than was sent, because a trigger puts it there. */
  readonly rewrittenBy: ReadonlySet<'insert' | 'update'>
  /** PostgreSQL: rules rewrite its statements. */
  readonly hasRules: boolean
  /** A RETURNING clause can be put into its statements: the server knows it and the user may read all columns. */
  readonly canReturn: boolean
}
