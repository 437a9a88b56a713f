import { MillraceError } from '../base/errors.ts'
import type { ColumnDescription, TableDescription } from '../contract/catalog.ts'
import type { Row } from '../contract/target.ts'
import { isPlain } from './capture.ts'
import type { RowKey } from './operation.ts'
import { spell } from './spell.ts'

/**
 * Reads what the caller gave `where(...)` as a full key of the table: a scalar names the primary key of one column, an
 * object the primary key or one unique key, column by column. Where the catalog knows no primary key, `id` stands for it.
 * Throws `MILLRACE_KEY_INVALID` for everything else; text is an id and never parsed as JSON.
 */
export function resolveKey(table: TableDescription, input: unknown): RowKey {
  const primary = primaryKeyOf(table)
  if (!isPlain(input)) {
    if (input === undefined || input === null)
      throw invalid(table, `where(${String(input)}) names no row.`)
    const [column, ...more] = primary
    if (column === undefined)
      throw invalid(table, 'It has neither a primary key nor a column "id".')
    if (more.length > 0) throw invalid(table, `Its primary key has the columns ${list(primary)}.`)
    return { columns: primary, values: [keyValue(table, column, input)] }
  }
  const given = Object.keys(input)
  const columns = [primary, ...table.uniqueKeys].find(
    (key) =>
      key.length > 0 && key.length === given.length && key.every((name) => given.includes(name)),
  )
  if (columns === undefined) {
    throw invalid(table, `{ ${given.join(', ')} } is not its full primary key or a unique key.`)
  }
  return { columns, values: columns.map((name) => keyValue(table, name, input[name])) }
}

/** The columns of the primary key; `id` where the catalog knows none. */
export function primaryKeyOf(table: TableDescription): readonly string[] {
  if (table.primaryKey.length > 0) return table.primaryKey
  return table.columns.has('id') ? ['id'] : []
}

function keyValue(table: TableDescription, name: string, value: unknown): unknown {
  const column = table.columns.get(name)
  const canonical = column === undefined ? undefined : canonicalKeyValue(column, value)
  if (canonical === undefined) {
    throw invalid(
      table,
      `${spell(value)} cannot be a value of its ${column?.family ?? ''} key column "${name}".`,
    )
  }
  return canonical
}

/**
 * The one spelling of a key value: integers as a number (BigInt beyond the safe range), so that `'7'` and `7` name the
 * same row; text as text. `undefined` for values that cannot be a key.
 */
function canonicalKeyValue(column: ColumnDescription, value: unknown): unknown {
  switch (column.family) {
    case 'integer':
      return canonicalInteger(value)
    case 'text':
      if (typeof value === 'string') return value
      return Number.isSafeInteger(value) || typeof value === 'bigint' ? String(value) : undefined
    case 'other':
      if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
      if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean')
        return value
      return value instanceof Date || value instanceof Uint8Array ? value : undefined
  }
}

function canonicalInteger(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : undefined
  const whole =
    typeof value === 'bigint'
      ? value
      : typeof value === 'string' && /^-?\d+$/.test(value)
        ? BigInt(value)
        : undefined
  if (whole === undefined) return undefined
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : whole
}

/** How two keys of the same columns compare. */
export interface KeyIdentity {
  /** Equal for keys that are surely the same row. */
  readonly exact: string
  /** Equal for every two keys that the database may take for the same row; different ones are surely different rows. */
  readonly fold: string
}

/**
 * Identity of a key for merging and reordering. `undefined` where it cannot be told which keys the database takes for
 * equal (dates, decimals, text beyond printable ASCII under an unknown collation): such a key merges with nothing.
 */
export function keyIdentity(table: TableDescription, key: RowKey): KeyIdentity | undefined {
  let exact = ''
  let fold = ''
  for (const [index, name] of key.columns.entries()) {
    const column = table.columns.get(name)
    const value = column === undefined ? undefined : canonicalKeyValue(column, key.values[index])
    const folded = column === undefined ? undefined : foldValue(column, value)
    if (folded === undefined) return undefined
    const text = typeof value === 'string' ? value : folded
    exact += `${String(text.length)}:${text}`
    fold += `${String(folded.length)}:${folded}`
  }
  return { exact, fold }
}

/** Coarser than any collation: letters without case, and neither padding nor punctuation. */
function foldValue(column: ColumnDescription, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' || typeof value === 'bigint') {
    return column.family === 'integer' ? String(value) : undefined
  }
  if (typeof value !== 'string') return undefined
  if (column.family !== 'text' && column.type !== 'uuid') return undefined
  if (!/^[\x20-\x7e]*$/.test(value)) return undefined
  return value.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** The key that a row carries in these columns; `undefined` unless it has a value for each. */
export function keyInRow(
  table: TableDescription,
  columns: readonly string[],
  row: Row,
): RowKey | undefined {
  const values: unknown[] = []
  for (const name of columns) {
    const column = table.columns.get(name)
    const value = column === undefined ? undefined : canonicalKeyValue(column, row[name])
    if (value === undefined) return undefined
    values.push(value)
  }
  return columns.length === 0 ? undefined : { columns, values }
}

function list(columns: readonly string[]): string {
  return columns.map((name) => `"${name}"`).join(', ')
}

function invalid(table: TableDescription, why: string): MillraceError {
  const keys = [primaryKeyOf(table), ...table.uniqueKeys].filter((key) => key.length > 0)
  return new MillraceError(
    'MILLRACE_KEY_INVALID',
    `No row of "${table.name}" can be named so. ${why}`,
    {
      remedy:
        keys.length === 0
          ? 'Give the table a primary key, or write directly.'
          : `Name it by ${keys.map(list).join(' or by ')}, with values of the column's type.`,
    },
  )
}
