import type { ColumnKind } from '../../contract/snapshot.ts'
import { keptDate, setProperty } from './copy-value.ts'

/** What decides how rows are built. */
export interface RowShape {
  readonly names: readonly string[]
  /** What is done with the values of each column: shared, made dates of, or put through `copy`. */
  readonly kinds: readonly ColumnKind[]
}

type Columns = readonly (readonly unknown[])[]
type Copy = (value: unknown) => unknown

/** Makes rows of one shape out of columns. `copy` is applied to the values of deep columns. */
export interface RowBuilder {
  /** All rows. */
  rows(columns: Columns, rowCount: number, copy: Copy): unknown[]
  /** Row `r`, which must be there. */
  row(columns: Columns, r: number, copy: Copy): unknown
}

/** Wider rows are built in a loop: a longer row literal gains nothing. */
const maxGeneratedColumns = 200

/**
 * A builder with a generated row literal: V8 then makes rows of one hidden class without a lookup per cell, some ten times as
 * fast as a loop over names. Where the process forbids code generation, and for very wide rows, a loop does it.
 */
export function createRowBuilder(shape: RowShape): RowBuilder {
  return generatedBuilder(shape) ?? loopBuilder(shape)
}

function generatedBuilder({ names, kinds }: RowShape): RowBuilder | undefined {
  if (names.length > maxGeneratedColumns) return undefined
  const literal = (column: (c: number) => string, row: string): string => {
    const cells = names.map((name, c) => {
      const cell = `${column(c)}[${row}]`
      return `${propertyName(name)}: ${cellText(cell, kinds[c])}`
    })
    return `{ ${cells.join(', ')} }`
  }
  const locals = names.map((_, c) => `c${c} = columns[${c}]`)
  // A list of known length, because one that grows is copied again and again.
  const source = `'use strict'
return {
  rows(columns, rowCount, copy) {
    ${locals.length === 0 ? '' : `const ${locals.join(', ')}`}
    const rows = new Array(rowCount)
    for (let r = 0; r < rowCount; r++) rows[r] = ${literal((c) => `c${c}`, 'r')}
    return rows
  },
  row(columns, r, copy) {
    return ${literal((c) => `columns[${c}]`, 'r')}
  },
}`
  try {
    // The text holds column names as JSON strings and nothing else from outside.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    return (new Function('date', source) as (date: typeof keptDate) => RowBuilder)(keptDate)
  } catch {
    return undefined
  }
}

function cellText(cell: string, kind: ColumnKind | undefined): string {
  switch (kind) {
    case 'deep':
      return `copy(${cell})`
    case 'dates':
      return `date(${cell})`
    default:
      return cell
  }
}

/** A kept value as it is handed out. */
export function keptCell(value: unknown, kind: ColumnKind | undefined, copy: Copy): unknown {
  switch (kind) {
    case 'deep':
      return copy(value)
    case 'dates':
      return keptDate(value)
    default:
      return value
  }
}

/** JSON text is a JavaScript string literal. A computed name, because `"__proto__": x` in a literal would set the prototype. */
function propertyName(name: string): string {
  return name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
}

function loopBuilder({ names, kinds }: RowShape): RowBuilder {
  const row: RowBuilder['row'] = (columns, r, copy) => {
    const made: Record<string, unknown> = {}
    for (let c = 0; c < names.length; c++) {
      setProperty(made, names[c] ?? '', keptCell(columns[c]?.[r], kinds[c], copy))
    }
    return made
  }
  return {
    row,
    rows(columns, rowCount, copy) {
      const rows: unknown[] = []
      for (let r = 0; r < rowCount; r++) rows.push(row(columns, r, copy))
      return rows
    },
  }
}
