import type { StatementFootprint } from '../../src/contract/footprint.ts'
import type { ColumnImage, KeyColumn, RowChange, ValueSource } from '../../src/contract/rows.ts'

/** A key column of integers. */
export function keyColumn(name: string): KeyColumn {
  return {
    name,
    canonical: (value) => (Number.isSafeInteger(Number(value)) ? String(Number(value)) : undefined),
  }
}

export const bound = (index: number): ValueSource => ({ from: 'binding', index })
export const literal = (value: string): ValueSource => ({ from: 'literal', value })

export function image(
  name: string,
  values: readonly ValueSource[],
  rest?: number | 'unknown',
): ColumnImage {
  return { column: keyColumn(name), values, rest }
}

/** A footprint of a statement that reads and writes nothing, changed as given. */
export function statement(more: Partial<StatementFootprint>): StatementFootprint {
  return {
    verb: 'select',
    reads: new Set(),
    writes: new Set(),
    control: undefined,
    changesSchema: false,
    commitsImplicitly: false,
    locks: false,
    volatile: false,
    selects: true,
    altersSession: false,
    uses: [],
    changes: [],
    answer: undefined,
    ...more,
  }
}

/** A write whose rows are known. */
export function writeOf(...changes: readonly RowChange[]): StatementFootprint {
  return statement({
    verb: 'update',
    selects: false,
    writes: new Set(changes.map(({ table }) => table)),
    changes,
  })
}
