import fc from 'fast-check'
import { anyString, anyValue } from '../codec/any-value.ts'

/** Uniform rows, any column names and values, as drivers give them; what is given has its own copy of everything. */
export const anyRows: fc.Arbitrary<object[]> = fc
  .uniqueArray(fc.oneof(anyString, fc.constantFrom('__proto__', 'constructor', '7')), {
    maxLength: 6,
  })
  .chain((names) =>
    fc
      .array(fc.tuple(...names.map(() => anyValue)), { maxLength: 5 })
      .map((table) => table.map((cells) => rowOf(names, cells))),
  )

/** A row with these columns, in this order, whatever their names. */
export function rowOf(names: readonly string[], cells: readonly unknown[]): object {
  const row = {}
  names.forEach((name, c) =>
    Object.defineProperty(row, name, {
      value: cells[c],
      writable: true,
      enumerable: true,
      configurable: true,
    }),
  )
  return row
}
