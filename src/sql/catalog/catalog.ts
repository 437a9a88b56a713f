import type { Dialect } from '../../contract/dialect.ts'
import { Effects } from '../effects.ts'
import type { KnownNames } from '../known-names.ts'
import { defaultRules, type LexicalRules } from '../lexical-rules.ts'
import {
  KeyColumnIndex,
  type KeyColumns,
  type Partition,
  type PartitionProblem,
} from '../predicates/key-columns.ts'
import { scanBody } from '../scan/scan-body.ts'
import { scanTables } from '../scan/scan-tables.ts'
import { isWord } from '../token.ts'
import { tokenize } from '../tokenize.ts'
import type { CatalogTable } from './catalog-table.ts'
import {
  unknownParts,
  type CascadePart,
  type CatalogParts,
  type RoutinePart,
  type ViewPart,
} from './parts.ts'

/** A view with its query already scanned. */
export interface CatalogView {
  readonly name: string
  readonly materialized: boolean
  readonly effects: Effects
}

/** A trigger or rule with its code already scanned. */
export interface CatalogTrigger {
  readonly events: ReadonlySet<string>
  readonly effects: Effects
}

/**
 * What a database holds, at one moment: tables, and what lies behind their names. Never changes; a new one replaces it.
 */
export class Catalog implements KnownNames {
  readonly rules: LexicalRules
  readonly currentDatabase: string | undefined
  /** Nothing was read, or not all of it: every statement that names a table counts for everything. */
  readonly incomplete: boolean
  /** Every schema change runs code of the user's own. */
  readonly schemaTriggers: boolean
  /** Views by bare name in lower case. */
  readonly views: ReadonlyMap<string, CatalogView>
  /** Foreign keys with actions, by parent. */
  readonly cascades: ReadonlyMap<string, readonly CascadePart[]>
  /** Triggers and rules, by table or view. */
  readonly triggers: ReadonlyMap<string, readonly CatalogTrigger[]>
  /** Routines of the user's own, by bare name. */
  readonly functions: ReadonlyMap<string, Effects>
  /** Partitions and inheritance, downwards. */
  readonly children: ReadonlyMap<string, ReadonlySet<string>>
  /** Partitions and inheritance, upwards. */
  readonly parents: ReadonlyMap<string, ReadonlySet<string>>
  /** Tables with a foreign key to the first one. */
  readonly referencing: ReadonlyMap<string, ReadonlySet<string>>
  /** Tables that are read along. */
  readonly companions: ReadonlyMap<string, ReadonlySet<string>>
  /** See `CatalogParts.volatileTables`. */
  readonly volatileTables: ReadonlySet<string>
  /** See `CatalogParts.replacingTables`. */
  readonly replacingTables: ReadonlySet<string>
  /** See `CatalogParts.volatileFunctions`. */
  readonly volatileFunctions: ReadonlySet<string>
  /** See `CatalogParts.hiddenTriggers`. */
  readonly hiddenTriggers: boolean
  /** See `CatalogParts.bendsValues`. */
  readonly bendsValues: boolean
  readonly #keys: KeyColumnIndex
  readonly #hiddenRoutines: boolean
  readonly #knownFunctions: ReadonlySet<string> | undefined
  readonly #exact: Map<string, CatalogTable> = new Map<string, CatalogTable>()
  readonly #folded: Map<string, CatalogTable> = new Map<string, CatalogTable>()
  /** Folded names of several tables. */
  readonly #shared: Set<string> = new Set<string>()
  readonly #routineNames: ReadonlySet<string>
  readonly #relations: Set<string> = new Set<string>()

