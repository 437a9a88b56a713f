import assert from 'node:assert/strict'
import knexFactory, { type Knex } from 'knex'
import { millrace } from '../../../src/index.ts'
import { configOf } from '../../../test/support/database-config.ts'
import { serveSlices } from '../../slice-server.ts'
import { batchedSlice } from '../../slice.ts'
import type { TablesOrder } from './order.ts'

/** Who is asked. */
interface Opened {
  table(name: string): Knex.QueryBuilder
  /** The query as a cached one, where there is a cache. */
  cached(query: Knex.QueryBuilder): Knex.QueryBuilder
  /** Questions that were no hits so far; always 0 without a cache. */
  loads(): Promise<number>
  close(): Promise<void>
}

const { way, tables } = JSON.parse(process.argv[2] ?? '') as TablesOrder
const rows = 1000
/** The first half is read, the second half is written to. */
const half = rows / 2
const names = Array.from({ length: tables }, (_, place) => `part_${place + 1}`)
const opened = await (way === 'millrace' ? openMillrace() : openKnex())
for (const name of names) await createPart(name)
let loadsBefore = 0

serveSlices({
  kinds: {
    read: (turn) => read(1 + (turn % half)),
    write: (turn) =>
      opened
        .table(names.at(-1) ?? '')
        .where('id', half + 1 + (turn % half))
        .update({ amount: turn }),
  },
  slicerOf: () => batchedSlice,
  acceptOf: (kind) => (answer) => {
    if (kind === 'write' ? answer !== 1 : (answer as readonly unknown[]).length !== 1) {
      throw new Error(`${kind}: another answer came.`)
    }
  },
  // Writes come between slices: what they made invalid is read again before it counts.
  async prepare(kind) {
    if (way === 'knex' || kind === 'write') return
    for (let id = 1; id <= half; id++) await read(id)
    loadsBefore = await opened.loads()
  },
  async inspect(kind) {
    if (kind === 'read') assert.equal(await opened.loads(), loadsBefore, 'a read was no hit')
  },
  close: () => opened.close(),
})

function read(id: number): Knex.QueryBuilder {
  const [first = '', ...others] = names
  const query = opened.cached(opened.table(first))
  for (const name of others) query.join(name, `${name}.id`, `${first}.id`)
  return query.where(`${first}.id`, id).select(`${first}.id`, `${first}.amount`)
}

async function openMillrace(): Promise<Opened> {
  const db = await millrace({
    connection: configOf({ dialect: 'sqlite', connection: { filename: ':memory:' } }),
    buffer: false,
    cache: { ttl: '1d' },
  })
  return {
    table: (name) => db.table(name),
    cached: (query) => query.cache(),
    async loads() {
      const { misses, bypasses } = await db.cache.stats()
      return Object.values(bypasses).reduce((sum, count) => sum + count, misses)
    },
    close: () => db.close(),
  }
}

function openKnex(): Promise<Opened> {
  const knex = knexFactory(configOf({ dialect: 'sqlite', connection: { filename: ':memory:' } }))
  return Promise.resolve({
    table: (name) => knex(name),
    cached: (query) => query,
    loads: () => Promise.resolve(0),
    close: () => knex.destroy(),
  })
}

async function createPart(name: string): Promise<void> {
  const columns = 'id integer primary key, amount integer not null'
  const run = async (sql: string): Promise<unknown> => await opened.table(name).client.raw(sql)
  await run(`create table ${name} (${columns})`)
  await run(
    `insert into ${name} (id, amount)
     with recursive ids(id) as (select 1 union all select id + 1 from ids where id < ${rows})
     select id, id from ids`,
  )
}
