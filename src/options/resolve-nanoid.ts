import { shown } from '../base/shown.ts'
import { invalidOption, isPlainObject, readInteger, readObject } from './option-reader.ts'

/** Characters of a generated id where no size is given: as unlikely to repeat as a random UUID. */
const defaultSize = 21

/** Reads `nanoid` as table to column to size. Throws `MILLRACE_OPTION_INVALID`. */
export function resolveNanoid(value: unknown): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const tables = new Map<string, ReadonlyMap<string, number>>()
  if (value === undefined) return tables
  const remedy = "Give an object such as { notes: 'id', tags: { id: 8 } }."
  for (const [table, columns] of Object.entries(readObject(value, 'nanoid', remedy))) {
    tables.set(table, resolveColumns(columns, `nanoid.${table}`))
  }
  return tables
}

function resolveColumns(value: unknown, path: string): ReadonlyMap<string, number> {
  const remedy = "Give a column's name, or columns with sizes such as { id: 8 }."
  if (typeof value === 'string' && value !== '') return new Map([[value, defaultSize]])
  if (!isPlainObject(value) || Object.keys(value).length === 0) {
    throw invalidOption(path, `is ${shown(value)} without a column in it`, remedy)
  }
  const sizes = Object.entries(value).map(([column, size]): [string, number] => [
    column,
    readInteger(size, `${path}.${column}`, { min: 2, max: 256 }, defaultSize),
  ])
  return new Map(sizes)
}
