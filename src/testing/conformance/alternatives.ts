import assert from 'node:assert/strict'
import type { Program } from '../../contract/program.ts'
import {
  allOf,
  ask,
  assertBypass,
  assertHit,
  assertMiss,
  fewTurns,
  markOf,
  oneOf,
  put,
  result,
  stillWaits,
  ticketOf,
} from './rig.ts'
import type { Scenario } from './rig.ts'

/** 5 and 6 are alternatives: an entry that only a touch of both ends. */
const either = oneOf([0, 1], allOf(5), allOf(6))

/** 5 and one of 6 and 7; or else 8. */
const nested = oneOf([0, 1], oneOf([5], allOf(6), allOf(7)), allOf(8))

/** Programs with alternatives: one of a group is enough, a pending or newer one is not usable. */
export function alternatives(scenario: Scenario): void {
  scenario(
    'G6: an entry stays valid while one alternative holds, and no longer',
    async ({ first, second, rig }) => {
      await put(first, 'k', 1, { program: either })
      await second.authority.bump([5])
      assertHit(await first.lookup(ask('k', { program: either })), 1, rig.codec)
      await first.authority.bump([5])
      assertHit(await second.lookup(ask('k', { program: either })), 1, rig.codec)
      await second.authority.bump([6])
      await assertMiss(first, ask('k', { program: either }))
    },
  )

  scenario('G1: what must hold besides a group ends the entry', async ({ first, second }) => {
    for (const slot of [0, 1, 9]) {
      const program = oneOf([0, 1, 9], allOf(5), allOf(6))
      await put(first, 'k', slot, { program })
      await second.authority.bump([slot])
      await assertMiss(first, ask('k', { program }))
    }
  })

  scenario('G1: each of several groups has to hold', async ({ first, second, rig }) => {
    const pair = [allOf(5), allOf(6)]
    const program: Program = { all: [0, 1], any: [pair, [allOf(7), allOf(8)]] }
    await put(first, 'k', 1, { program })
    await second.authority.bump([5])
    await second.authority.bump([8])
    assertHit(await first.lookup(ask('k', { program })), 1, rig.codec)
    await second.authority.bump([7])
    await assertMiss(first, ask('k', { program }))
  })

  scenario('G1: groups within alternatives', async ({ first, second, rig }) => {
    const survives: readonly (readonly number[])[] = [[8], [6], [8, 7], [8, 6], [5], [5, 6, 7]]
    const ends: readonly (readonly number[])[] = [[8, 5], [5, 8], [8, 6, 7], [6, 7, 8], [0], [1]]
    for (const touched of [...survives, ...ends]) {
      await put(first, String(touched), touched, { program: nested })
      for (const slot of touched) await second.authority.bump([slot])
      const request = ask(String(touched), { program: nested })
      if (survives.includes(touched)) assertHit(await first.lookup(request), touched, rig.codec)
      else await assertMiss(first, request)
    }
  })

  scenario(
    'G2: a pending alternative is not usable, and another one may be',
    async ({ first, second, rig }) => {
      const request = ask('k', { program: either })
      await put(first, 'k', 1, { program: either })
      const five = await second.authority.mark(markOf([5]))
      assertHit(await first.lookup(request), 1, rig.codec)
      const six = await second.authority.mark(markOf([6]))
      assertBypass(await first.lookup(request), 'pending')
      assertBypass(await first.lookup(ask('other key', { program: either })), 'pending')
      second.authority.settle(five, [])
      assertHit(await second.lookup(request), 1, rig.codec)
      second.authority.settle(six, [6])
      assertHit(await second.lookup(request), 1, rig.codec)
      const again = await second.authority.mark(markOf([5]))
      assertBypass(await first.lookup(request), 'pending')
      second.authority.settle(again, [])
      assertHit(await second.lookup(request), 1, rig.codec)
      second.authority.settle(await second.authority.mark(markOf([5])), [5])
      await assertMiss(second, request)
    },
  )

  scenario(
    'G2: a result is stored beside a pending alternative only by virtue of another',
    async ({ first, second, rig }) => {
      const request = ask('k', { program: either })
      const mark = await second.authority.mark(markOf([5]))
      await put(first, 'k', 1, { program: either })
      const early = ticketOf(await first.lookup(ask('early', { program: either })))
      await first.authority.bump([6])
      assertBypass(await first.lookup(request), 'pending')
      assert.equal(await first.fill(early, result(1, { program: either })), false)
      second.authority.settle(mark, [])
      assertHit(await second.lookup(request), 1, rig.codec)
    },
  )

  scenario(
    'G1: a query is joined, and fills, while its alternatives leave one',
    async ({ first, second, rig }) => {
      const request = ask('k', { program: either })
      const ticket = ticketOf(await first.lookup(request))
      await second.authority.bump([5])
      const joined = Promise.resolve(second.lookup(request))
      assert.equal(await stillWaits(joined), true)
      assert.equal(await first.fill(ticket, result('shared', { program: either })), true)
      assertHit(await joined, 'shared', rig.codec)

      const other = ask('other', { program: either })
      const stale = ticketOf(await first.lookup(other))
      await second.authority.bump([5])
      await second.authority.bump([6])
      const fresh = ticketOf(await second.lookup(other))
      assert.equal(await first.fill(stale, result('old', { program: either })), false)
      assert.equal(await second.fill(fresh, result('new', { program: either })), true)
    },
  )

  scenario(
    'G1: a query is joined only if the program of who joins holds too',
    async ({ first, second }) => {
      const wide = oneOf([0, 1], allOf(5), allOf(6))
      const narrow = oneOf([0, 1], allOf(5), allOf(7))
      ticketOf(await first.lookup(ask('k', { program: wide })))
      await second.authority.bump([5])
      await second.authority.bump([7])
      ticketOf(await second.lookup(ask('k', { program: narrow })))
    },
  )

  scenario(
    'a slot that does not exist is no usable alternative, and a group of none never holds',
    async ({ first, second, rig }) => {
      const half = oneOf([0, 1], allOf(64), allOf(6))
      await put(first, 'half', 1, { program: half })
      assertHit(await second.lookup(ask('half', { program: half })), 1, rig.codec)
      await second.authority.bump([6])
      await assertMiss(first, ask('half', { program: half }))
      for (const never of [oneOf([0, 1], allOf(64), allOf(-1)), oneOf([0, 1])]) {
        const ticket = ticketOf(await first.lookup(ask('never')))
        assert.equal(await first.fill(ticket, result(1, { program: never })), false)
        assertBypass(await first.lookup(ask('never', { program: never })), 'pending')
      }
    },
  )

  scenario(
    'entries whose alternatives are all touched leave by themselves, out of every index set',
    async ({ first, second, clock, rig }) => {
      for (let i = 0; i < 60; i++) {
        const program = i % 2 === 0 ? either : nested
        await put(first, `k${i}`, i, { program, tables: [`t${i % 4}`, 'u'] })
      }
      await put(first, 'kept', 1, { program: oneOf([0, 1], allOf(5), allOf(9)), tables: ['kept'] })
      const mark = await second.authority.mark(markOf([6]))
      await second.authority.bump([5])
      clock.advance(60_000)
      // What waits for a mark alone may turn out untouched.
      assert.equal((await first.stats()).entries, 61)
      second.authority.settle(mark, [6])
      await fewTurns()
      clock.advance(60_000)
      assert.deepEqual((await first.stats()).tables, { t1: 15, t3: 15, u: 30, kept: 1 })
      await second.authority.bump([8])
      clock.advance(60_000)
      const { entries, bytes, tables, expirations, evictions } = await first.stats()
      assert.deepEqual({ entries, bytes, tables }, { entries: 1, bytes: 100, tables: { kept: 1 } })
      assert.deepEqual({ expirations, evictions }, { expirations: 0, evictions: 0 })
      assertHit(await first.lookup(ask('kept')), 1, rig.codec)
    },
  )
}
