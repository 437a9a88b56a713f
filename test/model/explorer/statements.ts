import type { Footprint, StatementFootprint } from '../../../src/contract/footprint.ts'
import type { AnswerPlan, KeyColumn, RowChange, RowFilter } from '../../../src/contract/rows.ts'
import type { Catalog, Effect } from './effect.ts'

/** A statement of the model: what it does, and what the analyser would say that it does. */
export interface Statement {
  readonly text: string
  readonly bindings: readonly unknown[]
  readonly effect: Effect
  /** By the catalog at hand, which may be an old one. */
  footprint(catalog: Catalog): Footprint
}

/** A statement that only reads. */
export interface Query extends Statement {
  readonly effect: Effect & { readonly do: 'select' }
}

const plain: StatementFootprint = {
  verb: 'select',
  reads: new Set(),
  writes: new Set(),
  control: undefined,
  changesSchema: false,
  commitsImplicitly: false,
  locks: false,
  volatile: false,
  selects: false,
  altersSession: false,
  uses: [],
  changes: [],
  answer: undefined,
}

const canonical = (value: unknown): string => String(value)
const id: KeyColumn = { name: 'id', canonical }
const tenant: KeyColumn = { name: 'tenant', canonical }

/** Every table has two key columns; the row with id 1 belongs to tenant 10 and so on. */
const tenantOf = (row: number): number => row * 10

const rowName = (table: string, row: number): string => `${table}.${row}`

/** The result of a trigger or of a foreign key lives in the table before the dot. */
function tableOf(row: string): string {
  return row.slice(0, row.indexOf('.'))
}

function query(
  text: string,
  table: string,
  rows: readonly number[],
  filter: RowFilter | undefined,
  bindings: readonly unknown[],
): Query {
  const footprint: Footprint = [
    {
      ...plain,
      reads: new Set([table]),
      selects: true,
      uses: filter === undefined ? [] : [{ table, filter }],
    },
  ]
  return {
    text,
    bindings,
    effect: { do: 'select', rows: rows.map((row) => rowName(table, row)) },
    footprint: () => footprint,
  }
}

const bound = (column: KeyColumn, index: number): RowFilter => ({
  op: 'equals',
  column,
  values: [{ from: 'binding', index }],
})

/** `select v from t where id = ?` */
export function byId(table: string, row: number): Query {
  return query(`${table} id=${row}`, table, [row], bound(id, 0), [row])
}

/** `select v from t where tenant = ?` */
export function byTenant(table: string, row: number): Query {
  return query(`${table} tenant=${tenantOf(row)}`, table, [row], bound(tenant, 0), [tenantOf(row)])
}

/** `select v from t where id = ? and tenant = ?` */
export function byBoth(table: string, row: number): Query {
  const filter: RowFilter = { op: 'and', of: [bound(id, 0), bound(tenant, 1)] }
  return query(`${table} id=${row} and tenant`, table, [row], filter, [row, tenantOf(row)])
}

/** `select v from t` */
export function all(table: string, rows: readonly number[]): Query {
  return query(`${table} all`, table, rows, undefined, [])
}

/** `select v from view` */
export function byView(view: string): Query {
  return {
    text: view,
    bindings: [],
    effect: { do: 'select', rows: [view] },
    footprint: ({ views }) => {
      const row = views.get(view)
      return [
        {
          ...plain,
          reads: row === undefined ? 'everything' : new Set([tableOf(row)]),
          selects: true,
        },
      ]
    },
  }
}

interface WriteOptions {
  /** The database refuses it; see {@link Effect}. */
  readonly refused?: 'whole' | 'part' | 'transaction'
}