  constructor(parts: CatalogParts, partition: Partition = new Map<string, readonly string[]>()) {
    this.rules = parts.rules
    this.currentDatabase = parts.currentDatabase
    this.incomplete = parts.incomplete
    this.schemaTriggers = parts.schemaTriggers
    this.hiddenTriggers = parts.hiddenTriggers
    this.bendsValues = parts.bendsValues
    this.#hiddenRoutines = parts.hiddenRoutines
    this.#knownFunctions = parts.knownFunctions
    for (const table of parts.tables) this.#addTable(table)
    for (const view of parts.views) this.#relations.add(view.name)
    this.#routineNames = new Set(parts.routines.map((routine) => routine.name))
    this.cascades = byParent(parts.cascades.map((part) => this.#namingColumns(part)))
    this.children = pairs(parts.children)
    this.parents = pairs(parts.children.map(([parent, child]) => [child, parent] as const))
    this.referencing = pairs(parts.references)
    this.companions = pairs(parts.companions)
    this.volatileTables = new Set(parts.volatileTables)
    this.#keys = new KeyColumnIndex({
      dialect: parts.rules.dialect,
      tables: parts.tables,
      otherNames: parts.views.map((view) => view.name),
      volatileTables: this.volatileTables,
      partition,
    })
    this.replacingTables = new Set(parts.replacingTables)
    this.volatileFunctions = new Set(parts.volatileFunctions)
    // Names are complete from here on: bodies can be scanned.
    this.views = new Map(parts.views.map((view) => [view.name, this.#view(view)]))
    this.functions = this.#routines(parts.routines)
    this.triggers = this.#triggers(parts)
  }

  /** A catalog of which nothing is known. */
  static unknown(dialect: Dialect): Catalog {
    return new Catalog(unknownParts(defaultRules(dialect)))
  }

  /** A base table by its name: as spelled, else without regard to case. A qualifier is ignored. */
  table(name: string): CatalogTable | undefined {
    const bare = name.slice(name.lastIndexOf('.') + 1)
    return this.#exact.get(bare) ?? this.#folded.get(bare.toLowerCase())
  }

  /** A base table by its folded bare name, which may have dots of its own. */
  described(name: string): CatalogTable | undefined {
    return this.#folded.get(name)
  }

  /** Are all columns known that a table of this folded bare name may have? Not so of virtual tables, and where several have the name. */
  hasKnownColumns(name: string): boolean {
    const columns = this.#folded.get(name)?.columns.size ?? 0
    return columns > 0 && !this.#shared.has(name)
  }

  /** The columns by which rows of a table are told apart, by folded name; none for tables without such. Takes a folded bare name. */
  keyColumns(table: string): KeyColumns {
    return this.#keys.of(table)
  }

  /** Columns of `cache.partition` that cannot set rows apart, and why. */
  partitionProblems(): readonly PartitionProblem[] {
    return this.incomplete ? [] : this.#keys.problems()
  }

  /** Names of base tables, as the database spells them. */
  get tableNames(): readonly string[] {
    return [...this.#exact.keys()]
  }

  /** Is there a table or view of this bare name, in lower case? */
  hasTable(name: string): boolean {
    return this.#relations.has(name)
  }

  /** Is there a routine of the user's own of this bare name, in lower case? */
  hasRoutine(name: string): boolean {
    return this.#routineNames.has(name)
  }

  /** Is it certain that the database had no function of this name when the catalog was read? */
  isNewFunction(name: string): boolean {
    return (
      this.#knownFunctions !== undefined &&
      !this.#knownFunctions.has(name) &&
      !this.hasRoutine(name)
    )
  }

  /** Code that calls what this user cannot see may do everything. */
  #distrust(effects: Effects): void {
    if (!this.#hiddenRoutines || this.incomplete) return
    for (const name of effects.calls) if (!this.hasRoutine(name)) effects.everything()
  }

  /** SQLite lets a key point to the parent's primary key without naming it. */
  #namingColumns(part: CascadePart): CascadePart {
    const primary = this.#folded.get(part.parent)?.primaryKey ?? []
    if (part.parentColumns.length > 0 || primary.length !== part.childColumns.length) return part
    return { ...part, parentColumns: primary.map((column) => column.toLowerCase()) }
  }

  #addTable(table: CatalogTable): void {
    const folded = table.name.toLowerCase()
    // Of equal names in several schemas the first one read wins: the one that an unqualified name finds.
    if (!this.#exact.has(table.name)) this.#exact.set(table.name, table)
    if (this.#folded.has(folded)) this.#shared.add(folded)
    else this.#folded.set(folded, table)
    this.#relations.add(folded)
  }

  #view(view: ViewPart): CatalogView {
    const effects =
      view.definition === undefined ? new Effects().everything() : this.#query(view.definition)
    this.#distrust(effects)
    for (const base of view.bases) effects.reads.add(base)
    for (const name of view.functions) effects.calls.add(name)
    return { name: view.name, materialized: view.materialized, effects }
  }

  /** Scans a view's query. SQLite keeps it with its CREATE VIEW name AS. */
  #query(definition: string): Effects {
    const { tokens, odd } = tokenize(definition, this.rules)
    const start = isWord(tokens[0], 'create')
      ? tokens.findIndex((token) => isWord(token, 'as')) + 1
      : 0
    const effects = scanTables(tokens.slice(start), this)
    return odd ? effects.everything() : effects
  }

  #routines(routines: readonly RoutinePart[]): Map<string, Effects> {
    const all = new Map<string, Effects>()
    for (const routine of routines) {
      const effects = this.#routine(routine)
      const other = all.get(routine.name)
      all.set(routine.name, other === undefined ? effects : union(other, effects))
    }
    return all
  }

  #routine(routine: RoutinePart): Effects {
    const pure = routine.volatility === 'stable' || routine.volatility === 'immutable'
    if (routine.tableless || (routine.body === undefined && routine.volatility === 'immutable')) {
      const effects = new Effects()
      effects.volatile = routine.volatility !== 'immutable'
      return effects
    }
    const effects =
      routine.body === undefined ? new Effects().everything() : scanBody(routine.body, this)
    // PostgreSQL refuses writes in functions that are not VOLATILE, but lets them call others that do: keep the calls.
    if (pure) {
      effects.changes.length = 0
      effects.writesEverything = false
    }
    if (routine.volatility === 'volatile') effects.volatile = true
    return effects
  }

