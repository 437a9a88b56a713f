import type { Tables } from '../contract/footprint.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { CascadePart } from './catalog/parts.ts'
import type { Change, ChangeEvent, Effects } from './effects.ts'
import { isVolatileCall } from './volatile-functions.ts'

/** How it comes that rows of a table change. */
export type ChangeOrigin =
  /** The statement itself says so, and nothing else leads there. */
  | { readonly how: 'direct' }
  /** One foreign key that points to a table which the statement itself changes, and nothing else leads there. */
  | { readonly how: 'cascade'; readonly key: CascadePart; readonly by: 'delete' | 'update' }
  /** In any other way, or in several. */
  | { readonly how: 'other' }

/** What a piece of SQL comes to once everything behind its names is followed. */
export interface ClosedEffects {
  readonly reads: Tables
  /** Those of `reads` that views, functions, triggers and the like read, not (or not only) the text itself. */
  readonly readsBehind: ReadonlySet<string>
  readonly writes: Tables
  /** Where each change comes from, for all tables of `writes` that are known. */
  readonly origins: ReadonlyMap<string, ChangeOrigin>
  readonly volatile: boolean
  /** A routine that it calls may end the transaction. */
  readonly commits: boolean
}

/** Follows views, functions, triggers, rules, foreign keys, partitions and inheritance. */
export function closeEffects(effects: Effects, catalog: Catalog): ClosedEffects {
  const closure = new Closure(catalog)
  closure.start(effects)
  return closure.result()
}

const direct: ChangeOrigin = { how: 'direct' }
const other: ChangeOrigin = { how: 'other' }

interface Pending extends Change {
  readonly origin: ChangeOrigin
}

class Closure {
  readonly #catalog: Catalog
  readonly #reads = new Set<string>()
  readonly #readsBehind = new Set<string>()
  readonly #writes = new Set<string>()
  readonly #origins = new Map<string, ChangeOrigin>()
  readonly #called = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #pending: Pending[] = []
  #readsEverything = false
  #writesEverything = false
  #volatile = false
  #commits = false

  constructor(catalog: Catalog) {
    this.#catalog = catalog
  }

  result(): ClosedEffects {
    for (let change = this.#pending.pop(); change !== undefined; change = this.#pending.pop())
      this.#follow(change)
    const unsure = this.#catalog.incomplete
    const unsureWrites = unsure || this.#catalog.hiddenTriggers
    return {
      reads: this.#readsEverything || (unsure && this.#reads.size > 0) ? 'everything' : this.#reads,
      readsBehind: this.#readsBehind,
      writes:
        this.#writesEverything || (unsureWrites && this.#writes.size > 0)
          ? 'everything'
          : this.#writes,
      origins: this.#origins,
      volatile: this.#volatile,
      commits: this.#commits,
    }
  }

  /** What the text itself says. */
  start(effects: Effects): void {
    for (const table of effects.reads) this.#read(table)
    for (const change of effects.changes) this.#change({ ...change, origin: direct })
    this.#takeRest(effects)
  }

  /** What code behind a name says. */
  #take(effects: Effects): void {
    for (const table of effects.reads) this.#readBehind(table)
    for (const change of effects.changes) this.#change({ ...change, origin: other })
    this.#takeRest(effects)
  }

