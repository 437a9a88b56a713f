import { MillraceError } from '../base/errors.ts'
import type { TappedConnection } from '../knex/tapped-connection.ts'

/**
 * Refuses a declared nanoid column that its table does not have. A table that no connection has may still be made, by a
 * migration of this very process.
 */
export function checkNanoidColumns(
  declared: ReadonlyMap<string, ReadonlyMap<string, number>>,
  connections: Iterable<TappedConnection>,
): void {
  for (const connection of connections) {
    for (const [name, columns] of declared) {
      const table = connection.table(name)
      if (table === undefined) continue
      for (const column of columns.keys()) {
        if (table.columns.has(column)) continue
        throw new MillraceError(
          'MILLRACE_COLUMN_UNKNOWN',
          `Option nanoid.${name} names the column "${column}", which the table does not have.`,
          { remedy: `Its columns are ${[...table.columns.keys()].join(', ')}.` },
        )
      }
    }
  }
}
