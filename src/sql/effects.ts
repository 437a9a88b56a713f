/** What happens to rows of a table. `replace` is what an upsert by REPLACE does: rows vanish and come. */
export type ChangeEvent =
  'insert' | 'update' | 'delete' | 'truncate' | 'truncate-cascade' | 'schema'

/** A table that a statement names as its target. */
export interface Change {
  readonly table: string
  readonly event: ChangeEvent
  /** The columns that an UPDATE assigns, where all of them are plain to see. */
  readonly columns?: ReadonlySet<string>
}

/** What a piece of SQL says by itself, before the catalog tells what lies behind the names. */
export class Effects {
  readonly reads: Set<string> = new Set<string>()
  readonly changes: Change[] = []
  /** Functions and procedures, by bare name in lower case. */
  readonly calls: Set<string> = new Set<string>()
  readsEverything = false
  writesEverything = false
  volatile = false
  locks = false
  /** SELECT ... INTO: not a plain query. */
  selectsInto = false
  /** May end the transaction that it runs in. */
  commits = false

  change(table: string, event: ChangeEvent, columns?: ReadonlySet<string>): void {
    this.changes.push(columns === undefined ? { table, event } : { table, event, columns })
  }

  /** Nothing is known: it may read and write any table. */
  everything(): this {
    this.readsEverything = true
    this.writesEverything = true
    this.volatile = true
    return this
  }
}
