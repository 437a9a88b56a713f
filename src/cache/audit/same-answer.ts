import type { Codec } from '../../contract/codec.ts'
import type { Snapshot } from '../../contract/snapshot.ts'

/**
 * Whether two snapshots hold the same answer to one query, value by value and type by type. Unless the query orders its rows, the
 * same rows in another order are the same answer. `undefined`: a value has no exact form to compare.
 *
 * What drivers tell beside the rows (command tags, packets, numbers of tables) is left out.
 */
export function sameAnswer(
  one: Snapshot,
  other: Snapshot,
  ordered: boolean,
  codec: Codec,
): boolean | undefined {
  try {
    const [a, b] = [formsOf(one, codec), formsOf(other, codec)]
    if (a.length !== b.length) return false
    if (!ordered) for (const forms of [a, b]) forms.sort()
    return a.every((form, row) => form === b[row])
  } catch {
    return undefined
  }
}

/** One text for each row. */
function formsOf({ body }: Snapshot, codec: Codec): string[] {
  if (body.form === 'columns') {
    const { names, kinds, columns, rowCount } = body
    return Array.from({ length: rowCount }, (_, row) =>
      formOf([names, kinds, columns.map((column) => column[row])], codec),
    )
  }
  // Rows that are not uniform, or no objects, come as the list that the driver gave; anything else counts as one row.
  const rows: readonly unknown[] = Array.isArray(body.value) ? body.value : [body.value]
  return rows.map((row) => formOf(row, codec))
}

function formOf(value: unknown, codec: Codec): string {
  const bytes = codec.encode(value)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
