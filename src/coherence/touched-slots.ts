import type { Slot } from '../contract/authority.ts'
import type { RowTouch } from './row-touch.ts'
import type { TableTags, TagSpace } from './tag-space.ts'
import type { Touched } from './touched.ts'

const nothing: ReadonlySet<Slot> = new Set()

/**
 * The slots that a write touches: `T*` of each table and, for each of its key columns, the old and new values or `T.c?`; `T?` where
 * nothing is known of the rows.
 *
 * `marked` are slots that are pending for this write already. They are left out, and so are those that need no mark of their own: who
 * reads by a value of a column consults `T.c?` and `T?` too, and is held back by their marks.
 */
export function touchedSlots(
  tags: TagSpace,
  touched: Touched,
  marked: ReadonlySet<Slot> = nothing,
): Slot[] {
  const slots = new Set<Slot>()
  const add = (slot: Slot): void => {
    if (!marked.has(slot)) slots.add(slot)
  }
  if (touched.rows === 'everything') add(tags.everything)
  else {
    for (const [name, touch] of touched.rows) addTable(tags.table(name), touch, marked, add)
  }
  if (touched.rows === 'everything' || touched.rows.size > 0) add(tags.any)
  if (touched.schema) add(tags.schema)
  return [...slots]
}

function addTable(
  table: TableTags,
  touch: RowTouch,
  marked: ReadonlySet<Slot>,
  add: (slot: Slot) => void,
): void {
  add(table.whole)
  if (touch.columns === undefined) {
    add(table.unknownRows)
    return
  }
  if (marked.has(table.unknownRows)) return
  for (const [name, values] of touch.columns) {
    const column = table.column(name)
    if (values.unknown) add(column.unknown)
    else if (!marked.has(column.unknown)) {
      for (const form of values.forms) add(form === null ? column.none : column.value(form))
    }
  }
}
