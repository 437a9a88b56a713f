import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Kind } from './kind.ts'

/** A column of anything that can be read: a table, a view, a subquery. */
export interface Column {
  readonly name: string
  readonly kind: Kind
  /** Values come from the wider list. */
  readonly wide: boolean
}

/** A column of a base table. */
export interface TableColumn extends Column {
  readonly nullable: boolean
  /** Numbered by the database where the insert names none. */
  readonly auto: boolean
  /** SQL of the default; undefined for none. */
  readonly fallback: string | undefined
  /** SQL of what the database computes; such a column is not written. */
  readonly generated: { readonly expression: string; readonly stored: boolean } | undefined
}

/** What a foreign key does to its rows, or that it refuses. */
export type Action = 'cascade' | 'set null' | 'set default' | 'restrict' | 'no action'

/** A foreign key, in the table that has it. */
export interface ForeignKey {
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
  readonly onDelete: Action
  readonly onUpdate: Action
  readonly deferred: boolean
}

/** Anything with rows that a query can name. */
export interface Source {
  readonly name: string
  readonly columns: readonly Column[]
  /** Columns that tell any two rows apart; empty where there are none. */
  readonly key: readonly string[]
  /** How many tables are multiplied in it, at most: a table itself is one. Keeps results small. */
  readonly weight: number
}

/** A base table. */
export interface Table extends Source {
  readonly columns: readonly TableColumn[]
  readonly uniques: readonly (readonly string[])[]
  readonly foreignKeys: readonly ForeignKey[]
  /** What stands behind CREATE TABLE (...). */
  readonly suffix: string
  /** SQL of its partitions and heirs, if it has such. */
  readonly parts: readonly string[]
  /** Rows live in another table: a partition or heir, which is not created by itself. */
  readonly partOf: string | undefined
}

/** A view, and the table that a write to it changes, where it can be written. */
export interface View extends Source {
  readonly sql: readonly string[]
  readonly writes: string | undefined
}

/** A trigger: what is created for it, and the tables that it writes. */
export interface Trigger {
  readonly table: string
  readonly sql: readonly string[]
  readonly writes: readonly string[]
}

/** Everything that an episode has in its database. */
export interface Schema {
  readonly dialect: Dialect
  readonly tables: readonly Table[]
  readonly views: readonly View[]
  readonly triggers: readonly Trigger[]
}

/** A name as this database quotes it. */
export function quote(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}

/** Columns that a write may set. */
export function writable(table: Table): readonly TableColumn[] {
  return table.columns.filter((column) => column.generated === undefined)
}

/** A column of a table that must have it. */
export function columnOf<C extends Column>(columns: readonly C[], name: string): C {
  const column = columns.find((each) => each.name === name)
  if (column === undefined) throw new Error(`There is no column ${name}.`)
  return column
}

/** The tables that a write to these tables may change: by foreign keys, triggers, partitions, inheritance. Folded, as Millrace names them. */
export function reach(schema: Schema, tables: Iterable<string>): Set<string> {
  const reached = new Set<string>()
  const pending = [...tables]
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    for (const { name: child, foreignKeys, partOf } of schema.tables) {
      if (foreignKeys.some((key) => key.parent === name && acts(key))) pending.push(child)
      if (partOf === name) pending.push(child)
      if (child === name && partOf !== undefined) pending.push(partOf)
    }
    for (const trigger of schema.triggers)
      if (trigger.table === name) pending.push(...trigger.writes)
    for (const view of schema.views) {
      if (view.name === name && view.writes !== undefined) pending.push(view.writes)
    }
  }
  return new Set([...reached].map((name) => name.toLowerCase()))
}

/** The tables that a text may mean: those that it names, and those behind the views that it names. Folded. */
export function mentioned(schema: Schema, sql: string): Set<string> {
  const found = new Set<string>()
  const texts = [sql.toLowerCase()]
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const { name, partOf } of schema.tables) {
      if (!text.includes(name.toLowerCase())) continue
      found.add(name.toLowerCase())
      // The rows of partitions and heirs are rows of their table too.
      if (partOf !== undefined) found.add(partOf.toLowerCase())
      for (const other of schema.tables)
        if (other.partOf === name) found.add(other.name.toLowerCase())
    }
    for (const view of schema.views) {
      const name = view.name.toLowerCase()
      if (!text.includes(name) || found.has(name)) continue
      found.add(name)
      texts.push((view.sql[0] ?? '').toLowerCase())
    }
  }
  return found
}

function acts({ onDelete, onUpdate }: ForeignKey): boolean {
  return [onDelete, onUpdate].some((action) => action !== 'restrict' && action !== 'no action')
}