  #takeRest(effects: Effects): void {
    for (const name of effects.calls) this.#call(name)
    this.#readsEverything ||= effects.readsEverything
    this.#writesEverything ||= effects.writesEverything
    this.#volatile ||= effects.volatile
    this.#commits ||= effects.commits
  }

  #readBehind(table: string): void {
    this.#readsBehind.add(table)
    this.#read(table)
  }

  #read(table: string): void {
    if (this.#reads.has(table)) return
    this.#reads.add(table)
    const { volatileTables, views, children, companions } = this.#catalog
    if (volatileTables.has(table)) this.#volatile = true
    const view = views.get(table)
    if (view !== undefined && !view.materialized) this.#take(view.effects)
    for (const child of children.get(table) ?? []) this.#readBehind(child)
    for (const companion of companions.get(table) ?? []) this.#readBehind(companion)
  }

  #call(name: string): void {
    if (this.#called.has(name)) return
    this.#called.add(name)
    const { functions, rules, volatileFunctions, incomplete } = this.#catalog
    const routine = functions.get(name)
    if (routine !== undefined) this.#take(routine)
    else if (volatileFunctions.has(name) || isVolatileCall(rules.dialect, name))
      this.#volatile = true
    else if (incomplete || this.#isUnheardOf(name)) {
      this.#readsEverything = true
      this.#writesEverything = true
    } else if (rules.dialect === 'sqlite' && this.#catalog.isNewFunction(name))
      this.#volatile = true
  }

  /** A function that someone else created since the catalog was read. SQLite's are JavaScript, without tables. */
  #isUnheardOf(name: string): boolean {
    const { rules } = this.#catalog
    return (
      rules.dialect === 'postgres' &&
      this.#catalog.isNewFunction(name) &&
      !this.#catalog.hasTable(name)
    )
  }

  #change(change: Pending): void {
    const { table, event, columns } = change
    // Two ways to one table are one way too many, even if the second one leads no further.
    this.#origins.set(table, meet(this.#origins.get(table), change.origin))
    const key = `${event} ${table}${columns === undefined ? '' : ` ${[...columns].join(' ')}`}`
    if (this.#seen.has(key) || this.#seen.has(`${event} ${table}`)) return
    this.#seen.add(key)
    this.#pending.push(change)
  }

  #changeBehind(table: string, event: ChangeEvent): void {
    this.#change({ table, event, origin: other })
  }

  #follow(change: Pending): void {
    const { table, event } = change
    this.#writes.add(table)
    const { views, replacingTables } = this.#catalog
    this.#relatives(table, event)
    if (event === 'schema') return
    const view = views.get(table)
    if (view !== undefined && !view.materialized) this.#throughView(table, event)
    if (replacingTables.has(table) && (event === 'insert' || event === 'update'))
      this.#changeBehind(table, 'delete')
    if (event === 'delete') this.#deleted(change)
    if (event === 'update') this.#updated(change)
    if (event === 'truncate-cascade') {
      for (const child of this.#catalog.referencing.get(table) ?? [])
        this.#changeBehind(child, 'truncate-cascade')
    }
    this.#trigger(table, event)
  }

  #cascades(table: string): readonly CascadePart[] {
    return this.#catalog.cascades.get(table) ?? []
  }

  #deleted({ table, origin }: Pending): void {
    for (const key of this.#cascades(table)) {
      if (key.onDelete === undefined) continue
      const event = key.onDelete === 'cascade' ? 'delete' : 'update'
      this.#change({ table: key.child, event, origin: cascaded(origin, key, 'delete') })
    }
  }

  /** An update reaches children only through the columns that they point to. */
  #updated({ table, columns, origin }: Pending): void {
    const plain = columns !== undefined && !this.#rewrites(table, columns)
    for (const key of this.#cascades(table)) {
      const { child, onUpdate, parentColumns } = key
      const apart =
        plain && parentColumns.length > 0 && parentColumns.every((column) => !columns.has(column))
      if (onUpdate !== undefined && !apart)
        this.#change({ table: child, event: 'update', origin: cascaded(origin, key, 'update') })
    }
  }

  /** May columns change that an UPDATE does not name, or names in another way (SQLite's rowid)? */
  #rewrites(table: string, assigned: ReadonlySet<string>): boolean {
    const description = this.#catalog.described(table)
    if (description === undefined || description.hasTriggers) return true
    const columns = [...description.columns.values()]
    if (columns.some((column) => column.generated)) return true
    const known = new Set(columns.map((column) => column.name.toLowerCase()))
    return [...assigned].some((name) => !known.has(name))
  }

  #throughView(view: string, event: ChangeEvent): void {
    const behind = this.#catalog.views.get(view)
    if (behind === undefined) return
    if (behind.effects.readsEverything) this.#writesEverything = true
    for (const base of behind.effects.reads) this.#changeBehind(base, event)
    for (const name of behind.effects.calls) this.#call(name)
  }

  /** Rows of partitions and heirs are rows of the parent; an update may move a row between partitions. */
  #relatives(table: string, event: ChangeEvent): void {
    const events: readonly ChangeEvent[] =
      event === 'update' ? ['update', 'insert', 'delete'] : [event]
    for (const child of this.#catalog.children.get(table) ?? [])
      for (const each of events) this.#changeBehind(child, each)
    for (const parent of this.#catalog.parents.get(table) ?? []) this.#upwards(parent)
  }

  #upwards(table: string): void {
    this.#origins.set(table, other)
    if (this.#writes.has(table)) return
    this.#writes.add(table)
    for (const parent of this.#catalog.parents.get(table) ?? []) this.#upwards(parent)
  }

  #trigger(table: string, event: ChangeEvent): void {
    const name = event === 'truncate-cascade' ? 'truncate' : event
    for (const trigger of this.#catalog.triggers.get(table) ?? []) {
      if (trigger.events.has(name)) this.#take(trigger.effects)
    }
  }
}

/** What a foreign key does to the children of a table that changed. */
function cascaded(parent: ChangeOrigin, key: CascadePart, by: 'delete' | 'update'): ChangeOrigin {
  return parent.how === 'direct' && key.child !== key.parent ? { how: 'cascade', key, by } : other
}

/** Two origins of changes to one table. A statement may say itself in several places that it changes it. */
function meet(known: ChangeOrigin | undefined, next: ChangeOrigin): ChangeOrigin {
  if (known === undefined) return next
  if (known.how === 'direct' && next.how === 'direct') return known
  return other
}
