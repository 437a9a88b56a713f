import assert from 'node:assert/strict'
import {
  allOf,
  ask,
  assertBypass,
  assertHit,
  assertMiss,
  fewTurns,
  markOf,
  marksOf,
  put,
  result,
  stillWaits,
  ticketOf,
} from './rig.ts'
import type { Scenario } from './rig.ts'

/** Writes whose outcome is unknown, and owners that die. */
export function outcomes(scenario: Scenario): void {
  scenario(
    'G3: an unknown outcome keeps the mark for its settle delay, then touches all its slots',
    async ({ first, second, clock }) => {
      await put(first, 'k', 1)
      const mark = await second.authority.mark(markOf([5, 9], 30_000))
      second.authority.settleLater(mark)
      second.authority.settleLater(mark)
      await fewTurns()
      clock.advance(29_999)
      assertBypass(await first.lookup(ask('k')), 'pending')
      clock.advance(1)
      await assertMiss(first, ask('k'))
      assert.equal((await first.authority.lastTouch(9)) > 0, true)
    },
  )

  scenario('G3: a settle delay of 0 settles at once', async ({ first, second }) => {
    await put(first, 'k', 1)
    const mark = await second.authority.mark(markOf([5], 0))
    second.authority.settleLater(mark)
    await assertMiss(second, ask('k'))
  })

  scenario(
    'an answer that arrives within the settle delay ends it',
    async ({ first, second, clock, rig }) => {
      await put(first, 'k', 1)
      const mark = await second.authority.mark(markOf([5], 30_000))
      second.authority.settleLater(mark)
      await fewTurns()
      clock.advance(10_000)
      second.authority.settle(mark, [])
      assertHit(await second.lookup(ask('k')), 1, rig.codec)
      clock.advance(60_000)
      assertHit(await second.lookup(ask('k')), 1, rig.codec)
    },
  )

  scenario(
    'G1: an answer after the settle delay still touches',
    async ({ first, second, clock }) => {
      const mark = await second.authority.mark(markOf([5], 30_000))
      second.authority.settleLater(mark)
      await fewTurns()
      clock.advance(30_000)
      await put(first, 'k', 'before the commit landed')
      second.authority.settle(mark, [5])
      await assertMiss(second, ask('k'))
    },
  )

  scenario(
    'G3: a dead owner’s marks stand for their settle delay and then touch; they are never just lifted',
    async ({ rig, first, second, clock }) => {
      if (rig.killSecond === undefined) return
      await put(first, 'slow', 1, { program: allOf(0, 1, 5) })
      await put(first, 'fast', 2, { program: allOf(0, 1, 6) })
      await second.authority.mark(markOf([5], 30_000))
      await second.authority.mark(markOf([6], 0))
      assertBypass(await first.lookup(ask('fast', { program: allOf(0, 1, 6) })), 'pending')
      await rig.killSecond()
      await assertMiss(first, ask('fast', { program: allOf(0, 1, 6) }))
      assertBypass(await first.lookup(ask('slow')), 'pending')
      clock.advance(29_999)
      assertBypass(await first.lookup(ask('slow')), 'pending')
      clock.advance(1)
      await assertMiss(first, ask('slow'))
    },
  )

  scenario(
    'G7: those who wait for a dead owner’s query go on by themselves, and the next reader gets a ticket',
    async ({ rig, first, second }) => {
      if (rig.killSecond === undefined) return
      ticketOf(await second.lookup(ask('k')))
      const waiting = Promise.resolve(first.lookup(ask('k')))
      assert.equal(await stillWaits(waiting), true)
      await rig.killSecond()
      assertBypass(await waiting, 'contended')
      await put(first, 'k', 1)
    },
  )

  scenario('a mark that waits for room dies with its owner', async ({ rig, first, second }) => {
    if (rig.killSecond === undefined) return
    const { authority } = first
    const marks = await marksOf(authority, 1023, markOf([5], 0))
    const waiting = Promise.resolve(second.authority.mark(markOf([5], 0)))
    assert.equal(await stillWaits(waiting), true)
    await fewTurns()
    await rig.killSecond()
    for (const mark of marks) authority.settle(mark, [])
    await put(first, 'k', 1)
  })

  scenario('G7: after close, reads bypass and fills are refused', async ({ first }) => {
    const ticket = ticketOf(await first.lookup(ask('k')))
    const waiting = Promise.resolve(first.lookup(ask('k')))
    await fewTurns()
    await first.close()
    assert.equal((await waiting).kind, 'bypass')
    assertBypass(await first.lookup(ask('k')), 'store-lost')
    assert.equal(await first.fill(ticket, result(1)), false)
  })
}
