import type { Slot } from '../contract/authority.ts'
import type { Tables } from '../contract/footprint.ts'

/** The slot that every query of every database depends on: touched when everything is cleared. */
export const EVERYTHING_SLOT: Slot = 0

/**
 * Names the tags of one database and finds their slots.
 *
 * Beside one tag per table there are three for the database as a whole: *everything* (a write that may have touched any table),
 * *any* (touched by every write, for queries of unknown tables) and *schema* (touched by every schema change).
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
  readonly #slots = new Map<string, Slot>()

  /** @param namespace which database this is, the same in every process that shares the store */
  constructor(namespace: string, slotCount: number) {
    this.#namespace = namespace
    this.#slotCount = slotCount
    this.everything = this.#slotOf('!everything')
    this.any = this.#slotOf('!any')
    this.schema = this.#slotOf('!schema')
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

  /** The slots that a query of these tables depends on. */
  slotsRead(tables: Tables): Slot[] {
    const slots = new Set<Slot>([EVERYTHING_SLOT, this.everything, this.schema])
    if (tables === 'everything') slots.add(this.any)
    else for (const table of tables) slots.add(this.table(table))
    return [...slots]
  }

  /** The slots that a write to these tables touches. */
  slotsWritten(tables: Tables, changesSchema: boolean): Slot[] {
    const slots = new Set<Slot>()
    if (tables === 'everything') slots.add(this.everything)
    else for (const table of tables) slots.add(this.table(table))
    if (slots.size > 0) slots.add(this.any)
    if (changesSchema) slots.add(this.schema)
    return [...slots]
  }

  /** A table's slot. */
  table(table: string): Slot {
    let slot = this.#slots.get(table)
    if (slot === undefined) {
      slot = this.#slotOf(table)
      if (this.#slots.size >= 10_000) this.#slots.clear()
      this.#slots.set(table, slot)
    }
    return slot
  }

  #slotOf(name: string): Slot {
    return 1 + (hash32(this.tag(name)) % (this.#slotCount - 1))
  }
}

/** The tag of a table of a database. */
export function tagOf(namespace: string, table: string): string {
  return `${namespace}/${table}`
}

/** FNV-1a over UTF-16 units with a final avalanche (after MurmurHash3), so that similar names spread over all slots. */
function hash32(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
