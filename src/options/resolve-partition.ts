import { shown } from '../base/shown.ts'
import { invalidOption, readObject } from './option-reader.ts'

const remedy = "Give an object such as { orders: ['tenant_id'] }."

/**
 * Reads `cache.partition` as table to columns, both folded to lower case, sorted, each once. Throws `MILLRACE_OPTION_INVALID`.
 * Whether the database has them is known only once it is open.
 */
export function resolvePartition(value: unknown): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, readonly string[]>()
  if (value === undefined) return tables
  for (const [name, columns] of Object.entries(readObject(value, 'cache.partition', remedy))) {
    const path = `cache.partition.${name}`
    if (name.includes('.')) {
      throw invalidOption(
        path,
        'names a table with its schema',
        "Give the table's name alone: it stands for the table in every schema.",
      )
    }
    const table = name.toLowerCase()
    tables.set(table, sorted([...(tables.get(table) ?? []), ...readColumns(columns, path)]))
  }
  return tables
}

function readColumns(value: unknown, path: string): readonly string[] {
  if (!Array.isArray(value)) {
    throw invalidOption(path, `is ${shown(value)}, not a list of columns`, remedy)
  }
  if (value.length === 0) {
    throw invalidOption(
      path,
      'is a list without a column',
      'Name a column, or leave the table out.',
    )
  }
  return value.map((column: unknown, index) => {
    if (typeof column === 'string' && column.trim() !== '') return column.toLowerCase()
    throw invalidOption(`${path}[${String(index)}]`, `is ${shown(column)}, not a column`, remedy)
  })
}

function sorted(columns: readonly string[]): readonly string[] {
  return [...new Set(columns)].sort()
}
