import { MillraceError } from '../base/errors.ts'
import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { Row } from '../contract/target.ts'
import type { RowKey, WriteOperation } from './operation.ts'
import type { WriteRequest } from '../contract/buffer-port.ts'
import { primaryKeyOf, resolveKey } from './row-key.ts'
import { spell } from './spell.ts'

/** Tables of Millrace itself start with this; nobody else writes to them. */
const reservedPrefix = '_millrace_'

/**
 * Judges a request against the catalog and turns it into operations. Nothing is queued when it throws:
 * `MILLRACE_TABLE_UNSUPPORTED`, `MILLRACE_COLUMN_UNKNOWN`, `MILLRACE_KEY_INVALID`, `MILLRACE_VALUE_INVALID`,
 * `MILLRACE_WRITE_EMPTY`. Whether the *values* fit their columns is the database's to say: they become dead letters if not.
 *
 * An update may not set a column of the primary key, or of the key that it is named by: the row would change its identity
 * while later writes still name the old one.
 */
export function acceptRequest(
  request: WriteRequest,
  table: TableDescription,
  dialect: Dialect,
): WriteOperation[] {
  if (!table.transactional) {
    throw new MillraceError(
      'MILLRACE_TABLE_UNSUPPORTED',
      `Table "${table.name}" has no transactions.`,
      {
        remedy: 'Use an engine with transactions (InnoDB), or write directly.',
      },
    )
  }
  if (table.name.toLowerCase().startsWith(reservedPrefix)) {
    throw new MillraceError(
      'MILLRACE_TABLE_UNSUPPORTED',
      `Table "${table.name}" belongs to Millrace itself.`,
      {
        remedy: 'Choose another name.',
      },
    )
  }
  switch (request.kind) {
    case 'insert':
      if (request.rows.length === 0) throw empty(`The insert into "${table.name}" has no rows.`)
      return request.rows.map((row) => ({
        kind: 'insert',
        table: table.name,
        row: writableRow(table, row, dialect),
      }))
    case 'update': {
      const key = resolveKey(table, namedKey(table, request.key, dialect))
      const set = writableRow(table, request.set, dialect)
      if (Object.keys(set).length === 0)
        throw empty(`The update of "${table.name}" sets no column.`)
      for (const name of Object.keys(set)) refuseKeyColumn(table, key, name)
      return [{ kind: 'update', table: table.name, key, set, onMissing: request.onMissing }]
    }
    case 'increment': {
      const key = resolveKey(table, namedKey(table, request.key, dialect))
      const column = writableColumn(table, request.column, dialect)
      refuseKeyColumn(table, key, column)
      checkAmount(table, column, request.by)
      const { by, onMissing } = request
      return [{ kind: 'increment', table: table.name, key, column, by, onMissing }]
    }
    case 'delete':
      return [
        {
          kind: 'delete',
          table: table.name,
          key: resolveKey(table, namedKey(table, request.key, dialect)),
        },
      ]
  }
}

/** The column as the database spells it. Throws `MILLRACE_COLUMN_UNKNOWN`. */
export function knownColumn(table: TableDescription, name: unknown, dialect: Dialect): string {
  if (typeof name === 'string') {
    if (table.columns.has(name)) return name
    // PostgreSQL keeps the case of quoted names apart; the others do not.
    if (dialect !== 'postgres') {
      const folded = name.toLowerCase()
      for (const known of table.columns.keys()) if (known.toLowerCase() === folded) return known
    }
  }
  throw new MillraceError(
    'MILLRACE_COLUMN_UNKNOWN',
    `Table "${table.name}" has no column ${spell(name)}.`,
    {
      remedy: `It has ${[...table.columns.keys()].map((known) => `"${known}"`).join(', ')}.`,
    },
  )
}

/** A key object with its columns as the database spells them; anything else as it is. */
export function namedKey(table: TableDescription, key: unknown, dialect: Dialect): unknown {
  if (typeof key !== 'object' || key === null || key instanceof Date || key instanceof Uint8Array)
    return key
  if (Array.isArray(key)) return key
  const named: Row = {}
  for (const [name, value] of Object.entries(key)) named[knownColumn(table, name, dialect)] = value
  return named
}

function writableColumn(table: TableDescription, name: string, dialect: Dialect): string {
  const known = knownColumn(table, name, dialect)
  if (table.columns.get(known)?.generated === true) {
    throw new MillraceError(
      'MILLRACE_VALUE_INVALID',
      `Column "${known}" of "${table.name}" is computed by the database.`,
      {
        remedy: 'Leave it out.',
      },
    )
  }
  return known
}

function writableRow(table: TableDescription, row: Row, dialect: Dialect): Row {
  const named: Row = {}
  for (const [name, value] of Object.entries(row)) {
    const known = writableColumn(table, name, dialect)
    if (Object.hasOwn(named, known)) {
      throw new MillraceError(
        'MILLRACE_VALUE_INVALID',
        `Column "${known}" of "${table.name}" is given twice.`,
        {
          remedy: 'Spell it once.',
        },
      )
    }
    if (value === undefined) {
      throw new MillraceError(
        'MILLRACE_VALUE_INVALID',
        `Column "${known}" of "${table.name}" is undefined.`,
        {
          remedy: 'Leave the column out, or give null.',
        },
      )
    }
    named[known] = value
  }
  return named
}

function refuseKeyColumn(table: TableDescription, key: RowKey, column: string): void {
  if (!key.columns.includes(column) && !primaryKeyOf(table).includes(column)) return
  throw new MillraceError(
    'MILLRACE_KEY_INVALID',
    `A buffered write cannot change "${column}", a key column of "${table.name}".`,
    {
      remedy: 'Delete the row and insert it anew, or update it directly.',
    },
  )
}

/** Throws `MILLRACE_VALUE_INVALID` unless the amount is a finite number or a BigInt. */
export function checkAmount(table: { readonly name: string }, column: string, by: unknown): void {
  if (typeof by === 'bigint' || (typeof by === 'number' && Number.isFinite(by))) return
  throw new MillraceError(
    'MILLRACE_VALUE_INVALID',
    `"${column}" of "${table.name}" cannot be incremented by ${spell(by)}.`,
    {
      remedy: 'Give a finite number or a BigInt.',
    },
  )
}

function empty(message: string): MillraceError {
  return new MillraceError('MILLRACE_WRITE_EMPTY', message, { remedy: 'Give at least one.' })
}
