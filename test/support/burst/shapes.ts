import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Seeded } from '../seed.ts'
import type { Counts } from './history.ts'
import { groupOf, groupSize, itemCount } from './schema.ts'

/** A query that can be read through a cache. */
export type Query = Knex.QueryBuilder | Knex.Raw

/** One way of reading. */
export interface ReadShape {
  readonly name: string
  readonly only?: Dialect
  /** Makes the query, and what turns its result into counters. */
  make(
    k: Knex,
    seeded: Seeded,
  ): { readonly query: Query; readonly seen: (result: unknown) => Counts }
}

/** One way of writing. */
export interface WriteShape {
  readonly name: string
  readonly only?: Dialect
  /** What it will add to which counters, and the write itself. */
  make(
    k: Knex,
    seeded: Seeded,
  ): { readonly adds: Counts; readonly write: () => PromiseLike<unknown> }
}

type Rows = readonly Record<string, unknown>[]
const n = (value: unknown): number => Number(value)
const anItem = (seeded: Seeded): number => seeded.int(itemCount)
const aGroup = (seeded: Seeded): number => seeded.int(itemCount / groupSize)
const itemsSeen = (rows: Rows): Counts => rows.map(({ id, v }) => [`item:${n(id)}`, n(v)])
const bothSeen = (rows: Rows): Counts =>
  rows.flatMap(({ id, v, n: audited }) => [
    [`item:${n(id)}`, n(v)],
    [`item:${n(id)}`, n(audited)],
  ])
const rowsOf = (result: unknown): Rows =>
  Array.isArray(result) ? (result as Rows) : (result as { rows: Rows }).rows
/** What one more version of items adds. */
const adds = (...items: readonly number[]): Counts =>
  items.flatMap((id): Counts => [
    [`item:${id}`, 1],
    [`group:${groupOf(id)}`, 1],
  ])

export const readShapes: readonly ReadShape[] = [
  {
    name: 'by key',
    make(k, seeded) {
      const id = anItem(seeded)
      return {
        query: k('items').where({ id }).first('id', 'v'),
        seen: (row) => itemsSeen([row as Rows[number]]),
      }
    },
  },
  {
    name: 'list',
    make(k, seeded) {
      const query = k('items')
        .where({ grp: aGroup(seeded) })
        .orderBy('id')
      return { query, seen: (rows) => itemsSeen(rows as Rows) }
    },
  },
  {
    name: 'pluck',
    make(k, seeded) {
      const id = anItem(seeded)
      return {
        query: k('items').where({ id }).pluck('v'),
        seen: (values) => [[`item:${id}`, n((values as number[])[0])]],
      }
    },
  },
  {
    name: 'aggregate',
    make(k, seeded) {
      const grp = aGroup(seeded)
      return {
        query: k('items').where({ grp }).sum({ total: 'v' }).first(),
        seen: (row) => [[`group:${grp}`, n((row as Rows[number])['total'])]],
      }
    },
  },
  {
    name: 'join',
    make(k, seeded) {
      const query = k('items')
        .join('audit', 'audit.item_id', 'items.id')
        .where('items.grp', aGroup(seeded))
        .select('items.id', 'items.v', 'audit.n')
      return { query, seen: (rows) => bothSeen(rows as Rows) }
    },
  },
  {
    name: 'view',
    make(k, seeded) {
      const query = k('item_view').where({ grp: aGroup(seeded) })
      return { query, seen: (rows) => bothSeen(rows as Rows) }
    },
  },
  {
    name: 'written by a trigger',
    make(k, seeded) {
      const id = anItem(seeded)
      return {
        query: k('audit').where({ item_id: id }).select('n'),
        seen: (rows) => [[`item:${id}`, n((rows as Rows)[0]?.['n'])]],
      }
    },
  },
  {
    name: 'raw',
    make(k, seeded) {
      const query = k.raw('select id, v from items where id = ?', [anItem(seeded)])
      return { query, seen: (result) => itemsSeen(rowsOf(result)) }
    },
  },
  {
    name: 'CTE and subquery',
    make(k, seeded) {
      const query = k
        .with('some', k('items').where({ grp: aGroup(seeded) }))
        .from('some')
        .whereIn('id', k('audit').select('item_id'))
        .select('id', 'v')
      return { query, seen: (rows) => itemsSeen(rows as Rows) }
    },
  },
  {
    name: 'count',
    make(k) {
      return {
        query: k('log').count({ total: '*' }).first(),
        seen: (row) => [['log', n((row as Rows[number])['total'])]],
      }
    },
  },
  {
    name: 'a query that takes its time',
    only: 'postgres',
    make(k, seeded) {
      const query = k('items')
        .where({ id: anItem(seeded) })
        .select('id', 'v', k.raw('nap(id)'))
      return { query, seen: (rows) => itemsSeen(rows as Rows) }
    },
  },
]

