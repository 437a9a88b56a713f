import type { Knex } from 'knex'
import { tenantStep, type Read, type Write } from './workload.ts'

const states = ['new', 'paid', 'sent', 'done'] as const

/** Creates and fills the tables: tenants, orders that belong to them, and one invoice for each order. */
export async function createOrders(
  knex: Knex,
  { orders, tenants }: { readonly orders: number; readonly tenants: number },
): Promise<void> {
  await knex.schema.createTable('tenants', (table) => {
    table.increments('id')
    table.string('name', 40).notNullable()
  })
  await knex.schema.createTable('orders', (table) => {
    table.increments('id')
    table.integer('tenant_id').unsigned().notNullable().references('tenants.id')
    table.string('state', 10).notNullable()
    table.integer('amount').notNullable()
    table.string('note', 100)
    table.index(['tenant_id', 'id'])
  })
  await knex.schema.createTable('invoices', (table) => {
    table.increments('id')
    table.integer('order_id').unsigned().notNullable().unique().references('orders.id')
    table.integer('total').notNullable()
    table.string('address', 100).notNullable()
  })
  const note = `case when n % 3 = 0 then null else 'Some words about an order' end`
  const tenant = `1 + (n * ${tenantStep}) % ${tenants}`
  await fill(knex, 'tenants', tenants, { name: `'Some tenant'` })
  await fill(knex, 'orders', orders, {
    ...{ tenant_id: tenant, state: `'new'`, amount: 'n % 1000', note },
  })
  await fill(knex, 'invoices', orders, {
    ...{ order_id: 'n', total: 'n % 1000', address: `'Some street, some town'` },
  })
}

/** Rows with the keys from 1 to `count`; the columns are SQL of the key, `n`. */
async function fill(
  knex: Knex,
  table: string,
  count: number,
  columns: Readonly<Record<string, string>>,
): Promise<void> {
  const digits = Array.from({ length: 10 }, (_, digit) => `select ${digit} as d`).join(
    ' union all ',
  )
  const places = [...'abcdefgh'].slice(0, Math.ceil(Math.log10(count)))
  const number = places.map((place, index) => `${place}.d * ${10 ** index}`).join(' + ')
  const numbers = `select 1 + ${number} as n from ${places.map((place) => `(${digits}) ${place}`).join(', ')}`
  await knex.raw(
    `insert into ${table} (id, ${Object.keys(columns).join(', ')})
     select n, ${Object.values(columns).join(', ')} from (${numbers}) numbers where n <= ${count}`,
  )
  // PostgreSQL's sequence has not heard of these keys; the workload counts on the next ones to follow without a gap.
  if (knex.client.driverName === 'pg') {
    await knex.raw(`select setval(pg_get_serial_sequence('${table}', 'id'), ${count})`)
  }
}

/** Opens a builder of a table: of Knex, or of `DB`. */
export type OpenTable = (table: 'orders' | 'invoices') => Knex.QueryBuilder

/** The query of a read. */
export function queryOf(open: OpenTable, read: Read): Knex.QueryBuilder {
  switch (read.kind) {
    case 'order':
      return open('orders').where('id', read.order).select()
    case 'tenant':
      return open('orders').where('tenant_id', read.tenant).orderBy('id', 'desc').limit(20).select()
    case 'join':
      return open('orders')
        .join('invoices', 'invoices.order_id', 'orders.id')
        .where('orders.id', read.order)
        .select('orders.*', 'invoices.total', 'invoices.address')
  }
}

/** The statement of a write. `turn` makes the values differ from what is there. */
export function statementOf(open: OpenTable, write: Write, turn: number): Knex.QueryBuilder {
  switch (write.kind) {
    case 'update':
      return open('orders')
        .where('id', write.order)
        .update({ state: stateOf(turn), amount: turn })
    case 'move':
      return open('orders')
        .where('id', write.order)
        .update({ tenant_id: write.tenants.at(-1) })
    case 'insert':
      return open('orders').insert({
        tenant_id: write.tenants[0],
        state: 'new',
        amount: turn,
        note: null,
      })
    case 'delete':
      return open('orders').where('id', write.order).delete()
    case 'invoice':
      return open('invoices').where('order_id', write.order).update({ total: turn })
    case 'tenant':
      return open('orders').where('tenant_id', write.tenant).update({ amount: turn })
  }
}

function stateOf(number: number): string {
  return states[number % states.length] ?? 'new'
}
