import { expect, test } from 'vitest'
import type { Clock } from '../../src/base/clock.ts'
import { coarseTickMs, readsPerTick } from '../../src/base/coarse-clock.ts'
import type { LookupRequest } from '../../src/contract/store.ts'
import { createMemoryStore, type MemoryStore } from '../../src/stores/memory/memory-store.ts'

/** A clock in a process whose event loop is busy: time passes and no timer runs, as while a password is hashed. */
class BusyClock implements Clock {
  time = 1000
  #timers: (() => void)[] = []

  now(): number {
    return this.time
  }

  after(_ms: number, run: () => void): () => void {
    this.#timers.push(run)
    return () => {
      this.#timers = this.#timers.filter((timer) => timer !== run)
    }
  }

  /** The event loop turns. */
  turn(): void {
    const due = this.#timers
    this.#timers = []
    for (const run of due) run()
  }
}

const request: LookupRequest = {
  key: 'key',
  program: { all: [7], any: [] },
  watch: 1,
  maxAgeMs: Infinity,
  refresh: false,
}

function filledStore(clock: Clock, ttlMs: number): MemoryStore {
  const store = createMemoryStore({
    bounds: { maxEntries: 10, maxBytes: 1e6, maxKeysByTable: new Map() },
    clock,
    slotCount: 64,
  })
  const looked = store.lookup(request)
  if (!('kind' in looked) || looked.kind !== 'miss') throw new Error('no ticket')
  const value = { meta: undefined, body: { form: 'value', value: 1 } } as const
  const { program } = request
  store.fill(looked.ticket, { value, bytes: 10, program, tableSlots: [], tables: ['t'], ttlMs })
  return store
}

test.each([
  ['by its own lifetime', 50, Infinity],
  ["by the reader's", Infinity, 50],
])(
  'an entry expires while the event loop is busy, after some reads at the latest: %s',
  async (_, ttlMs, maxAgeMs) => {
    const clock = new BusyClock()
    const store = filledStore(clock, ttlMs)
    expect(store.glance('key', maxAgeMs)).toBeDefined()
    clock.time += 10_000
    let reads = 0
    while (store.glance('key', maxAgeMs) !== undefined && reads < 1000) reads++
    expect(reads).toBeLessThanOrEqual(readsPerTick)
    await store.close()
  },
)

test('an entry lives exactly as long as it may where timers run', async () => {
  const clock = new BusyClock()
  const store = filledStore(clock, 50)
  for (let i = 0; i <= 50; i++) {
    expect(store.glance('key', Infinity)).toBeDefined()
    clock.time += 1
    if (i % coarseTickMs === 0) clock.turn()
  }
  expect(store.glance('key', Infinity)).toBeUndefined()
  await store.close()
})
