import type { Snapshot } from '../../contract/snapshot.ts'
import { copyKept } from './copy-value.ts'
import type { RowShapes } from './row-shapes.ts'

/**
 * A fresh copy of a snapshot's body, that the caller may change: equal in value, type, prototypes and order of properties to what
 * was taken. `shapes` belongs to whoever serves hits and makes the copies fast.
 */
export function copyBody(body: Snapshot['body'], shapes: RowShapes): unknown {
  return body.form === 'columns' ? shapes.rows(body) : copyKept(body.value)
}