  #triggers(parts: CatalogParts): Map<string, CatalogTrigger[]> {
    const all = new Map<string, CatalogTrigger[]>()
    for (const trigger of parts.triggers) {
      const hidden = trigger.body === undefined && trigger.calls.length === 0
      const effects = hidden ? new Effects().everything() : scanBody(trigger.body ?? '', this)
      this.#distrust(effects)
      for (const name of trigger.calls) effects.calls.add(name)
      const list = all.get(trigger.table) ?? []
      list.push({ events: new Set(trigger.events), effects })
      all.set(trigger.table, list)
    }
    return all
  }
}

function byParent(cascades: readonly CascadePart[]): Map<string, CascadePart[]> {
  const map = new Map<string, CascadePart[]>()
  for (const cascade of cascades) {
    const list = map.get(cascade.parent)
    if (list === undefined) map.set(cascade.parent, [cascade])
    else list.push(cascade)
  }
  return map
}

function pairs(list: readonly (readonly [string, string])[]): Map<string, Set<string>> {
  const map = new Map<string, Set<string>>()
  for (const [from, to] of list) {
    const set = map.get(from) ?? new Set<string>()
    map.set(from, set.add(to))
  }
  return map
}

/** What either of two does: overloads of one name. */
function union(a: Effects, b: Effects): Effects {
  const both = new Effects()
  for (const one of [a, b]) {
    for (const read of one.reads) both.reads.add(read)
    for (const call of one.calls) both.calls.add(call)
    both.changes.push(...one.changes)
    both.readsEverything ||= one.readsEverything
    both.writesEverything ||= one.writesEverything
    both.volatile ||= one.volatile
    both.commits ||= one.commits
  }
  return both
}
