import type { Knex } from 'knex'
import './builder-extension.ts'
import type {
  BufferControl,
  CacheControl,
  ConnectionBufferControl,
  ConnectionCacheControl,
} from './controls.ts'
import type { MillraceName } from './reserved-names.ts'
import type { TableBuffer } from './table-buffer.ts'

/** A row of which nothing is declared: as in Knex, every column is there and of any type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyRow = any

/** Tables of which nothing is declared: every name is one. */
export type AnyTables = Readonly<Record<string, AnyRow>>

/** A row as Knex's types want it. */
type RowOf<Declared> = Declared extends object ? Declared : never

/**
 * The selection of a builder on which no column was chosen yet, as Knex's own `knex<Row>('table')` has it. Knex does not
 * export its name for this, but knows it by its shape.
 */
interface WholeRow<Row> {
  _base: Row
  _hasSelection: false
  _keys: never
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  _aliases: {}
  _single: false
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  _intersectProps: {}
  _unionProps: never
}

/** A full Knex query builder for one table, with `.cache` and `.buffer`. */
export type TableQuery<Row extends object> = Knex.QueryBuilder<
  Row,
  WholeRow<Knex.ResolveTableType<Row>>[]
> & {
  /** Writes that are accepted now and applied in a batch later. */
  readonly buffer: TableBuffer<Row>
}

/** `DB.table`: tables by name, also those whose name something else on `DB` has. */
export interface TableAccess<Tables extends object> {
  /** By name, or with an alias, as `'posts as p'` or `{ p: 'posts' }`. */
  <Name extends keyof Tables & string>(
    name: Name | `${Name} as ${string}` | Readonly<Record<string, Name>>,
  ): TableQuery<RowOf<Tables[Name]>>
  /** Raw SQL or a subquery in a table's place. */
  (name: Knex.Raw | Knex.QueryBuilder): TableQuery<AnyRow>
}

/** Knex's own members, bound to the connection's instance, so far as Millrace has no name of its own for them. */
export type KnexMembers = Omit<Knex, MillraceName>

/** Names that are never tables on `DB`, whatever the declared tables say; `DB.table(name)` reaches those. */
type TakenName =
  | MillraceName
  | keyof Knex
  | 'context'
  | 'disableProcessing'
  | 'enableProcessing'
  | keyof Promise<unknown>
  | keyof typeof Object.prototype
  | 'toJSON'

declare const _anyName: { readonly [name: string]: true }

/**
 * A table of which nothing is declared. Under `noUncheckedIndexedAccess` TypeScript adds `undefined` to every name that is
 * not declared, here to tables that are always there. `typeof` shows whether it does so where this is read; if so, `any`
 * takes the builder's place, since nothing else absorbs the `undefined`. `DB.table('posts')` is a builder in either case.
 */
type UndeclaredTable = undefined extends typeof _anyName.posts ? AnyRow : TableQuery<AnyRow>

/** Tables as properties. */
export type TableMembers<Tables extends object, Taken extends PropertyKey> = {
  readonly [Name in keyof Tables & string as Name extends Taken ? never : Name]: string extends Name
    ? UndeclaredTable
    : TableQuery<RowOf<Tables[Name]>>
}

/** One connection: its tables, its Knex instance and Knex's own members. */
export type ConnectionDatabase<Tables extends object = AnyTables> = {
  /** The Knex instance; its builders have `.cache` too. */
  readonly knex: Knex
  readonly table: TableAccess<Tables>
  readonly cache: ConnectionCacheControl
  readonly buffer: ConnectionBufferControl
} & KnexMembers &
  TableMembers<Tables, TakenName>

/** What `DB` has beside tables, connections and Knex's own members. */
export interface DatabaseMembers<Tables extends object> extends AsyncDisposable {
  /** The Knex instance of the connection `default`; its builders have `.cache` too. */
  readonly knex: Knex
  readonly table: TableAccess<Tables>
  readonly cache: CacheControl
  readonly buffer: BufferControl
  /** An alphanumeric id; `size` is the number of characters, 21 by default. */
  nanoid(size?: number): string
  /**
   * Stops accepting buffered writes, drains the buffer (within `buffer.drainTimeout`), closes stores, and destroys the Knex
   * instances that Millrace made. Calling it again changes nothing.
   */
  close(): Promise<void>
}

/** Connections as properties. */
export type ConnectionMembers<Connections extends object> = {
  readonly [Name in keyof Connections & string]: ConnectionDatabase<RowOf<Connections[Name]>>
}

/**
 * `DB`: the tables of the connection `default`, the other connections, Knex's own members and Millrace's.
 *
 * `Tables` maps table names to row types; an unknown table or column is then a compile error. Left out, every name is a
 * table of rows of any type. `Connections` maps connection names to their `Tables`.
 */
export type Millrace<
  Tables extends object = AnyTables,
  Connections extends object = { readonly default: Tables },
> = DatabaseMembers<Tables> &
  KnexMembers &
  ConnectionMembers<Connections> &
  TableMembers<Tables, TakenName | keyof Connections>
