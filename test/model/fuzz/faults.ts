import type { Footprint, StatementFootprint } from '../../../src/contract/footprint.ts'
import type {
  ColumnImage,
  KeyColumn,
  RowChange,
  RowFilter,
  TableUse,
} from '../../../src/contract/rows.ts'
import { StatementAnalyser } from '../../../src/sql/analyser.ts'

/** What a fault may ask beside the footprint that it spoils. */
interface Question {
  readonly sql: string
  /** What the same analyser says of another text. */
  ask(sql: string): StatementFootprint | undefined
  /** The key columns of a table. */
  keys(table: string): readonly KeyColumn[]
}

/** A rule of row predicates, forgotten: turns what is right into what would then be said. */
export type Fault = (right: StatementFootprint, question: Question) => StatementFootprint

/** Runs something while every analyser of this process has a fault. */
export async function withFault<T>(fault: Fault, run: () => Promise<T>): Promise<T> {
  const right = Object.getOwnPropertyDescriptor(StatementAnalyser.prototype, 'footprint')
  if (right === undefined) throw new Error('The analyser has no footprint().')
  const footprint = StatementAnalyser.prototype.footprint
  // Whoever keeps something by footprint must find it again.
  const known = new WeakMap<Footprint, Footprint>()
  const wrong = function (this: StatementAnalyser, sql: string): Footprint {
    const all = footprint.call(this, sql)
    let spoilt = known.get(all)
    if (spoilt === undefined) {
      const question: Question = {
        sql,
        ask: (other) => footprint.call(this, other)[0],
        keys: (table) => [...this.catalog.keyColumns(table).values()],
      }
      spoilt = all.map((statement) => fault(statement, question))
      known.set(all, spoilt)
    }
    return spoilt
  }
  Object.defineProperty(StatementAnalyser.prototype, 'footprint', { ...right, value: wrong })
  try {
    return await run()
  } finally {
    Object.defineProperty(StatementAnalyser.prototype, 'footprint', right)
  }
}

const none: RowFilter = { op: 'none' }

function mapFilter(filter: RowFilter, change: (filter: RowFilter) => RowFilter): RowFilter {
  if (filter.op !== 'and' && filter.op !== 'or') return change(filter)
  return change({ ...filter, of: filter.of.map((part) => mapFilter(part, change)) })
}

/** A fault of what queries depend on. */
const reading =
  (
    change: (
      uses: readonly TableUse[],
      right: StatementFootprint,
      question: Question,
    ) => readonly TableUse[],
  ): Fault =>
  (right, question) =>
    right.selects && right.reads !== 'everything'
      ? { ...right, uses: change(right.uses, right, question) }
      : right

/** A fault of what is known of written rows. */
const writing =
  (change: (image: ColumnImage, right: StatementFootprint) => ColumnImage): Fault =>
  (right) => ({
    ...right,
    changes: right.changes.map((each) => ({
      ...each,
      columns: each.columns.map((image) => change(image, right)),
    })),
  })

/** A fault of the canonical form. */
const spelling =
  (canonical: (value: unknown, right: string | undefined) => string | undefined): Fault =>
  (right) => {
    const column = (it: KeyColumn): KeyColumn => ({
      name: it.name,
      canonical: (value) => canonical(value, it.canonical(value)),
    })
    return {
      ...right,
      uses: right.uses.map((use) => ({
        ...use,
        filter: mapFilter(use.filter, (part) =>
          'column' in part ? { ...part, column: column(part.column) } : part,
        ),
      })),
      changes: right.changes.map((change) => ({
        ...change,
        columns: change.columns.map((image) => ({ ...image, column: column(image.column) })),
      })),
    }
  }

/** Reads the query as if its text were another; what both depend on is restricted as the other one says. */
const misreading = (other: (sql: string) => string): Fault =>
  reading((uses, right, { sql, ask }) => {
    const text = other(sql)
    const wrong = text === sql ? undefined : ask(text)
    if (wrong === undefined || wrong.reads === 'everything' || right.reads === 'everything')
      return uses
    const { reads } = wrong
    const lost = [...right.reads].filter((table) => !reads.has(table))
    return [...wrong.uses, ...lost.map((table) => ({ table, filter: none }))]
  })

/** The rows of tables that the statement does not name are taken for untouched. */
function named(right: StatementFootprint, { sql, keys }: Question): readonly RowChange[] {
  if (right.writes === 'everything') return right.changes
  const target =
    /^\W*(?:insert|update|delete|replace)\s+(?:into\s+|from\s+)?[`"[]?([^`"\]]+?)[`"\]]?(?:\s|$)/i.exec(
      sql,
    )
  const direct = target?.[1]?.toLowerCase()
  if (direct === undefined || !right.writes.has(direct)) return right.changes
  const behind = [...right.writes].filter((table) => table !== direct && keys(table).length > 0)
  const untouched = behind.map((table) => ({ table, columns: keys(table).map(nothingOf) }))
  return [...right.changes.filter(({ table }) => table === direct), ...untouched]
}

