import assert from 'node:assert/strict'
import { millrace } from '../../../src/index.ts'
import { configOf } from '../../../test/support/database-config.ts'
import { batchedSlice } from '../../slice.ts'
import { serveSlices } from '../../slice-server.ts'
import type { EntriesOrder } from './order.ts'

/** A cache that is filled by its own reads, then asked for what it has. */
interface Filled {
  ask(id: number): PromiseLike<readonly Item[]>
  /** Questions that were no hits so far. */
  loads(): Promise<number>
  close(): Promise<void>
}

interface Item {
  readonly id: number
  readonly title: string
}

const { way, entries } = JSON.parse(process.argv[2] ?? '') as EntriesOrder
const asked = 500
const filled = way === 'millrace' ? await openMillrace() : openMap()
for (let id = 1; id <= entries; id++) await filled.ask(id)
const loads = await filled.loads()
assert.equal(loads, entries)

serveSlices({
  kinds: {
    some: (turn) => filled.ask(1 + (turn % asked) * (entries / asked)),
    // Odd and not divisible by five, so that every entry has its turn.
    all: (turn) => filled.ask(1 + ((turn * 379_721) % entries)),
  },
  slicerOf: () => batchedSlice,
  acceptOf: () => (answer) => {
    const [item] = answer as readonly Item[]
    if (item?.title !== 'an item') throw new Error('Another answer came.')
  },
  inspect: async () => assert.equal(await filled.loads(), loads, 'a question was no hit'),
  close: () => filled.close(),
})

async function openMillrace(): Promise<Filled> {
  const db = await millrace<{ items: Item }>({
    connection: configOf({ dialect: 'sqlite', connection: { filename: ':memory:' } }),
    buffer: false,
    cache: { ttl: '1d', maxEntries: Math.max(entries, 10_000), maxBytes: '8gb' },
  })
  await db.schema.createTable('items', (table) => {
    table.integer('id').primary()
    table.text('title').notNullable()
  })
  await db.knex.raw(
    `insert into items (id, title)
     with recursive ids(id) as (select 1 union all select id + 1 from ids where id < ${entries})
     select id, 'an item' from ids`,
  )
  return {
    ask: (id) => db.items.cache().where('id', id).select('id', 'title'),
    async loads() {
      const { misses, bypasses, evictions } = await db.cache.stats()
      assert.equal(evictions, 0)
      return Object.values(bypasses).reduce((sum, count) => sum + count, misses)
    },
    close: () => db.close(),
  }
}

function openMap(): Filled {
  const answers = new Map<string, Promise<readonly Item[]>>()
  let loads = 0
  return {
    ask(id) {
      const key = `items:${id}`
      const known = answers.get(key)
      if (known !== undefined) return known
      loads += 1
      const answer = Promise.resolve([{ id, title: ['an', 'item'].join(' ') }])
      answers.set(key, answer)
      return answer
    },
    loads: () => Promise.resolve(loads),
    close: () => Promise.resolve(),
  }
}
