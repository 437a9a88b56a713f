import { expect, test } from 'vitest'
import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import { allOf, oneOf, put } from '../../../src/testing/conformance/rig.ts'
import { FakeClock } from '../../../src/testing/fake-clock.ts'

const bounds = { maxEntries: 1e6, maxBytes: 1e9, maxKeysByTable: new Map<string, number>() }
const rows = 20_000

test('20,000 dead entries of row programs leave in the background, and so do their index sets', async () => {
  const clock = new FakeClock()
  const store = createMemoryStore({ bounds, clock, slotCount: 2 ** 16 })
  for (let row = 0; row < rows; row++) {
    const [a, b] = [allOf(4, 100 + row), allOf(5, 100 + rows + row)]
    const program = row % 2 === 0 ? oneOf([0, 1, 3], a, b) : allOf(0, 1, 3, ...a.all)
    await put(store, `row ${String(row)}`, row, { program, tables: ['t', `t${String(row % 5)}`] })
  }
  expect(store.stats()).toMatchObject({ entries: rows, tables: { t: rows, t0: rows / 5 } })
  for (let row = 0; row < rows; row++) {
    store.authority.bump([2, 100 + row])
    if (row % 4 === 0) store.authority.bump([2, 100 + rows + row])
  }
  // From here on nobody asks, fills or writes: only time passes. Half of those with alternatives have lost only one.
  clock.advance(60_000)
  const left = rows / 4
  expect(store.stats()).toMatchObject({ entries: left, tables: { t: left, t0: left / 5 } })
  for (let row = 2; row < rows; row += 4) store.authority.bump([2, 100 + rows + row])
  clock.advance(60_000)
  expect(store.stats()).toMatchObject({ entries: 0, bytes: 0, evictions: 0, expirations: 0 })
  expect(store.stats().tables).toEqual({})
  expect(clock.timers).toBe(0)
})
