import type { Answer, RowChange, ValueSource } from '../../../src/contract/rows.ts'
import type { StatementFootprint } from '../../../src/contract/footprint.ts'
import type { StatementAnalyser } from '../../../src/sql/analyser.ts'
import type { DirectAnswer, DirectConnection } from './direct-connection.ts'
import { rowTables } from './schema.ts'

/** SQL as it is sent. */
export interface Native {
  readonly sql: string
  readonly bindings: readonly unknown[]
}

/** What a write did, beside what its footprint says. */
export interface Truth {
  readonly statement: StatementFootprint
  /** The database refused it. */
  readonly error: unknown
  /** Key columns whose values are not all covered: `table.column: value`. */
  readonly missed: readonly string[]
  /** Tables of which rows changed. */
  readonly changed: readonly string[]
  /** Key columns of changed tables whose values are known, and all of them. */
  readonly known: number
  readonly all: number
}

type Row = Record<string, unknown>

/** Rows by table. */
export type Snapshot = ReadonlyMap<string, readonly Row[]>

/**
 * Sends a write, asks as its footprint says, compares the rows before and after with what the footprint tells of them, and rolls back.
 * @param before the rows as they are
 */
export async function tryWrite(
  connection: DirectConnection,
  analyser: StatementAnalyser,
  { sql, bindings }: Native,
  before: Snapshot,
): Promise<Truth> {
  const [statement] = analyser.footprint(sql)
  if (statement === undefined) throw new Error(`no statement: ${sql}`)
  await connection.send('begin', [])
  try {
    const { answer: plan } = statement
    const text =
      plan?.kind === 'returning' ? sql.slice(0, plan.at) + plan.clause + sql.slice(plan.at) : sql
    let error: unknown
    const told = await connection.send(text, bindings).catch((reason: unknown) => {
      error = reason
      return undefined
    })
    if (told === undefined) {
      const alone = text === sql || (await refuses(connection, sql, bindings))
      const missed = alone ? [] : [`refused because it was asked: ${String(error)}`]
      return { statement, error, missed, changed: [], known: 0, all: 0 }
    }
    const after = await snapshot(connection)
    return compare(analyser, statement, bindings, answerOf(statement, told), before, after)
  } finally {
    await connection.send('rollback', [])
  }
}

function answerOf({ answer: plan }: StatementFootprint, told: DirectAnswer): Answer | undefined {
  if (plan === undefined) return undefined
  if (plan.kind === 'inserted-id') return [[told.insertedId]]
  return plan.columns.map((name) => told.rows.map((row) => row[name]))
}

async function refuses(
  connection: DirectConnection,
  sql: string,
  bindings: readonly unknown[],
): Promise<boolean> {
  await connection.send('rollback', [])
  await connection.send('begin', [])
  return connection.send(sql, bindings).then(
    () => false,
    () => true,
  )
}

/** The rows of all tables. */
export async function snapshot(connection: DirectConnection): Promise<Snapshot> {
  const tables = new Map<string, readonly Row[]>()
  for (const table of rowTables)
    tables.set(table, (await connection.send(`select * from ${table}`, [])).rows)
  return tables
}

function compare(
  analyser: StatementAnalyser,
  statement: StatementFootprint,
  bindings: readonly unknown[],
  answer: Answer | undefined,
  before: Snapshot,
  after: Snapshot,
): Truth {
  const missed: string[] = []
  const changed: string[] = []
  let [known, all] = [0, 0]
  for (const table of rowTables) {
    const rows = differing(before.get(table) ?? [], after.get(table) ?? [])
    if (rows.length === 0) continue
    changed.push(table)
    if (statement.writes !== 'everything' && !statement.writes.has(table)) missed.push(table)
    const keys = analyser.catalog.keyColumns(table)
    all += keys.size
    const change = statement.changes.find((each) => each.table === table)
    if (change === undefined) continue
    if (change.columns.length !== keys.size) missed.push(`${table}: columns`)
    for (const image of change.columns) {
      const forms = formsOf(image, bindings, answer)
      if (forms === undefined) continue
      known += 1
      const spelled = keys.get(image.column.name)?.column.name ?? ''
      for (const row of rows) {
        const value = row[spelled]
        const form = value === null ? null : image.column.canonical(value)
        if (form === undefined || !forms.has(form))
          missed.push(`${table}.${spelled}: ${String(value)}`)
      }
    }
  }
  return { statement, error: undefined, missed, changed, known, all }
}

/** Rows that are in one of the two, but not in both. */
function differing(before: readonly Row[], after: readonly Row[]): Row[] {
  const text = (row: Row): string =>
    JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  const old = new Set(before.map(text))
  const now = new Set(after.map(text))
  return [
    ...before.filter((row) => !now.has(text(row))),
    ...after.filter((row) => !old.has(text(row))),
  ]
}

/** The canonical forms of an image, null for NULL; undefined where not all are known. */
function formsOf(
  image: RowChange['columns'][number],
  bindings: readonly unknown[],
  answer: Answer | undefined,
): ReadonlySet<string | null> | undefined {
  const forms = new Set<string | null>()
  const values: unknown[] = []
  for (const source of image.values) {
    const value = valueOf(source, bindings)
    if (value === null && source.from === 'binding' && image.nullIsUnknown === true)
      return undefined
    values.push(value)
  }
  if (image.rest === 'unknown') return undefined
  if (image.rest !== undefined) {
    const told = answer?.[image.rest]
    if (told === undefined) return undefined
    values.push(...told)
  }
  for (const value of values) {
    const form = value === null ? null : image.column.canonical(value)
    if (form === undefined) return undefined
    forms.add(form)
  }
  return forms
}

function valueOf(source: ValueSource, bindings: readonly unknown[]): unknown {
  if (source.from === 'binding') return bindings[source.index]
  return source.from === 'literal' ? source.value : null
}
