import assert from 'node:assert/strict'
import type { LookupRequest, MissCause, StoreStats } from '../../contract/store.ts'
import { allOf, ask, assertHit, assertMiss, fewTurns, put, result, ticketOf } from './rig.ts'
import type { Scenario } from './rig.ts'

const nothing = { entries: 0, bytes: 0, tables: {} }

/** How long entries are kept, how many, and that nothing of them is left behind. */
export function keeping(scenario: Scenario): void {
  scenario(
    'an entry expires after its TTL and is counted',
    async ({ first, second, clock, rig }) => {
      await put(first, 'k', 1, { ttlMs: 1000 })
      clock.advance(1000)
      assertHit(await second.lookup(ask('k')), 1, rig.codec)
      clock.advance(1)
      await assertMiss(second, ask('k'))
      assert.equal((await first.stats()).expirations, 1)
    },
  )

  scenario(
    'a reader may ask for a younger result than the entry, which stays for others',
    async ({ first, second, clock, rig }) => {
      await put(first, 'k', 1)
      clock.advance(500)
      assertHit(await second.lookup(ask('k', { maxAgeMs: 500 })), 1, rig.codec)
      clock.advance(1)
      await assertMiss(second, ask('k', { maxAgeMs: 500 }))
      assertHit(await second.lookup(ask('k', { maxAgeMs: 501 })), 1, rig.codec)
    },
  )

  scenario('a miss tells why', async ({ first, second, clock }) => {
    const missIs = async (cause: MissCause, change: Partial<LookupRequest> = {}): Promise<void> => {
      await assertMiss(second, ask('k', change), cause)
      await fewTurns() // until the ticket is back
    }
    await missIs('absent')
    await put(first, 'k', 1, { ttlMs: 1000 })
    await missIs('refresh', { refresh: true })
    clock.advance(500)
    await missIs('expired', { maxAgeMs: 499 })
    clock.advance(501)
    await missIs('expired')
    await missIs('absent')
    await put(first, 'k', 2)
    await second.authority.bump([5])
    await missIs('invalidated')
    await put(first, 'k', 3)
    await first.clear({ kind: 'all' })
    await missIs('refresh', { refresh: true })
    await missIs('absent')
  })

  scenario('an entry without TTL never expires', async ({ first, clock, rig }) => {
    await put(first, 'k', 1, { ttlMs: Infinity })
    clock.advance(1e7)
    assertHit(await first.lookup(ask('k')), 1, rig.codec)
  })

  scenario('entries that nobody asks for again leave by themselves', async ({ first, clock }) => {
    for (let i = 0; i < 50; i++) await put(first, `expires ${i}`, i, { ttlMs: 1000, tables: ['a'] })
    for (let i = 0; i < 50; i++)
      await put(first, `dies ${i}`, i, { program: allOf(0, 1, 6), tables: ['b'] })
    await first.authority.bump([6])
    clock.advance(60_000)
    assertNothing(await first.stats())
    assert.equal((await first.stats()).expirations, 50)
  })

  scenario(
    'maxEntries evicts what was not read lately',
    async ({ first, second, rig }) => {
      for (let i = 0; i < 4; i++) await put(first, `k${i}`, i)
      for (const i of [0, 1, 3]) assertHit(await second.lookup(ask(`k${i}`)), i, rig.codec)
      await put(first, 'k4', 4)
      await assertMiss(first, ask('k2'))
      for (const i of [0, 1, 3, 4]) assertHit(await second.lookup(ask(`k${i}`)), i, rig.codec)
      const stats = await second.stats()
      assert.equal(stats.entries, 4)
      assert.equal(stats.evictions, 1)
    },
    { bounds: { maxEntries: 4 } },
  )

  scenario(
    'maxBytes evicts, and refuses what could never fit',
    async ({ first }) => {
      for (let i = 0; i < 10; i++) await put(first, `k${i}`, i, { bytes: 300 })
      const stats = await first.stats()
      assert.equal(stats.entries, 3)
      assert.equal(stats.bytes, 900)
      assert.equal(stats.evictions, 7)
      for (const bytes of [1001, Infinity, NaN]) {
        const ticket = ticketOf(await first.lookup(ask('large')))
        assert.equal(await first.fill(ticket, result('large', { bytes })), false)
      }
      assert.equal((await first.stats()).entries, 3)
    },
    { bounds: { maxBytes: 1000 } },
  )

  scenario(
    'maxKeys of a table evicts that table’s entries only',
    async ({ first, rig }) => {
      await put(first, 'other', 1, { tables: ['u'] })
      for (let i = 0; i < 10; i++) await put(first, `k${i}`, i, { tables: ['u', 't'] })
      const stats = await first.stats()
      assert.deepEqual(stats.tables, { u: 4, t: 3 })
      assert.equal(stats.entries, 4)
      assertHit(await first.lookup(ask('other')), 1, rig.codec)
      const never = ticketOf(await first.lookup(ask('never')))
      assert.equal(await first.fill(never, result(1, { tables: ['off'] })), false)
    },
    {
      bounds: {
        maxKeysByTable: new Map([
          ['t', 3],
          ['off', 0],
        ]),
      },
    },
  )

  scenario('clear drops entries by table, and all', async ({ first, second, rig }) => {
    await put(first, 'a', 1, { tables: ['a'] })
    await put(first, 'ab', 2, { tables: ['a', 'b'] })
    await put(first, 'c', 3, { tables: ['c'] })
    await second.clear({ kind: 'tables', tables: ['b', 'unknown'] })
    assertHit(await first.lookup(ask('a')), 1, rig.codec)
    await assertMiss(first, ask('ab'))
    assert.deepEqual((await first.stats()).tables, { a: 1, c: 1 })
    await second.clear({ kind: 'all' })
    assertNothing(await first.stats())
  })

  scenario(
    'a fill that lands after clear is refused, without any bump',
    async ({ first, second }) => {
      const a = ticketOf(await first.lookup(ask('a')))
      const b = ticketOf(await first.lookup(ask('b')))
      await second.clear({ kind: 'tables', tables: ['a'] })
      assert.equal(await first.fill(a, result(1, { tables: ['a', 'x'] })), false)
      assert.equal(await first.fill(b, result(1, { tables: ['b'] })), true)
      await put(first, 'a', 2, { tables: ['a'] })
      const c = ticketOf(await first.lookup(ask('c')))
      await second.clear({ kind: 'all' })
      assert.equal(await first.fill(c, result(1)), false)
      assertNothing(await first.stats())
    },
  )

  scenario(
    'no entry outlives its key in an index set, whatever way it goes',
    async ({ first, second, clock }) => {
      for (let i = 0; i < 300; i++) {
        const program = allOf(0, 1, 2 + (i % 7))
        const tables = [`t${i % 3}`, `t${i % 5}`]
        const ticket = ticketOf(await first.lookup(ask(`k${i % 40}`, { program, refresh: true })))
        await first.fill(
          ticket,
          result(i, { program, tables, ttlMs: 50 + (i % 60), bytes: 1 + (i % 9) }),
        )
        if (i % 11 === 0) await second.authority.bump([2 + (i % 5)])
        if (i % 13 === 0) await second.clear({ kind: 'tables', tables: [`t${i % 5}`] })
        clock.advance(i % 4)
        const { entries, tables: counts } = await second.stats()
        const listed = Object.values(counts).reduce((sum, count) => sum + count, 0)
        assert(
          listed >= entries && listed <= 2 * entries,
          `${listed} listings of ${entries} entries`,
        )
      }
      clock.advance(10_000)
      assertNothing(await first.stats())
    },
    { bounds: { maxEntries: 25, maxBytes: 100, maxKeysByTable: new Map([['t1', 5]]) } },
  )
}

function assertNothing({ entries, bytes, tables }: StoreStats): void {
  assert.deepEqual({ entries, bytes, tables }, nothing)
}
