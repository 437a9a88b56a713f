import { isMark } from '../token.ts'
import { skipPart } from './expression.ts'
import { readCondition } from './read-condition.ts'
import { readAssignments, readPlainName, readSent, skipNested } from './sent-value.ts'
import type { TokenReader } from './token-reader.ts'
import type { ConflictClause, SentValue } from './write-shape.ts'

/** More rows than this are not looked at one by one. */
const maxRows = 1000

/** Reads `(a, b)`. Gives up over anything but plain names. */
export function readColumns(reader: TokenReader): string[] {
  const columns: string[] = []
  reader.expectMark('(')
  if (reader.takeMark(')')) return columns
  do columns.push(readPlainName(reader))
  while (!reader.gaveUp && reader.takeMark(','))
  reader.expectMark(')')
  return columns
}

/**
 * Reads the rows of an INSERT: `default values`, `values (...), (...)`, and `select ? as a union all select ...`, which is how Knex spells
 * several rows for SQLite. Gives up over any other query.
 */
export function readRows(reader: TokenReader): SentValue[][] {
  if (reader.takeWord('default')) {
    reader.expectWord('values')
    return [[]]
  }
  if (reader.isWord('select') && reader.dialect === 'sqlite') return readSelects(reader)
  reader.expectWord('values')
  const rows: SentValue[][] = []
  do rows.push(readRow(reader))
  while (!reader.gaveUp && rows.length <= maxRows && reader.takeMark(','))
  if (rows.length > maxRows) reader.giveUp()
  return rows
}

function readRow(reader: TokenReader): SentValue[] {
  const row: SentValue[] = []
  reader.expectMark('(')
  // MySQL: values ()
  if (reader.takeMark(')')) return row
  do row.push(readSent(reader))
  while (!reader.gaveUp && reader.takeMark(','))
  reader.expectMark(')')
  return row
}

function readSelects(reader: TokenReader): SentValue[][] {
  const rows: SentValue[][] = []
  do {
    reader.expectWord('select')
    rows.push(readSelected(reader))
    if (!reader.takeWord('union')) break
    reader.expectWord('all')
  } while (!reader.gaveUp && rows.length <= maxRows)
  if (rows.length > maxRows) reader.giveUp()
  // Without it, SQLite would take ON for that of a join.
  if (reader.takeWord('where')) reader.expectWord('true')
  return rows
}

function readSelected(reader: TokenReader): SentValue[] {
  const row: SentValue[] = []
  do {
    row.push(readSent(reader))
    if (reader.takeWord('as')) readPlainName(reader)
  } while (!reader.gaveUp && reader.takeMark(','))
  return row
}

/** Reads `on conflict (a) do update set ...`, if it is there. Gives up over MySQL's ON DUPLICATE KEY, and over a second one. */
export function readConflict(reader: TokenReader): ConflictClause | undefined {
  if (!reader.takeWord('on')) return undefined
  reader.expectWord('conflict')
  const target = readTarget(reader)
  reader.expectWord('do')
  if (reader.takeWord('nothing')) return { target, assigned: undefined }
  reader.expectWord('update')
  reader.expectWord('set')
  // Columns that are assigned have no qualifier here.
  const assigned = readAssignments(reader, '')
  if (reader.takeWord('where')) readCondition(reader)
  return { target, assigned }
}

function readTarget(reader: TokenReader): ReadonlySet<string> {
  const none: ReadonlySet<string> = new Set<string>()
  if (reader.takeWord('on')) {
    reader.expectWord('constraint')
    readPlainName(reader)
    return none
  }
  if (!reader.isMark('(')) return none
  const start = reader.at
  skipPart(reader, skipNested)
  const inside = reader.tokens.slice(start + 1, reader.at - 1)
  // With a condition it is the conflict of some rows only.
  if (reader.takeWord('where')) {
    readCondition(reader)
    return none
  }
  const plain = inside.every((token, at) =>
    at % 2 === 1 ? isMark(token, ',') : token.kind === 'word' || token.kind === 'name',
  )
  return plain ? new Set(inside.filter((_, at) => at % 2 === 0).map((token) => token.text)) : none
}
