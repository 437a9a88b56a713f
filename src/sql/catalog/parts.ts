import type { ChangeEvent } from '../effects.ts'
import type { LexicalRules } from '../lexical-rules.ts'
import type { CatalogTable } from './catalog-table.ts'

/** A view, as the database describes it. Names are bare and in lower case. */
export interface ViewPart {
  readonly name: string
  /** The query; undefined where the database does not show it. */
  readonly definition: string | undefined
  /** Tables and views that the database itself says it depends on. */
  readonly bases: readonly string[]
  /** Functions that the database itself says it depends on. */
  readonly functions: readonly string[]
  /** Holds its own rows, which only REFRESH changes. */
  readonly materialized: boolean
}

/** What happens to the rows that point to a row which vanishes, or whose key changes. */
export type ForeignAction = 'cascade' | 'set-null' | 'set-default'

/** What a foreign key does to the child's rows. Names are folded. */
export interface CascadePart {
  readonly parent: string
  readonly child: string
  /** What happens to child rows when the parent's row is deleted; undefined for nothing. */
  readonly onDelete: ForeignAction | undefined
  readonly onUpdate: ForeignAction | undefined
  /** The parent's columns that the key points to; empty where they are not known. */
  readonly parentColumns: readonly string[]
  /** The child's columns, one for each of the parent's. */
  readonly childColumns: readonly string[]
}

/** A trigger or a rule: what else happens when rows of a table change. */
export interface TriggerPart {
  readonly table: string
  readonly events: readonly ChangeEvent[]
  /** SQL that runs; undefined where the database does not show it. */
  readonly body: string | undefined
  /** Routines that run. */
  readonly calls: readonly string[]
}

/** A routine of the user's own. */
export interface RoutinePart {
  readonly name: string
  /** SQL of the body; undefined where it is hidden, or in a language that is not SQL. */
  readonly body: string | undefined
  readonly volatility: 'volatile' | 'stable' | 'immutable' | 'undeclared'
  /** Known to touch no table, whatever its language (well-known extensions, functions in JavaScript). */
  readonly tableless: boolean
}

/** All that was read from a database, in one go. */
export interface CatalogParts {
  readonly rules: LexicalRules
  readonly currentDatabase: string | undefined
  readonly tables: readonly CatalogTable[]
  readonly views: readonly ViewPart[]
  readonly cascades: readonly CascadePart[]
  readonly triggers: readonly TriggerPart[]
  readonly routines: readonly RoutinePart[]
  /** Partitions and inheritance: parent and child. */
  readonly children: readonly (readonly [parent: string, child: string])[]
  /** Foreign keys of any action: who is emptied with whom by TRUNCATE ... CASCADE. */
  readonly references: readonly (readonly [parent: string, child: string])[]
  /** Tables that a read of the first one reads too (policies, external content of full-text tables). */
  readonly companions: readonly (readonly [table: string, companion: string])[]
  /** Tables whose rows can change, or look different, without a write that Millrace sees. */
  readonly volatileTables: readonly string[]
  /** Tables where a plain INSERT may delete rows (SQLite's ON CONFLICT REPLACE constraints). */
  readonly replacingTables: readonly string[]
  /** Functions that are not deterministic, beside those that are always known. */
  readonly volatileFunctions: readonly string[]
  /** All functions that can be called, the database's own included; undefined where there is no such list. */
  readonly knownFunctions: ReadonlySet<string> | undefined
  /** There may be routines that this user cannot see. */
  readonly hiddenRoutines: boolean
  /** There may be triggers that this user cannot see: every write counts as everything. */
  readonly hiddenTriggers: boolean
  /** Every schema change runs code of the user's own. */
  readonly schemaTriggers: boolean
  /** What is stored may differ from what was sent although no trigger changed it: MySQL without a strict `sql_mode`. */
  readonly bendsValues: boolean
  /** What could not be read: all writes and reads count as everything. */
  readonly incomplete: boolean
}

/** A database of which nothing is known. */
export function unknownParts(rules: LexicalRules): CatalogParts {
  return {
    rules,
    currentDatabase: undefined,
    tables: [],
    views: [],
    cascades: [],
    triggers: [],
    routines: [],
    children: [],
    references: [],
    companions: [],
    volatileTables: [],
    replacingTables: [],
    volatileFunctions: [],
    knownFunctions: undefined,
    hiddenRoutines: true,
    hiddenTriggers: true,
    schemaTriggers: true,
    bendsValues: true,
    incomplete: true,
  }
}