const nothingOf = (column: KeyColumn): ColumnImage => ({ column, values: [], rest: undefined })

/** Every fault by name, which says what is forgotten. */
export const faults: Readonly<Record<string, Fault>> = {
  'OR needs both sides': reading((uses) =>
    uses.map((use) => ({
      ...use,
      filter: mapFilter(use.filter, (part) =>
        part.op === 'or' ? { op: 'and', of: part.of } : part,
      ),
    })),
  ),
  'IN needs its first value': reading((uses) =>
    uses.map((use) => ({
      ...use,
      filter: mapFilter(use.filter, (part) =>
        part.op === 'equals' ? { ...part, values: part.values.slice(0, 1) } : part,
      ),
    })),
  ),
  'outer joins are inner ones': misreading((sql) =>
    sql.replaceAll(/\b(?:left|right|full)(?: outer)? join\b/gi, 'inner join'),
  ),
  'NOT is nothing': misreading((sql) =>
    sql.replaceAll(/\bnot (\(|in\b|exists\b|between\b)/gi, '$1').replaceAll(/ (?:<>|!=) /g, ' = '),
  ),
  'OR is AND': misreading((sql) => sql.replaceAll(/\bor\b/gi, 'and')),
  'HAVING restricts': misreading((sql) =>
    sql.replace(
      /^(.*?)(?: where (.*))?( group by .*?)? having (.*?)$/is,
      (_, start: string, where: string | undefined, group: string | undefined, having: string) => {
        const rows = having.replaceAll(/\b(?:max|min)\(([^()]*)\)/gi, '$1')
        return `${start} where ${where === undefined ? '' : `(${where}) and `}(${rows})${group ?? ''}`
      },
    ),
  ),
  'only the first part of a union is read': misreading((sql) =>
    sql.replace(/ (?:union|except|intersect) .*$/is, ''),
  ),
  'subqueries are not read': reading((uses, right, { sql, ask }) => {
    const outside = ask(withoutSubqueries(sql))
    if (outside === undefined || outside.reads === 'everything' || right.reads === 'everything')
      return uses
    const { reads } = outside
    const inside = [...right.reads].filter((table) => !reads.has(table))
    return [
      ...uses.filter(({ table }) => reads.has(table)),
      ...inside.map((table) => ({ table, filter: none })),
    ]
  }),
  'letters have their case': spelling((value, right) =>
    typeof value === 'string' && right !== undefined ? `${right} ${value.trim()}` : right,
  ),
  'blanks at the end count': spelling((value, right) =>
    typeof value === 'string' && right !== undefined ? `${right} ${value.length}` : right,
  ),
  'a text is no number': spelling((value, right) =>
    right === undefined ? right : `${typeof value} ${right}`,
  ),
  'every value has a form': spelling((value, right) => right ?? String(value).toLowerCase()),
  'old values do not matter': writing((image, { verb }) =>
    verb !== 'update'
      ? image
      : {
          ...image,
          values: image.values.slice(-1),
          rest: image.rest === 'unknown' ? undefined : image.rest,
        },
  ),
  'what is known is all': writing((image) => ({ ...image, rest: undefined })),
  'what the database tells is not asked': writing((image) =>
    typeof image.rest === 'number' ? { ...image, rest: undefined } : image,
  ),
  'a default is NULL': writing((image, { verb }) =>
    verb === 'insert' && typeof image.rest === 'number'
      ? { ...image, values: [...image.values, { from: 'null' }], rest: undefined }
      : image,
  ),
  'NULL is no value': writing((image) => ({
    ...image,
    values: image.values.filter(({ from }) => from !== 'null'),
  })),
  'only named tables are written': (right, question) => ({
    ...right,
    changes: named(right, question),
  }),
  'unknown rows are none': (right, { keys }) => ({
    ...right,
    changes:
      right.writes === 'everything'
        ? right.changes
        : Array.from(
            right.writes,
            (table) =>
              right.changes.find((change) => change.table === table) ?? {
                table,
                columns: keys(table).map(nothingOf),
              },
          ).filter(({ columns }) => columns.length > 0),
  }),
}

/** The text with another text of the same places for what stands in parentheses after SELECT. */
function withoutSubqueries(sql: string): string {
  let text = sql
  for (let before = ''; before !== text;) {
    before = text
    text = text
      .replace(/\(select [^()]*\)/gi, '(1)')
      .replace(/(?<=\(select [^()]*)\([^()]*\)/gi, ' 1 ')
  }
  return text
}
