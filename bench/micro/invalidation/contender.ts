import assert from 'node:assert/strict'
import { systemClock } from '../../../src/base/clock.ts'
import { millrace, type StoreFactory } from '../../../src/index.ts'
import { createMemoryStore, type MemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { Fill } from '../../../src/contract/store.ts'
import { configOf } from '../../../test/support/database-config.ts'
import { serveSlices } from '../../slice-server.ts'

/** What a contender is started with. */
export interface InvalidationOrder {
  /** How many entries lie in the cache. */
  readonly entries: number
}

const { entries } = JSON.parse(process.argv[2] ?? '') as InvalidationOrder
const rows = 1000
let store: MemoryStore | undefined
/** What the last query that was stored looks like to the store. */
let lastFill: Fill | undefined

const factory: StoreFactory = {
  kind: 'memory',
  open(bounds) {
    const opened = createMemoryStore({ bounds, clock: systemClock })
    const fill = opened.fill.bind(opened)
    opened.fill = (ticket, one) => {
      lastFill = one
      return fill(ticket, one)
    }
    store = opened
    return opened
  },
}

const db = await millrace({
  connection: configOf({ dialect: 'sqlite', connection: { filename: ':memory:' } }),
  store: factory,
  buffer: false,
  cache: { ttl: '1d', maxEntries: Math.max(entries, 20_000), maxBytes: '8gb' },
})
await db.schema.createTable('orders', (table) => {
  table.increments('id')
  table.integer('amount').notNullable()
})
for (let id = 1; id <= rows; id++) await db['orders'].insert({ id, amount: 0 })
await fillCache()

serveSlices({
  kinds: {
    '20 times mark and settle': (turn) => {
      for (let i = 0; i < 20; i++) markAndSettle(turn * 20 + i)
    },
    'autocommit UPDATE': (turn) => db['orders'].where('id', idOf(turn)).update({ amount: turn }),
  },
  close: () => db.close(),
})

function idOf(turn: number): number {
  return 1 + ((turn * 37) % rows)
}

/** One entry through the whole library; the others are like it, but for other keys and other values of the key column. */
async function fillCache(): Promise<void> {
  await db['orders'].where('id', 1).cache()
  assert.ok(store !== undefined && lastFill !== undefined)
  const model = lastFill
  // Every size has run the store's code often enough to have it compiled for the same uses.
  fillWith(20_000, model)
  store.clear({ kind: 'all' })
  fillWith(entries, model)
  assert.equal(store.stats().entries, entries)
}

function fillWith(count: number, model: Fill): void {
  assert.ok(store !== undefined)
  const { all, any } = model.program
  const value = all.at(-1) ?? 0
  for (let i = 0; i < count; i++) {
    // Odd multipliers leave no slot out; the model's last slot is the tag of its value.
    const slot = 1 + ((value + i * 7919) % (store.authority.slotCount - 1))
    const program = { all: [...all.slice(0, -1), slot], any }
    const request = {
      key: i.toString(16).padStart(64, '0'),
      program,
      watch: 0,
      maxAgeMs: Infinity,
      refresh: false,
    }
    const found = store.lookup(request)
    assert.ok(!(found instanceof Promise) && found.kind === 'miss')
    const fill = { ...model, value: structuredClone(model.value), program }
    assert.ok(store.fill(found.ticket, fill))
  }
}

/** What a committed write by key asks of the authority: the table, its value, and what every write touches. */
function markAndSettle(turn: number): void {
  assert.ok(store !== undefined)
  const { authority } = store
  const slots = [1, 2, 3 + ((turn * 7919) % (authority.slotCount - 4))]
  const mark = authority.mark({ slots, watch: 0, settleDelayMs: 0 })
  assert.ok(!(mark instanceof Promise))
  authority.settle(mark, slots)
}
