import { MillraceError } from '../base/errors.ts'
import type { TappedConnection } from '../knex/tapped-connection.ts'

/** What is asked of a connection. */
export type PartitionedConnection = Pick<TappedConnection, 'opened' | 'table' | 'partitionProblems'>

/**
 * Refuses a column of `cache.partition` that cannot set rows apart on a connection that has its table, and a table that no connection
 * has. Throws `MILLRACE_PARTITION_INVALID`.
 */
export function checkPartition(connections: Iterable<PartitionedConnection>): void {
  const all = [...connections]
  const missing = new Map<string, number>()
  for (const connection of all) {
    const without = new Set<string>()
    for (const { table, column, why } of connection.partitionProblems()) {
      if (why !== 'no such table') throw unfit(connection, table, column, why)
      without.add(table)
    }
    for (const table of without) missing.set(table, (missing.get(table) ?? 0) + 1)
  }
  for (const [table, times] of missing) {
    if (times < all.length) continue
    throw new MillraceError(
      'MILLRACE_PARTITION_INVALID',
      `Option cache.partition names the table "${table}", which no connection has.`,
      { remedy: 'Correct the name, or create the table before Millrace is opened.' },
    )
  }
}

type Fault = ReturnType<PartitionedConnection['partitionProblems']>[number]['why']

function unfit(
  connection: PartitionedConnection,
  table: string,
  column: string,
  why: Exclude<Fault, 'no such table'>,
): MillraceError {
  const columns = connection.table(table)?.columns ?? new Map<string, { readonly type: string }>()
  const type = [...columns].find(([name]) => name.toLowerCase() === column)?.[1].type
  const { problem, remedy } = {
    'no such column': {
      problem: 'which the table does not have',
      remedy: `Its columns are ${[...columns.keys()].join(', ')}.`,
    },
    'no exact comparison': {
      problem: `whose values cannot be told apart exactly (${type ?? 'unknown type'})`,
      remedy:
        'Name a column of integers, or of text whose collation compares exactly; or leave it out: writes then count for all rows.',
    },
    'no rows of its own': {
      problem:
        'but rows of the table have other names too (partitions, heirs, another schema), or change without a write',
      remedy: 'Leave it out: writes count for all rows of such a table.',
    },
  }[why]
  return new MillraceError(
    'MILLRACE_PARTITION_INVALID',
    `Option cache.partition.${table} names the column "${column}" on connection "${connection.opened.name}", ${problem}.`,
    { remedy },
  )
}
