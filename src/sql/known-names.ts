import type { LexicalRules } from './lexical-rules.ts'

/** What a scan must know of the database's names. */
export interface KnownNames {
  readonly rules: LexicalRules
  /** The database that unqualified names belong to (MySQL); undefined where it does not matter. */
  readonly currentDatabase: string | undefined
  /** Is there a table or view of this bare name? */
  hasTable(name: string): boolean
  /** Is there a routine of the user's own of this bare name? */
  hasRoutine(name: string): boolean
}
