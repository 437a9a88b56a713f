import type { Slot } from '../../src/contract/authority.ts'
import type { Seeded } from '../support/seed.ts'
import { domain, matches, queries, slots, valueSlot } from './model-rows.ts'
import type { Column, Filter, Row } from './model-rows.ts'

const rowCount = 6

/** A statement that writes: what it marks before it is sent, and what it touches once its answer is there. */
export interface Write {
  readonly marked: readonly Slot[]
  /** Carries it out, and tells what it changed. */
  commit(): Commit
}

/** What a committed write did. */
export interface Commit {
  readonly version: number
  readonly touched: readonly Slot[]
  /** The queries whose result it changed. */
  readonly changed: readonly number[]
}

/** Since when a result was the current one, at the earliest, and until when, at the latest. */
interface Reign {
  readonly from: number
  until: number
}

/** A table of a few rows, and what each query's result was at each version. */
export class ModelDatabase {
  readonly #random: Seeded
  readonly #rows: (Row | undefined)[]
  readonly #current: string[]
  readonly #reigns: Map<string, Reign>[]
  #version = 0

  constructor(random: Seeded) {
    this.#random = random
    this.#rows = Array.from({ length: rowCount }, (_, i) => ({
      a: i % domain,
      b: (i + (i >> 1)) % domain,
      version: 0,
    }))
    this.#current = queries.map((_, query) => String(this.select(query)))
    this.#reigns = this.#current.map((result) => new Map([[result, { from: 0, until: Infinity }]]))
  }

  /** The rows that a query selects now, each as a text with its number and version in front. */
  select(query: number): string[] {
    const filter = queries[query]
    return this.#rows.flatMap((row, id) =>
      row === undefined || filter === undefined || !matches(filter, row)
        ? []
        : [`${String(id)}:${String(row.version)}:${String(row.a)}:${String(row.b)}`],
    )
  }

  /** When a result was that of the query; `undefined` if it never was. */
  reign(query: number, result: readonly string[]): Readonly<Reign> | undefined {
    return this.#reigns[query]?.get(String(result))
  }

  /** A write of a random kind. */
  draw(): Write {
    const { int } = this.#random
    const [id, x, y] = [int(rowCount), int(domain), int(domain)]
    const row = this.#rows[id]
    const kind = int(8)
    // The answer may tell nothing: then what is unknown stays so.
    const answers = int(4) > 0
    if (kind === 0) return this.#update({ op: 'is', column: 'a', value: x }, {}, ['b'], answers)
    if (kind === 1) {
      return this.#update({ op: 'is', column: 'b', value: x }, { a: y }, ['a'], answers)
    }
    if (kind === 2) return this.#change([id], ['a', 'b'], { b: y }, answers)
    if (kind === 3) {
      const marked = [slots.whole, slots.unknownRows]
      return { marked, commit: () => this.#commit([id], (old) => old, marked) }
    }
    return row === undefined
      ? this.#insert(id, x, y)
      : this.#change([id], ['a', 'b'], 'gone', answers)
  }

  #update(
    filter: Filter & { readonly op: 'is' },
    assigned: Partial<Record<Column, number>>,
    unknown: readonly Column[],
    answers: boolean,
  ): Write {
    const ids = (): number[] =>
      this.#rows.flatMap((row, id) => (row !== undefined && matches(filter, row) ? [id] : []))
    return this.#change(ids, unknown, assigned, answers, [valueSlot(filter.column, filter.value)])
  }

  #change(
    ids: readonly number[] | (() => readonly number[]),
    unknown: readonly Column[],
    assigned: Partial<Record<Column, number>> | 'gone',
    answers: boolean,
    pinned: readonly Slot[] = [],
  ): Write {
    const known = [slots.whole, ...pinned]
    if (assigned !== 'gone') {
      for (const column of ['a', 'b'] as const) {
        const value = assigned[column]
        if (value !== undefined) known.push(valueSlot(column, value))
      }
    }
    const marked = [...known, ...unknown.map((column) => slots.unknown[column])]
    const commit = (): Commit => {
      const hit = typeof ids === 'function' ? ids() : ids
      const images = hit.flatMap((id) => {
        const row = this.#rows[id]
        return row === undefined ? [] : unknown.map((column) => valueSlot(column, row[column]))
      })
      const write = (row: Row | undefined): Row | undefined =>
        row === undefined || assigned === 'gone' ? undefined : { ...row, ...assigned }
      return this.#commit(hit, write, answers ? [...known, ...images] : marked)
    }
    return { marked, commit }
  }

  #insert(id: number, a: number, b: number): Write {
    const marked = [slots.whole, valueSlot('a', a), valueSlot('b', b)]
    return {
      marked,
      commit: () =>
        this.#rows[id] === undefined
          ? this.#commit([id], () => ({ a, b, version: 0 }), marked)
          : { version: this.#version, touched: [], changed: [] }, // a duplicate key
    }
  }

  #commit(
    ids: readonly number[],
    write: (row: Row | undefined) => Row | undefined,
    touched: readonly Slot[],
  ): Commit {
    const version = ++this.#version
    for (const id of ids) {
      const row = write(this.#rows[id])
      this.#rows[id] = row === undefined ? undefined : { ...row, version }
    }
    const changed: number[] = []
    queries.forEach((_, query) => {
      const result = String(this.select(query))
      const before = this.#current[query] ?? ''
      if (result === before) return
      changed.push(query)
      this.#current[query] = result
      const reigns = this.#reigns[query]
      const ended = reigns?.get(before)
      if (ended !== undefined) ended.until = version
      const again = reigns?.get(result)
      if (again === undefined) reigns?.set(result, { from: version, until: Infinity })
      else again.until = Infinity
    })
    return { version, touched, changed }
  }
}
