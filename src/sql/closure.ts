import type { Tables } from '../contract/footprint.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { CascadePart } from './catalog/parts.ts'
import type { Change, ChangeEvent, Effects } from './effects.ts'
import { isVolatileCall } from './volatile-functions.ts'

/** What a piece of SQL comes to once everything behind its names is followed. */
export interface ClosedEffects {
  readonly reads: Tables
  readonly writes: Tables
  readonly volatile: boolean
  /** A routine that it calls may end the transaction. */
  readonly commits: boolean
}

/** Follows views, functions, triggers, rules, foreign keys, partitions and inheritance. */
export function closeEffects(effects: Effects, catalog: Catalog): ClosedEffects {
  const closure = new Closure(catalog)
  closure.take(effects)
  return closure.result()
}

class Closure {
  readonly #catalog: Catalog
  readonly #reads = new Set<string>()
  readonly #writes = new Set<string>()
  readonly #called = new Set<string>()
  readonly #seen = new Set<string>()
  readonly #pending: Change[] = []
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
      writes:
        this.#writesEverything || (unsureWrites && this.#writes.size > 0)
          ? 'everything'
          : this.#writes,
      volatile: this.#volatile,
      commits: this.#commits,
    }
  }

  take(effects: Effects): void {
    for (const table of effects.reads) this.#read(table)
    for (const name of effects.calls) this.#call(name)
    for (const change of effects.changes) this.#change(change.table, change.event, change.columns)
    this.#readsEverything ||= effects.readsEverything
    this.#writesEverything ||= effects.writesEverything
    this.#volatile ||= effects.volatile
    this.#commits ||= effects.commits
  }

  #read(table: string): void {
    if (this.#reads.has(table)) return
    this.#reads.add(table)
    const { volatileTables, views, children, companions } = this.#catalog
    if (volatileTables.has(table)) this.#volatile = true
    const view = views.get(table)
    if (view !== undefined && !view.materialized) this.take(view.effects)
    for (const child of children.get(table) ?? []) this.#read(child)
    for (const companion of companions.get(table) ?? []) this.#read(companion)
  }

  #call(name: string): void {
    if (this.#called.has(name)) return
    this.#called.add(name)
    const { functions, rules, volatileFunctions, incomplete } = this.#catalog
    const routine = functions.get(name)
    if (routine !== undefined) this.take(routine)
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

  #change(table: string, event: ChangeEvent, columns?: ReadonlySet<string>): void {
    const key = `${event} ${table}${columns === undefined ? '' : ` ${[...columns].join(' ')}`}`
    if (this.#seen.has(key) || this.#seen.has(`${event} ${table}`)) return
    this.#seen.add(key)
    this.#pending.push(columns === undefined ? { table, event } : { table, event, columns })
  }

  #follow({ table, event, columns }: Change): void {
    this.#writes.add(table)
    const { views, replacingTables } = this.#catalog
    this.#relatives(table, event)
    if (event === 'schema') return
    const view = views.get(table)
    if (view !== undefined && !view.materialized) this.#throughView(table, event)
    if (replacingTables.has(table) && (event === 'insert' || event === 'update'))
      this.#change(table, 'delete')
    if (event === 'delete')
      for (const cascade of this.#cascades(table))
        if (cascade.onDelete) this.#change(cascade.child, cascade.onDelete)
    if (event === 'update') this.#updated(table, columns)
    if (event === 'truncate-cascade') {
      for (const child of this.#catalog.referencing.get(table) ?? [])
        this.#change(child, 'truncate-cascade')
    }
    this.#trigger(table, event)
  }

  #cascades(table: string): readonly CascadePart[] {
    return this.#catalog.cascades.get(table) ?? []
  }

  /** An update reaches children only through the columns that they point to. */
  #updated(table: string, columns: ReadonlySet<string> | undefined): void {
    const plain = columns !== undefined && !this.#rewrites(table)
    for (const { child, onUpdate, parentColumns } of this.#cascades(table)) {
      const apart =
        plain && parentColumns.length > 0 && parentColumns.every((column) => !columns.has(column))
      if (onUpdate !== undefined && !apart) this.#change(child, 'update')
    }
  }

  /** May columns change that an UPDATE does not name? */
  #rewrites(table: string): boolean {
    const description = this.#catalog.table(table)
    if (description === undefined || description.hasTriggers) return true
    for (const column of description.columns.values()) if (column.generated) return true
    return false
  }

  #throughView(view: string, event: ChangeEvent): void {
    const behind = this.#catalog.views.get(view)
    if (behind === undefined) return
    if (behind.effects.readsEverything) this.#writesEverything = true
    for (const base of behind.effects.reads) this.#change(base, event)
    for (const name of behind.effects.calls) this.#call(name)
  }

  /** Rows of partitions and heirs are rows of the parent; an update may move a row between partitions. */
  #relatives(table: string, event: ChangeEvent): void {
    const events: readonly ChangeEvent[] =
      event === 'update' ? ['update', 'insert', 'delete'] : [event]
    for (const child of this.#catalog.children.get(table) ?? [])
      for (const each of events) this.#change(child, each)
    for (const parent of this.#catalog.parents.get(table) ?? []) this.#upwards(parent)
  }

  #upwards(table: string): void {
    if (this.#writes.has(table)) return
    this.#writes.add(table)
    for (const parent of this.#catalog.parents.get(table) ?? []) this.#upwards(parent)
  }

  #trigger(table: string, event: ChangeEvent): void {
    const name = event === 'truncate-cascade' ? 'truncate' : event
    for (const trigger of this.#catalog.triggers.get(table) ?? []) {
      if (trigger.events.has(name)) this.take(trigger.effects)
    }
  }
}
