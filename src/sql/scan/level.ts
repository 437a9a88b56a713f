import type { ChangeEvent } from '../effects.ts'

/** What a name in a list of tables is there for. */
export type Role =
  | 'read'
  /** The target of INSERT, REPLACE, MERGE, COPY or LOAD; a list of columns may follow. */
  | 'target'
  | 'update'
  | 'delete'
  /** MySQL: a target of a DELETE over several tables; may be an alias. */
  | 'delete-target'
  /** MySQL: a table that a DELETE over several tables goes through. */
  | 'delete-source'
  | 'truncate'

/** One level of parentheses while a statement is scanned. */
export class Level {
  /** The word before the parenthesis, if there is one. */
  readonly opener: string
  /** The last of SELECT, INSERT, UPDATE, DELETE, MERGE ... at this level. */
  verb = ''
  role: Role = 'read'
  /** Inside a list of tables: a comma starts another one. */
  inTables = false
  /** The next name is a table. */
  expects = false
  /** What INTO does to its target. */
  targetEvents: readonly ChangeEvent[] = []
  /** The table that INSERT or MERGE writes at this level. */
  target: string | undefined
  /** Index, among the changes, of the first one of the running UPDATE. */
  updateFrom = -1

  constructor(opener: string) {
    this.opener = opener
  }

  /** Starts a list of tables. */
  list(role: Role): void {
    this.role = role
    this.inTables = true
    this.expects = true
  }

  /** Ends the list of tables. */
  close(): void {
    this.role = 'read'
    this.inTables = false
    this.expects = false
  }
}
