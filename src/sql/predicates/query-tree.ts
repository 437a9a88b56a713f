import type { ColumnName, Condition } from './condition.ts'

/** One member of a FROM list. */
export interface Source {
  /** What columns are qualified with: the alias, or else the table's bare name; folded. */
  readonly name: string | undefined
  /** The base table's folded bare name; undefined for views, functions, subqueries and common tables. */
  readonly table: string | undefined
  /** Its columns are those of the base table, by their own names, and all of them are known. */
  readonly plain: boolean
}

/** Sources of a FROM list by their places, from one up to, not including, another. They stand there in the order of the text. */
export interface SourceRange {
  readonly first: number
  readonly end: number
}

/** How the sources of a FROM list are joined. A comma is an inner join. */
export type JoinTree =
  | ({ readonly kind: 'source' } & SourceRange)
  | ({
      readonly kind: 'inner' | 'left' | 'right' | 'full'
      readonly left: JoinTree
      readonly right: JoinTree
      readonly on: Condition | undefined
      readonly using: readonly ColumnName[]
    } & SourceRange)

/** What a query inside another can see of it. */
export interface Outer {
  readonly select: Select
  /** The sources it can see. */
  readonly visible: SourceRange
}

/** Every source there is, or will be. */
export const allSources: SourceRange = { first: 0, end: Number.POSITIVE_INFINITY }

/** One SELECT, without the queries inside it: those are nodes of their own, which point to it. */
export class Select {
  readonly sources: Source[] = []
  from: JoinTree | undefined
  where: Condition | undefined
  /** The query around this one, if its columns can be used here. */
  readonly outer: Outer | undefined
  /** Inside a recursive common table: no row may be left out. */
  readonly everyRow: boolean

  constructor(outer: Outer | undefined, everyRow: boolean) {
    this.outer = outer
    this.everyRow = everyRow
  }
}
