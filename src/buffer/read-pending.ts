import type { TableDescription } from '../contract/catalog.ts'
import type { Target } from '../contract/target.ts'
import { unknownValue } from './driver-value.ts'
import type { Flusher } from './flusher.ts'
import type { Lane } from './lane.ts'
import type { Operation, RowKey, WriteOperation } from './operation.ts'
import { mayConcern, overlay } from './overlay.ts'
import { readPositionedRow, readRow } from './read-row.ts'
import { ancestors } from './table-traits.ts'

/** What is asked, and of whom. */
export interface PendingRead {
  readonly target: Target
  readonly lane: Lane
  readonly flusher: Flusher
  readonly table: TableDescription
  readonly key: RowKey
  readonly column: string
}

/**
 * A column's value, database plus pending (B5): the row and the ledger position are read in one statement, and only
 * writes after that position are laid over it. What is pending is looked up *before* the read: writes that are applied
 * meanwhile are then in both, and the position tells which to leave out; writes that come later are concurrent with the read.
 *
 * Where only the database can tell what a pending write will do (triggers, cascades, defaults, conversions), everything
 * accepted so far is flushed first, and then the row is read.
 */
export async function readPending(read: PendingRead): Promise<unknown> {
  const { target, lane, flusher, table, key, column } = read
  const question = { table, dialect: target.dialect, key }
  const upTo = lane.last
  const { concerning, unclear } = gather(read)
  if (unclear) {
    await flusher.flush(upTo)
    return (await readRow(target, table, key))?.[column]
  }
  if (concerning.length === 0) return (await readRow(target, table, key))?.[column]
  await flusher.claim()
  const { row, position } = await readPositionedRow(target, lane.name, table, key)
  const newer = concerning.filter(({ seq }) => seq > position).map(({ write }) => write)
  const overlaid = overlay(question, row, newer)
  if (overlaid.kind === 'row' && overlaid.row?.[column] !== unknownValue)
    return overlaid.row?.[column]
  await flusher.flush(upTo)
  return (await readRow(target, table, key))?.[column]
}

interface Concerning {
  readonly seq: number
  readonly write: WriteOperation
}

/** The pending writes that may change the row; `unclear` if some may change it in ways that only the database knows. */
function gather({ target, lane, table, key }: PendingRead): {
  concerning: Concerning[]
  unclear: boolean
} {
  const question = { table, dialect: target.dialect, key }
  const above = ancestors(table, (name) => target.table(name))
  const concerning: Concerning[] = []
  for (const { seq, operation } of lane.entries) {
    const write = writeOf(operation)
    const here = write.table === table.name
    // The end of a row may be the end of those that point to it, in its own table too.
    const reaches = write.kind === 'delete' && above.has(write.table)
    const written = target.table(write.table)
    const elsewhere = written !== undefined && (written.hasTriggers || written.sharesRows)
    if (reaches || elsewhere) return { concerning, unclear: true }
    if (!here) continue
    if (!mayConcern(question, write)) continue
    if (operation.kind === 'retry') return { concerning, unclear: true }
    concerning.push({ seq, write })
  }
  return { concerning, unclear: false }
}

function writeOf(operation: Operation): WriteOperation {
  return operation.kind === 'retry' ? operation.of : operation
}
