import type { Slot } from '../contract/authority.ts'
import type { Tables } from '../contract/footprint.ts'
import { extendHash, finishHash, startHash } from './tag-hash.ts'

/** The slot that every query of every database depends on: touched when everything is cleared. */
export const EVERYTHING_SLOT: Slot = 0

/** Where the tags of one key column of a table are. */
export interface ColumnTags {
  /** `T.c?`: touched by writes to rows whose value in this column is not known. */
  readonly unknown: Slot
  /** `T.c=NULL`. */
  readonly none: Slot
  /** `T.c=v`, for the canonical form of v. */
  value(form: string): Slot
}

/** Where the tags of one table are. */
export interface TableTags {
  /** `T*`: touched by every write to the table. */
  readonly whole: Slot
  /** `T?`: touched by writes to rows of which nothing is known. */
  readonly unknownRows: Slot
  column(name: string): ColumnTags
}

/**
 * Names the tags of one database and finds their slots.
 *
 * For the database as a whole there are three: *everything* (a write that may have touched any table), *any* (touched by every write,
 * for queries of unknown tables) and *schema* (touched by every schema change). For a table and its key columns see {@link TableTags}.
 */
export class TagSpace {
  /** Touched by a write whose tables are unknown. */
  readonly everything: Slot
  /** Touched by every write. */
  readonly any: Slot
  /** Touched by every schema change. */
  readonly schema: Slot
  readonly #namespace: string
  readonly #slotCount: number
  readonly #tables = new Map<string, TableTags>()

  /** @param namespace which database this is, the same in every process that shares the store */
  constructor(namespace: string, slotCount: number) {
    this.#namespace = namespace
    this.#slotCount = slotCount
    this.everything = this.#slot(this.#state('!everything'))
    this.any = this.#slot(this.#state('!any'))
    this.schema = this.#slot(this.#state('!schema'))
  }

  /** A table's tag: the name of its index set. */
  tag(table: string): string {
    return tagOf(this.#namespace, table)
  }

  /** The tags of tables; none for "everything", whose entries stand in no index set but the one of {@link TagSpace.anyTag}. */
  tags(tables: Tables): string[] {
    return tables === 'everything' ? [this.anyTag] : Array.from(tables, (table) => this.tag(table))
  }

  /** The index set of queries whose tables are unknown. */
  get anyTag(): string {
    return this.tag('!any')
  }

  /** The tags of a table. */
  table(name: string): TableTags {
    let tags = this.#tables.get(name)
    if (tags === undefined) {
      tags = this.#tableTags(name)
      if (this.#tables.size >= 10_000) this.#tables.clear()
      this.#tables.set(name, tags)
    }
    return tags
  }

  #tableTags(name: string): TableTags {
    const state = this.#state(name)
    const columns = new Map<string, ColumnTags>()
    return {
      whole: this.#slot(state),
      unknownRows: this.#slot(extendHash(state, '?')),
      column: (column) => {
        let tags = columns.get(column)
        if (tags === undefined) {
          tags = this.#columnTags(extendHash(state, `.${column}`))
          columns.set(column, tags)
        }
        return tags
      },
    }
  }

  #columnTags(state: number): ColumnTags {
    const equals = extendHash(state, '=')
    return {
      unknown: this.#slot(extendHash(state, '?')),
      none: this.#slot(extendHash(state, ' null')),
      value: (form) => this.#slot(extendHash(equals, form)),
    }
  }

  #state(name: string): number {
    return startHash(this.tag(name))
  }

  #slot(state: number): Slot {
    return 1 + (finishHash(state) % (this.#slotCount - 1))
  }
}

/** The tag of a table of a database. */
export function tagOf(namespace: string, table: string): string {
  return `${namespace}/${table}`
}
