import type { ValueSource } from '../../contract/rows.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { ColumnName, Condition } from './condition.ts'
import type { CatalogKeyColumn } from './key-columns.ts'
import { isSpelled } from '../name-folding.ts'
import { allSources, type Select, type SourceRange } from './query-tree.ts'

/** A key column of one source of one SELECT. */
export interface SourceColumn {
  readonly select: Select
  /** The source's place in the SELECT. */
  readonly source: number
  readonly column: CatalogKeyColumn
}

/** A {@link Condition} whose columns are known. What it says of columns that are no key columns is opaque. */
export type ResolvedCondition =
  | { readonly op: 'opaque' }
  | { readonly op: 'never' }
  | { readonly op: 'equals'; readonly of: SourceColumn; readonly values: readonly ValueSource[] }
  | { readonly op: 'null'; readonly of: SourceColumn }
  /** Both have the same canonical forms. */
  | { readonly op: 'same'; readonly left: SourceColumn; readonly right: SourceColumn }
  | { readonly op: 'and' | 'or'; readonly parts: readonly ResolvedCondition[] }

const opaque: ResolvedCondition = { op: 'opaque' }

/** Finds out which tables the columns of conditions belong to. */
export class ColumnResolver {
  readonly #catalog: Catalog

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  /** A condition that stands in `select` where these of its sources can be seen. */
  condition(condition: Condition, select: Select, visible: SourceRange): ResolvedCondition {
    switch (condition.op) {
      case 'opaque':
      case 'never':
        return { op: condition.op }
      case 'equals': {
        const of = this.#column(condition.column, select, visible)
        if (of === undefined) return opaque
        // `text = 5` may be a comparison of numbers, in which '05' is 5 too.
        if (condition.numeric && of.column.kind !== 'integer') return opaque
        return { op: 'equals', of, values: condition.values }
      }
      case 'null': {
        const of = this.#column(condition.column, select, visible)
        return of === undefined || this.#findsLastInsert(of) ? opaque : { op: 'null', of }
      }
      case 'same': {
        const left = this.#column(condition.left, select, visible)
        const right = this.#column(condition.right, select, visible)
        return this.#equation(left, right)
      }
      case 'and':
      case 'or':
        return {
          op: condition.op,
          parts: condition.of.map((part) => this.condition(part, select, visible)),
        }
    }
  }

  /** What USING says of a column, between the sources on two sides of a join. */
  using(
    column: ColumnName,
    select: Select,
    left: SourceRange,
    right: SourceRange,
  ): ResolvedCondition {
    return this.#equation(
      this.#unqualified(column, select, left, left),
      this.#unqualified(column, select, right, right),
    )
  }

  /**
   * Columns of one kind have the same canonical forms. On MySQL each column may have a collation of its own by which other texts are equal;
   * there only a column and itself are sure to agree.
   */
  #equation(left: SourceColumn | undefined, right: SourceColumn | undefined): ResolvedCondition {
    if (left === undefined || right === undefined) return opaque
    const { kind } = left.column
    const sure = kind !== 'text' || this.#catalog.rules.dialect !== 'mysql'
    const agree = left.column === right.column || (sure && kind === right.column.kind)
    return agree ? { op: 'same', left, right } : opaque
  }

  /** MySQL with `sql_auto_is_null`: `id is null` finds the row inserted last. */
  #findsLastInsert(of: SourceColumn): boolean {
    return this.#catalog.rules.dialect === 'mysql' && !of.column.column.nullable
  }

  #column(column: ColumnName, select: Select, visible: SourceRange): SourceColumn | undefined {
    return column.qualifier === undefined
      ? this.#unqualified(column, select, allSources, visible)
      : this.#qualified(column, select, visible)
  }

  /** A column of the innermost SELECT that has a source of this name. */
  #qualified(column: ColumnName, select: Select, visible: SourceRange): SourceColumn | undefined {
    const { qualifier } = column
    const source = select.sources.findIndex((each) => each.name === qualifier)
    if (source < 0) {
      const { outer } = select
      return outer && this.#qualified(column, outer.select, outer.visible)
    }
    // Two of one name: quoted names that differ in case, or a text that the server refuses.
    const twice = select.sources.findLastIndex((each) => each.name === qualifier) !== source
    return twice ? undefined : this.#key(column, select, source, visible)
  }

  /**
   * A column that exactly one source of a range has. If a source is there whose columns are not known it may be that one's. If none has
   * it, it may be a query's around this one.
   */
  #unqualified(
    column: ColumnName,
    select: Select,
    range: SourceRange,
    visible: SourceRange,
  ): SourceColumn | undefined {
    let found: number | undefined
    for (const [place, source] of select.sources.entries()) {
      if (place < range.first || place >= range.end) continue
      if (!source.plain || source.table === undefined) return undefined
      if (!this.#mayHave(source.table, column)) continue
      if (found !== undefined) return undefined
      found = place
    }
    return found === undefined ? undefined : this.#key(column, select, found, visible)
  }

  /** Has the table a column of this name, or one that differs from it in case? */
  #mayHave(table: string, { name }: ColumnName): boolean {
    const columns = this.#catalog.described(table)?.columns.keys() ?? []
    for (const column of columns) if (column.toLowerCase() === name) return true
    return false
  }

  #key(
    { name, spelling }: ColumnName,
    select: Select,
    source: number,
    visible: SourceRange,
  ): SourceColumn | undefined {
    if (source < visible.first || source >= visible.end) return undefined
    const { table, plain } = select.sources[source] ?? {}
    if (table === undefined || plain !== true) return undefined
    const column = this.#catalog.keyColumns(table).get(name)
    // Of another spelling, it is not the one that the server finds.
    if (column === undefined || !this.#isMeant(column, spelling)) return undefined
    return { select, source, column }
  }

  #isMeant({ column }: CatalogKeyColumn, spelling: string): boolean {
    return isSpelled(this.#catalog.rules.dialect, column.name, spelling)
  }
}