/** Added by what is rolled back: a read that shows it is over any bound. */
const dirt = 100_000

export const writeShapes: readonly WriteShape[] = [
  {
    name: 'increment',
    make(k, seeded) {
      const id = anItem(seeded)
      return { adds: adds(id), write: () => k('items').where({ id }).increment('v', 1) }
    },
  },
  {
    name: 'update',
    make(k, seeded) {
      const id = anItem(seeded)
      return {
        adds: adds(id),
        write: () =>
          k('items')
            .where({ id })
            .update({ v: k.raw('v + 1') }),
      }
    },
  },
  {
    name: 'raw',
    make(k, seeded) {
      const id = anItem(seeded)
      return {
        adds: adds(id),
        write: () => k.raw('update items set v = v + 1 where id = ?', [id]),
      }
    },
  },
  {
    name: 'upsert',
    make(k, seeded) {
      const id = anItem(seeded)
      const row = { id, grp: groupOf(id), v: 0 }
      return {
        adds: adds(id),
        write: () =>
          k('items')
            .insert(row)
            .onConflict('id')
            .merge({ v: k.raw('items.v + 1') }),
      }
    },
  },
  {
    name: 'insert',
    make(k, seeded) {
      const row = { item_id: anItem(seeded) }
      return { adds: [['log', 1]], write: () => k('log').insert(row) }
    },
  },
  {
    name: 'batch insert',
    make(k, seeded) {
      const row = { item_id: anItem(seeded) }
      return { adds: [['log', 3]], write: () => k.batchInsert('log', [row, row, row], 2) }
    },
  },
  {
    name: 'transaction',
    make(k, seeded) {
      const [a, b] = twoItems(seeded)
      const write = async (trx: Knex.Transaction): Promise<void> => {
        await trx('items').where({ id: a }).increment('v', 1)
        await k('log').transacting(trx).insert({ item_id: a })
        await trx.raw('update items set v = v + 1 where id = ?', [b])
      }
      return { adds: [...adds(a, b), ['log', 1]], write: () => k.transaction(write) }
    },
  },
  {
    name: 'savepoint rolled back',
    make(k, seeded) {
      const [a, b] = twoItems(seeded)
      const write = async (trx: Knex.Transaction): Promise<void> => {
        await trx('items').where({ id: a }).increment('v', 1)
        const inner = await trx.transaction()
        await inner('items').where({ id: b }).increment('v', dirt)
        await inner.rollback()
      }
      return { adds: adds(a), write: () => k.transaction(write) }
    },
  },
  {
    name: 'transaction rolled back',
    make(k, seeded) {
      const [a, b] = twoItems(seeded)
      const write = async (): Promise<void> => {
        const trx = await k.transaction()
        await trx('items').where({ id: a }).increment('v', dirt)
        await trx('items').where({ id: b }).increment('v', dirt)
        await trx('log').insert({ item_id: a })
        await trx.rollback()
      }
      return { adds: [], write }
    },
  },
  {
    name: 'refused',
    make(k, seeded) {
      const row = { id: anItem(seeded), grp: 0, v: dirt }
      const write = (): Promise<unknown> =>
        k('items')
          .insert(row)
          .then(
            () => {
              throw new Error('A row with a key that is there was accepted.')
            },
            () => undefined,
          )
      return { adds: [], write }
    },
  },
  {
    name: 'CTE that writes',
    only: 'postgres',
    make(k, seeded) {
      const id = anItem(seeded)
      const sql =
        'with changed as (update items set v = v + 1 where id = ? returning id, v) select * from changed'
      return { adds: adds(id), write: () => k.raw(sql, [id]) }
    },
  },
  {
    name: 'function that writes',
    only: 'postgres',
    make(k, seeded) {
      const id = anItem(seeded)
      return { adds: adds(id), write: () => k.raw('select bump_item(?)', [id]) }
    },
  },
]

/** Two items in ascending order: transactions that lock in one order never block each other for good. */
function twoItems(seeded: Seeded): readonly [number, number] {
  const a = seeded.int(itemCount - 1)
  return [a, a + 1 + seeded.int(itemCount - 1 - a)]
}