function write(
  text: string,
  table: string,
  rows: readonly number[],
  bindings: readonly unknown[],
  change: RowChange | undefined,
  told: readonly unknown[] | undefined,
  options: WriteOptions,
): Statement {
  const plan: AnswerPlan = {
    kind: 'returning',
    at: 0,
    clause: '',
    columns: ['_'],
    extendsOwn: false,
    bounded: true,
  }
  const written: StatementFootprint = {
    ...plain,
    verb: 'update',
    writes: new Set([table]),
    changes: change === undefined ? [] : [change],
    answer: told === undefined ? undefined : plan,
  }
  const effect: Effect = {
    do: 'write',
    table,
    rows: rows.map((row) => rowName(table, row)),
    ...(told === undefined ? {} : { answer: [told] }),
    ...options,
  }
  return {
    text,
    bindings,
    effect,
    footprint: ({ triggers }) => {
      const triggered = triggers.get(table)
      if (triggered === undefined) return [written]
      return [{ ...written, writes: new Set([table, tableOf(triggered)]) }]
    },
  }
}

/** A row is changed whose id is bound; nothing tells the tenant. */
export function changeOfRow(table: string): RowChange {
  return {
    table,
    columns: [
      { column: id, values: [{ from: 'binding', index: 0 }], rest: undefined },
      { column: tenant, values: [], rest: 'unknown' },
    ],
  }
}

/** `update t set v = ... where id = ?` */
export function updateById(table: string, row: number, options: WriteOptions = {}): Statement {
  const text = `update ${table} where id=${row}`
  return write(text, table, [row], [row], changeOfRow(table), undefined, options)
}

/** `update t set v = ... where tenant = ? returning id`: which ids is known from the answer. */
export function updateByTenant(table: string, row: number, options: WriteOptions = {}): Statement {
  const change: RowChange = {
    table,
    columns: [
      { column: id, values: [], rest: 0 },
      { column: tenant, values: [{ from: 'binding', index: 0 }], rest: undefined },
    ],
  }
  const text = `update ${table} where tenant=${tenantOf(row)} returning id`
  return write(text, table, [row], [tenantOf(row)], change, [row], options)
}

/** `update t set v = ... where w > 3 returning id`: which rows is known from the answer alone. */
export function updateFound(
  table: string,
  rows: readonly number[],
  options: WriteOptions = {},
): Statement {
  const change: RowChange = {
    table,
    columns: [
      { column: id, values: [], rest: 0 },
      { column: tenant, values: [], rest: 'unknown' },
    ],
  }
  const text = `update ${table} found, returning id`
  return write(text, table, rows, [], change, rows, options)
}

/** `update t set v = ...`: which rows nobody tells. */
export function updateUnknown(
  table: string,
  rows: readonly number[],
  options: WriteOptions = {},
): Statement {
  return write(`update ${table}`, table, rows, [], undefined, undefined, options)
}

/** `create trigger`: from now on each write to `from` changes a row of another table. */
export function createTrigger(from: string, row: string): Statement {
  const footprint: Footprint = [{ ...plain, verb: 'create', changesSchema: true }]
  return {
    text: `create trigger on ${from}`,
    bindings: [],
    effect: { do: 'trigger', from, row },
    footprint: () => footprint,
  }
}

/** `create or replace view` */
export function defineView(name: string, row: string): Statement {
  const footprint: Footprint = [{ ...plain, verb: 'create', changesSchema: true }]
  return {
    text: `view ${name} of ${row}`,
    bindings: [],
    effect: { do: 'view', name, row },
    footprint: () => footprint,
  }
}

function control(effect: Effect, op: NonNullable<StatementFootprint['control']>): Statement {
  const footprint: Footprint = [{ ...plain, verb: op.op, control: op }]
  return { text: op.op, bindings: [], effect, footprint: () => footprint }
}

/** `begin`; with a snapshot, at REPEATABLE READ. */
export function begin(snapshot = false): Statement {
  return control({ do: 'begin', snapshot }, { op: 'begin' })
}

export const commit: Statement = control({ do: 'commit' }, { op: 'commit', chain: false })
export const rollback: Statement = control({ do: 'rollback' }, { op: 'rollback', chain: false })

/** `savepoint s` */
export function savepoint(name = 's'): Statement {
  return control({ do: 'savepoint', name }, { op: 'savepoint', name })
}

/** `release savepoint s` */
export function release(name = 's'): Statement {
  return control({ do: 'release', name }, { op: 'release', name })
}

/** `rollback to savepoint s` */
export function rollbackTo(name = 's'): Statement {
  return control({ do: 'rollback-to', name }, { op: 'rollback-to', name })
}
