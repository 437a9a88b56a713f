import type { ColumnarRows } from '../../contract/snapshot.ts'
import { keepWith, type BodyInUse } from './body-in-use.ts'
import { copyKept } from './copy-value.ts'
import { FrozenForms } from './frozen-forms.ts'
import { createRowBuilder, keptCell, type RowBuilder } from './row-builder.ts'

/** How many shapes are kept before all are forgotten; an application has some hundreds of them. */
const maxShapes = 2000

/** Copies of kept rows, see {@link createRowShapes}. Whatever is returned belongs to the caller unless it says otherwise. */
export interface RowShapes {
  /** All rows. */
  rows(body: ColumnarRows): unknown[]
  /** The first row; `undefined` if there is none. */
  first(body: ColumnarRows): unknown
  /** The values of column number `c`; none if there is no such column. */
  column(body: ColumnarRows, c: number): unknown[]
  /** The same, deeply frozen and shared where that is safe: do not change any of it. */
  frozen(body: ColumnarRows): FrozenForms
}

/** Builds rows fast, with one {@link RowBuilder} for each list of columns. It belongs to whoever serves hits. */
export function createRowShapes(): RowShapes {
  const byShape = new Map<string, RowBuilder>()

  function builderOf(body: BodyInUse): RowBuilder {
    return body.builder ?? findBuilder(body)
  }

  function findBuilder(body: BodyInUse): RowBuilder {
    const shape = JSON.stringify([body.names, body.kinds])
    let builder = byShape.get(shape)
    if (builder === undefined) {
      builder = createRowBuilder(body)
      if (byShape.size >= maxShapes) byShape.clear()
      byShape.set(shape, builder)
    }
    keepWith(body, 'builder', builder)
    return builder
  }

  function newForms(body: BodyInUse): FrozenForms {
    const forms = new FrozenForms(body, builderOf(body))
    keepWith(body, 'frozen', forms)
    return forms
  }

  return {
    rows: (body) => builderOf(body).rows(body.columns, body.rowCount, copyKept),
    first: (body) =>
      body.rowCount === 0 ? undefined : builderOf(body).row(body.columns, 0, copyKept),
    column(body, c) {
      const column = body.columns[c] ?? []
      const kind = body.kinds[c]
      if (kind !== 'dates' && kind !== 'deep') return column.slice()
      return column.map((value) => keptCell(value, kind, copyKept))
    },
    frozen: (body: BodyInUse) => body.frozen ?? newForms(body),
  }
}
