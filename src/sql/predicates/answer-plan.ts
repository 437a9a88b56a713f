import type { Dialect } from '../../contract/dialect.ts'
import type { AnswerPlan } from '../../contract/rows.ts'
import type { Drafts, WrittenTable } from './draft-image.ts'
import type { CatalogKeyColumn } from './key-columns.ts'
import type { Pins } from './pins.ts'
import type { InsertShape, WriteShape } from './write-shape.ts'

/** A plan, and the folded names of the table's columns that it tells, in the answer's order. */
export interface PlannedAnswer {
  readonly plan: AnswerPlan | undefined
  readonly columns: readonly string[]
}

const nothing: PlannedAnswer = { plan: undefined, columns: [] }

/** An UPDATE or DELETE that can change more rows than this is not bounded. */
const fewRows = 1000

/** Plans how the database tells what the drafts leave open: nothing, where they leave nothing open or it cannot tell. */
export function planAnswer(
  shape: WriteShape,
  written: WrittenTable,
  drafts: Drafts,
  pins: Pins | undefined,
  textEnd: number,
): PlannedAnswer {
  const { dialect } = written.catalog.rules
  const open = [...drafts.values()].filter(({ rest }) => rest === 'answer')
  const asked = open.map(({ column }) => column)
  if (asked.length === 0) return nothing
  if (shape.verb === 'insert') {
    const filled = insertedId(shape, written, asked)
    if (filled !== undefined) return { plan: { kind: 'inserted-id' }, columns: [filled.name] }
  }
  if (dialect === 'mysql' || !written.table.canReturn) return nothing
  const bounded = pins === undefined || isBounded(pins, written)
  if (!bounded && ![...written.keys.values()].some((key) => pins.of(key) !== undefined))
    return nothing
  return {
    plan: {
      kind: 'returning',
      at: textEnd,
      clause: clauseOf(asked, shape.returning, dialect),
      columns: asked.map((_, place) => answerName(place)),
      extendsOwn: shape.returning,
      bounded,
    },
    columns: asked.map(({ name }) => name),
  }
}

/** The column whose number the driver tells without being asked, where that is all there is to ask for. */
function insertedId(
  shape: InsertShape,
  { table, catalog }: WrittenTable,
  asked: readonly CatalogKeyColumn[],
): CatalogKeyColumn | undefined {
  const filled = asked.find(({ column }) => column.selfFilling)
  if (filled === undefined || shape.rows.length !== 1 || shape.returning) return undefined
  if (shape.conflict?.assigned !== undefined) return undefined
  if (catalog.rules.dialect !== 'mysql') return asked.length === 1 ? filled : undefined
  // MySQL tells the number that it made; one that was sent, or that a trigger changed, may be another.
  return makesNumber(shape, filled.name) && !table.rewrittenBy.has('insert') ? filled : undefined
}

/** Does the one row leave the column to the database? */
function makesNumber({ columns, rows }: InsertShape, column: string): boolean {
  if (columns === undefined) return false
  const sent = rows[0]?.[columns.indexOf(column)]
  if (sent === undefined || sent.op === 'default') return true
  return sent.op === 'plain' && sent.source.from === 'null'
}

function isBounded(pins: Pins, { table, keys }: WrittenTable): boolean {
  return [table.primaryKey, ...table.uniqueKeys].some((key) => {
    const rows = pins.bound(key, keys)
    return rows !== undefined && rows <= fewRows
  })
}

function clauseOf(columns: readonly CatalogKeyColumn[], extend: boolean, dialect: Dialect): string {
  const parts = columns.map(({ column }, place) => {
    const name = quoted(column.name)
    // A refcursor is text that no application gives pg a parser for.
    const text = dialect === 'postgres' ? `${name}::text::refcursor` : `cast(${name} as text)`
    return `${text} as ${quoted(answerName(place))}`
  })
  return `${extend ? ', ' : ' returning '}${parts.join(', ')}`
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function answerName(place: number): string {
  return `_millrace_${String(place)}`
}
