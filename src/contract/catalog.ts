/** A column, as far as writes and predicates must know it. */
export interface ColumnDescription {
  readonly name: string
  /** The declared type, in lower case, as the database spells it. */
  readonly type: string
  /** What kind of values identify a row by this column. */
  readonly family: 'integer' | 'text' | 'other'
  readonly nullable: boolean
  readonly hasDefault: boolean
  /** Computed by the database; cannot be written. */
  readonly generated: boolean
  /** Set by the database with every update that leaves it out (MySQL's ON UPDATE CURRENT_TIMESTAMP). */
  readonly stamped?: boolean
}

/** A base table of the database. */
export interface TableDescription {
  /** The name as the database spells it. */
  readonly name: string
  readonly columns: ReadonlyMap<string, ColumnDescription>
  /** Columns of the primary key in order; empty where there is none. */
  readonly primaryKey: readonly string[]
  /** Column lists of the unique keys, the primary key not among them. */
  readonly uniqueKeys: readonly (readonly string[])[]
  /** False for engines that cannot roll back (MyISAM, MEMORY, Aria). */
  readonly transactional: boolean
  readonly hasTriggers: boolean
  /** Its rows are rows of another table too (PostgreSQL's partitions and inheritance): one row has several names. */
  readonly sharesRows: boolean
  /** Tables that this table's foreign keys point to. */
  readonly references: readonly string[]
}
