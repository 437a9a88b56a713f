import type { Dialect } from '../../contract/dialect.ts'
import { notAlias } from '../scan/keywords.ts'
import { wordOf } from '../token.ts'
import type { Condition } from './condition.ts'
import type { ExactToken } from './exact-tokens.ts'
import { skipPart } from './expression.ts'
import { readCondition } from './read-condition.ts'
import { readColumns, readConflict, readRows } from './read-insert.ts'
import { readAssignments, readPlainName, skipNested } from './sent-value.ts'
import { TokenReader } from './token-reader.ts'
import type { InsertShape, UpdateShape, DeleteShape, WriteShape } from './write-shape.ts'

/**
 * Understands an INSERT, UPDATE or DELETE of one table. `undefined` for everything else: joins, other tables beside the one, REPLACE,
 * IGNORE, ON DUPLICATE KEY UPDATE, common table expressions, rows from a query, and whatever is left over at the end.
 */
export function readWrite(tokens: readonly ExactToken[], dialect: Dialect): WriteShape | undefined {
  const reader = new TokenReader(tokens, dialect)
  const shape = readStatement(reader)
  return reader.gaveUp || !reader.done ? undefined : shape
}

function readStatement(reader: TokenReader): WriteShape | undefined {
  if (reader.takeWord('insert')) return readInsert(reader)
  if (reader.takeWord('update')) return readUpdate(reader)
  if (reader.takeWord('delete')) return readDelete(reader)
  reader.giveUp()
  return undefined
}

function readInsert(reader: TokenReader): InsertShape {
  // SQLite's OR IGNORE leaves rows alone, as ON CONFLICT DO NOTHING does.
  if (reader.takeWord('or')) reader.expectWord('ignore')
  reader.expectWord('into')
  const table = readTable(reader)
  if (reader.takeWord('as')) readPlainName(reader)
  const columns = reader.isMark('(') ? readColumns(reader) : undefined
  const fills = reader.isWord('default')
  const rows = readRows(reader)
  const conflict = readConflict(reader)
  return {
    verb: 'insert',
    table,
    columns: fills ? [] : columns,
    rows,
    conflict,
    returning: readReturning(reader),
  }
}

function readUpdate(reader: TokenReader): UpdateShape {
  const target = readTarget(reader)
  reader.expectWord('set')
  const assigned = readAssignments(reader, target.qualifier)
  return { verb: 'update', ...target, assigned, ...readTail(reader) }
}

function readDelete(reader: TokenReader): DeleteShape {
  reader.expectWord('from')
  return { verb: 'delete', ...readTarget(reader), ...readTail(reader) }
}

interface Target {
  readonly table: string
  readonly qualifier: string
}

/** `only "s"."t" as "x"` */
function readTarget(reader: TokenReader): Target {
  if (reader.dialect === 'postgres') reader.takeWord('only')
  const table = readTable(reader)
  if (reader.takeWord('as')) return { table, qualifier: readPlainName(reader) }
  const next = reader.peek()
  const isAlias =
    next?.kind === 'name' ||
    (next?.kind === 'word' && !notAlias.has(next.text) && !reserved(next.text))
  return { table, qualifier: isAlias ? readPlainName(reader) : table }
}

/** Words that may follow the table and are no alias, beside those that never are. */
function reserved(word: string): boolean {
  return word === 'indexed' || word === 'not' || word === 'only' || word === 'portion'
}

/** The bare name of a table that may stand after its schema. */
function readTable(reader: TokenReader): string {
  let name = readPlainName(reader)
  while (reader.takeMark('.')) name = readPlainName(reader)
  return name
}

interface Tail {
  readonly condition: Condition | undefined
  readonly returning: boolean
}

function readTail(reader: TokenReader): Tail {
  const condition = reader.takeWord('where') ? readCondition(reader) : undefined
  // MySQL: they leave some of the rows out, which is no matter.
  if (reader.dialect === 'mysql')
    while (reader.isWord('order') || reader.isWord('limit')) skipClause(reader)
  return { condition, returning: readReturning(reader) }
}

function skipClause(reader: TokenReader): void {
  reader.skip()
  while (!reader.done && !reader.isWord('limit') && !reader.isWord('returning'))
    skipPart(reader, skipNested)
}

/** Goes over a RETURNING that ends the statement. */
function readReturning(reader: TokenReader): boolean {
  if (!reader.takeWord('returning')) return false
  // PostgreSQL 18: returning with (old as o) ...
  if (wordOf(reader.peek()) === 'with') reader.giveUp()
  while (!reader.done) skipPart(reader, skipNested)
  return true
}
