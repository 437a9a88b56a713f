import type { Slot } from '../../src/contract/authority.ts'
import type { Program } from '../../src/contract/program.ts'

/** A row with two key columns and the version of the write that changed it last. */
export interface Row {
  readonly a: number
  readonly b: number
  readonly version: number
}

/** Which rows a query selects. */
export type Filter =
  | { readonly op: 'every' }
  | { readonly op: 'is'; readonly column: Column; readonly value: number }
  | { readonly op: 'and' | 'or'; readonly of: readonly Filter[] }

export type Column = 'a' | 'b'

/** Values of a key column: 0 up to, not including, this. */
export const domain = 3

/** Where the clocks are: those of b's values collide with each other and with one of a's. */
export const slots: {
  readonly schema: Slot
  readonly whole: Slot
  readonly unknownRows: Slot
  readonly unknown: Readonly<Record<Column, Slot>>
  readonly value: Readonly<Record<Column, readonly Slot[]>>
} = {
  schema: 1,
  whole: 2,
  unknownRows: 3,
  unknown: { a: 4, b: 5 },
  value: { a: [6, 7, 8], b: [9, 10, 6] },
}

export function valueSlot(column: Column, value: number): Slot {
  return slots.value[column][value] ?? -1
}

export function matches(filter: Filter, row: Row): boolean {
  if (filter.op === 'every') return true
  if (filter.op === 'is') return row[filter.column] === filter.value
  return filter.op === 'and'
    ? filter.of.every((part) => matches(part, row))
    : filter.of.some((part) => matches(part, row))
}

/** What a query of this filter depends on, by the rules of the design: OR is a maximum, AND a minimum. */
export function programOf(filter: Filter): Program {
  if (filter.op === 'every') return { all: [0, slots.schema, slots.whole], any: [] }
  const { all, any } = decisive(filter)
  return { all: [0, slots.schema, slots.unknownRows, ...all], any }
}

function decisive(filter: Filter): Program {
  if (filter.op === 'every') return { all: [slots.whole], any: [] }
  if (filter.op === 'is') {
    const { column, value } = filter
    return { all: [slots.unknown[column], valueSlot(column, value)], any: [] }
  }
  const parts = filter.of.map(decisive)
  if (filter.op === 'and') return { all: [], any: [parts] }
  return { all: parts.flatMap(({ all }) => all), any: parts.flatMap(({ any }) => any) }
}

const a = (value: number): Filter => ({ op: 'is', column: 'a', value })
const b = (value: number): Filter => ({ op: 'is', column: 'b', value })
const and = (...of: readonly Filter[]): Filter => ({ op: 'and', of })
const or = (...of: readonly Filter[]): Filter => ({ op: 'or', of })

/** The queries of the model: no filter, one value, alternatives, several groups, groups within alternatives. */
export const queries: readonly Filter[] = [
  { op: 'every' },
  a(0),
  b(1),
  or(a(1), b(2)),
  and(a(1), b(0)),
  and(a(2), or(b(1), b(2))),
  or(and(a(0), b(0)), and(a(1), b(1))),
  or(b(0), and(a(2), b(2))),
  and(or(a(0), a(1)), or(b(0), b(1))),
  and(or(and(a(0), b(1)), and(a(1), b(2))), or(b(1), and(a(1), b(2)))),
]
