import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'

/** Rows of `items`: few, so that readers and writers meet on them. */
export const itemCount = 6
/** Rows of one group. */
export const groupSize = 3

export function groupOf(item: number): number {
  return Math.floor(item / groupSize)
}

/**
 * `items` with a version each, `audit` that a trigger keeps equal to it, `log` that only grows, a view over the first two. On
 * PostgreSQL the triggers take their time: one after each update, one at COMMIT.
 */
export async function createBurstSchema(k: Knex, dialect: Dialect): Promise<void> {
  await k.schema.createTable('items', (table) => {
    table.integer('id').primary()
    table.integer('grp').notNullable()
    table.integer('v').notNullable().defaultTo(0)
  })
  await k.schema.createTable('audit', (table) => {
    table.integer('item_id').primary()
    table.integer('n').notNullable().defaultTo(0)
  })
  await k.schema.createTable('log', (table) => {
    table.increments('id')
    table.integer('item_id').notNullable()
  })
  await k.raw(
    'create view item_view as select i.id, i.grp, i.v, a.n from items i join audit a on a.item_id = i.id',
  )
  const ids = Array.from({ length: itemCount }, (_, id) => id)
  await k('items').insert(ids.map((id) => ({ id, grp: groupOf(id), v: 0 })))
  await k('audit').insert(ids.map((id) => ({ item_id: id, n: 0 })))
  for (const statement of triggersOf(dialect)) await k.raw(statement)
}

function triggersOf(dialect: Dialect): string[] {
  const body = 'update audit set n = new.v where item_id = new.id'
  if (dialect !== 'postgres') {
    return [`create trigger audit_items after update on items for each row begin ${body}; end`]
  }
  const define = (name: string, work: string): string =>
    `create function ${name}() returns trigger language plpgsql as $$ begin ${work}; return null; end $$`
  return [
    define('audit_item', `perform pg_sleep(random() * 0.002); ${body}`),
    define('slow_commit', 'perform pg_sleep(random() * 0.008)'),
    'create trigger audit_items after update on items for each row execute function audit_item()',
    `create constraint trigger slow_commit after update on items deferrable initially deferred
       for each row when (new.v % 3 = 0) execute function slow_commit()`,
    `create function bump_item(which integer) returns integer language sql as
       $$ update items set v = v + 1 where id = which returning v $$`,
    `create function nap(value integer) returns integer stable language plpgsql as
       $$ begin perform pg_sleep(random() * 0.004); return value; end $$`,
  ]
}
