import type { ColumnarRows } from '../../contract/snapshot.ts'
import { copyKept, setProperty } from './copy-value.ts'

/** Makes the rows of one shape out of columns. */
type RowBuilder = (
  columns: readonly (readonly unknown[])[],
  rowCount: number,
  copy: (value: unknown) => unknown,
) => unknown[]

/** Builds rows fast, see {@link createRowShapes}. */
export interface RowShapes {
  rows(body: ColumnarRows): unknown[]
}

/** Wider rows are built in a loop: a longer row literal gains nothing. */
const maxGeneratedColumns = 200
/** How many shapes are kept before all are forgotten; an application has some hundreds of them. */
const maxShapes = 2000

/**
 * Builders of rows, one for each list of columns, each with a generated row literal: V8 then makes rows of one hidden class
 * without a lookup per cell, some ten times as fast as a loop over names. Where the process forbids code generation, and for
 * very wide rows, a loop does it.
 */
export function createRowShapes(): RowShapes {
  const byBody = new WeakMap<ColumnarRows, RowBuilder>()
  const byShape = new Map<string, RowBuilder>()

  function builderFor(body: ColumnarRows): RowBuilder {
    const shape = JSON.stringify([body.names, body.deep])
    let builder = byShape.get(shape)
    if (builder === undefined) {
      builder = generateBuilder(body) ?? loopBuilder(body)
      if (byShape.size >= maxShapes) byShape.clear()
      byShape.set(shape, builder)
    }
    byBody.set(body, builder)
    return builder
  }

  return {
    rows(body) {
      const builder = byBody.get(body) ?? builderFor(body)
      return builder(body.columns, body.rowCount, copyKept)
    },
  }
}

function generateBuilder(body: ColumnarRows): RowBuilder | undefined {
  if (body.names.length > maxGeneratedColumns) return undefined
  const columns = body.names.map((_, c) => `c${c} = columns[${c}]`)
  const cells = body.names.map((name, c) => {
    // A computed name: `"__proto__": x` in a literal would set the prototype. JSON text is a JavaScript string literal.
    const key = name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
    return `${key}: ${body.deep[c] === true ? `copy(c${c}[i])` : `c${c}[i]`}`
  })
  const source = `'use strict'
${columns.length === 0 ? '' : `const ${columns.join(', ')}`}
const rows = []
for (let i = 0; i < rowCount; i++) rows.push({ ${cells.join(', ')} })
return rows`
  try {
    // The text holds column names as JSON strings and nothing else from outside.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    return new Function('columns', 'rowCount', 'copy', source) as RowBuilder
  } catch {
    return undefined
  }
}

function loopBuilder(shape: ColumnarRows): RowBuilder {
  const { names, deep } = shape
  return (columns, rowCount, copy) => {
    const rows: unknown[] = []
    for (let i = 0; i < rowCount; i++) {
      const row: Record<string, unknown> = {}
      for (let c = 0; c < names.length; c++) {
        const value = columns[c]?.[i]
        setProperty(row, names[c] ?? '', deep[c] === true ? copy(value) : value)
      }
      rows.push(row)
    }
    return rows
  }
}
