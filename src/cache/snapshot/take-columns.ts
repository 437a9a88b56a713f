import type { ColumnarRows, ColumnKind } from '../../contract/snapshot.ts'
import { copyForeign, type CopyTally } from './copy-value.ts'
import { boxBytes, cellBytes, dateBytes, isBoxed, leafBytes, listBytes } from './size-estimate.ts'

type Row = Readonly<Record<string, unknown>>

/** Copies rows that have these names, column by column, each column in no more memory than it needs. */
export function takeColumns(
  rows: readonly object[],
  names: readonly string[],
  tally: CopyTally,
): ColumnarRows {
  const kinds: ColumnKind[] = []
  const columns = names.map((name) => {
    tally.bytes += leafBytes(name) + cellBytes + listBytes
    const taker = new ColumnTaker(tally, rows.length)
    for (const row of rows as readonly Row[]) taker.add(row[name])
    kinds.push(taker.kind)
    return taker.column()
  })
  return { form: 'columns', names, rowCount: rows.length, columns, kinds: kinds.slice() }
}

/** How many different strings a column may have before none is looked for again; each one that was found makes up for one. */
const spareStrings = 8

/** Takes the values of one column, one after the other. */
class ColumnTaker {
  readonly #tally: CopyTally
  readonly #values: unknown[] = []
  #numbers = 0
  #boxed = 0
  #dates = 0
  #nothings = 0
  #objects = 0
  #strings: Map<string, string> | undefined
  #spare: number

  constructor(tally: CopyTally, rowCount: number) {
    this.#tally = tally
    this.#spare = rowCount > 1 ? spareStrings : 0
  }

  /** How the column has to be kept. */
  get kind(): ColumnKind {
    if (this.#dates > 0 && this.#dates + this.#nothings === this.#values.length) return 'dates'
    return this.#objects === 0 ? 'plain' : 'deep'
  }

  add(value: unknown): void {
    switch (typeof value) {
      case 'number':
        this.#numbers++
        if (isBoxed(value)) this.#boxed++
        break
      case 'string':
        if (this.#addKnown(value)) return
        break
      case 'undefined':
        this.#nothings++
        break
      default:
        if (value === null) this.#nothings++
        else if (typeof value === 'object') {
          this.#objects++
          if (value instanceof Date) this.#dates++
        }
    }
    this.#values.push(copyForeign(value, this.#tally))
  }

  /** The column, in a list that is as long as it has to be: one that has grown has room for half as many again. */
  column(): readonly unknown[] {
    const { length } = this.#values
    if (this.kind === 'dates') {
      const isFull = this.#dates === length
      this.#tally.bytes -= this.#dates * (isFull ? dateBytes : dateBytes - boxBytes)
      const times = this.#values.map((value) => (value instanceof Date ? value.getTime() : value))
      return isFull ? unboxed(times as number[]) : times
    }
    if (this.#numbers < length || this.#boxed === 0) return this.#values.slice()
    this.#tally.bytes -= this.#boxed * boxBytes
    return unboxed(this.#values as number[])
  }

  /** Drivers make a string for each cell: of equal ones one is enough. A column with many different ones is soon let be. */
  #addKnown(value: string): boolean {
    if (this.#spare <= 0) return false
    this.#strings ??= new Map()
    const known = this.#strings.get(value)
    if (known === undefined) {
      this.#strings.set(value, value)
      this.#spare--
      return false
    }
    this.#spare++
    this.#values.push(known)
    this.#tally.bytes += cellBytes
    return true
  }
}

/** V8 keeps a list of nothing but numbers without an object for each, but not one made where others hold other things: hence its own loop. */
function unboxed(values: readonly number[]): number[] {
  const numbers: number[] = []
  for (const value of values) numbers.push(value)
  return numbers.slice()
}
