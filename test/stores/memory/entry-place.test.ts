import { expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import type { EntryPlace, LookupRequest, StoredValue } from '../../../src/contract/store.ts'
import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { MemoryStore } from '../../../src/stores/memory/memory-store.ts'

const request: LookupRequest = {
  key: 'key',
  program: { all: [7], any: [] },
  watch: 1,
  maxAgeMs: Infinity,
  refresh: true,
}

function openStore(): MemoryStore {
  return createMemoryStore({
    bounds: { maxEntries: 10, maxBytes: 1e6, maxKeysByTable: new Map() },
    clock: systemClock,
    slotCount: 64,
  })
}

/** Fills the key anew, in place of what is there. */
async function fill(store: MemoryStore, value: unknown): Promise<StoredValue> {
  const looked = await store.lookup(request)
  if (looked.kind !== 'miss') throw new Error('no ticket')
  const stored: StoredValue = { meta: undefined, body: { form: 'value', value } }
  const { program } = request
  const rest = { bytes: 10, program, tableSlots: [], tables: ['t'], ttlMs: Infinity }
  store.fill(looked.ticket, { value: stored, ...rest })
  return stored
}

test('a bookmark of an entry that was replaced finds the new one', async () => {
  const store = openStore()
  const place: EntryPlace = { entry: undefined }
  for (const value of ['first', 'second', 'third']) {
    const stored = await fill(store, value)
    expect(store.glance('key', Infinity, place)?.value).toBe(stored)
    expect(store.glance('key', Infinity, place)?.value).toBe(stored)
  }
  await store.close()
})

test.each([
  ['invalidated', (store: MemoryStore) => store.authority.bump([7])],
  ['cleared', (store: MemoryStore) => store.clear({ kind: 'all' })],
  ['cleared by table', (store: MemoryStore) => store.clear({ kind: 'tables', tables: ['t'] })],
])('a bookmark of an entry that was %s finds nothing, and holds no result', async (_, end) => {
  const store = openStore()
  const place: EntryPlace = { entry: undefined }
  const stored = await fill(store, 'result')
  store.glance('key', Infinity, place)
  const bookmarked = place.entry as { readonly hit: { readonly value: unknown } }
  expect(bookmarked.hit.value).toBe(stored)
  end(store)
  expect(store.glance('key', Infinity, place)).toBeUndefined()
  await fill(store, 'another') // the old one is gone from the store at the latest now
  expect(bookmarked.hit.value).not.toBe(stored)
  await store.close()
})
