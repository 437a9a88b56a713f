import assert from 'node:assert/strict'
import {
  allOf,
  ask,
  assertBypass,
  assertHit,
  fewTurns,
  markOf,
  put,
  result,
  stillWaits,
  ticketOf,
} from './rig.ts'
import type { Scenario } from './rig.ts'

/** Who runs a query that several readers want, and who may have its result. */
export function flights(scenario: Scenario): void {
  scenario(
    '1,000 concurrent misses of one key are one ticket; the others get its fill',
    async ({ first, second, rig }) => {
      const answers = Array.from({ length: 1000 }, (_, i) =>
        Promise.resolve((i % 2 === 0 ? first : second).lookup(ask('k'))),
      )
      const won = await Promise.race(
        answers.map((answer, i) => answer.then((lookup) => ({ i, lookup }))),
      )
      const winner = ticketOf(won.lookup)
      const others = Promise.race(answers.filter((_, i) => i !== won.i))
      assert.equal(await stillWaits(others), true)
      assert.equal(await first.fill(winner, result('once')), true)
      const all = await Promise.all(answers)
      assert.equal(all.filter(({ kind }) => kind === 'miss').length, 1)
      for (const answer of all) if (answer.kind !== 'miss') assertHit(answer, 'once', rig.codec)
    },
  )

  scenario(
    'G1: a query that a write overtook is not joined (blind join)',
    async ({ first, second, rig }) => {
      const stale = ticketOf(await first.lookup(ask('k')))
      const mark = await second.authority.mark(markOf([5]))
      second.authority.settle(mark, [5])
      await fewTurns()
      const fresh = ticketOf(await second.lookup(ask('k')))
      const joined = Promise.resolve(first.lookup(ask('k')))
      assert.equal(await stillWaits(joined), true)
      assert.equal(await first.fill(stale, result('old')), false)
      assert.equal(await stillWaits(joined), true)
      assert.equal(await second.fill(fresh, result('new')), true)
      assertHit(await joined, 'new', rig.codec)
    },
  )

  scenario('G1: a bump alone keeps readers from joining', async ({ first, second }) => {
    ticketOf(await first.lookup(ask('k')))
    await second.authority.bump([5])
    ticketOf(await second.lookup(ask('k')))
  })

  scenario(
    'a query is not joined for slots that its ticket did not know',
    async ({ first, second }) => {
      ticketOf(await first.lookup(ask('k', { program: allOf(0, 1) })))
      await second.authority.bump([6])
      ticketOf(await second.lookup(ask('k', { program: allOf(0, 1, 6) })))
    },
  )

  scenario(
    'a query is not joined that its own ticket knows to be overtaken',
    async ({ first, second }) => {
      ticketOf(await first.lookup(ask('k', { program: allOf(0, 1, 6) })))
      await second.authority.bump([6])
      ticketOf(await second.lookup(ask('k', { program: allOf(0, 1) })))
    },
  )

  scenario('those who wait for a refused fill go on by themselves', async ({ first, second }) => {
    const ticket = ticketOf(await first.lookup(ask('k')))
    const waiting = Promise.resolve(second.lookup(ask('k')))
    await fewTurns()
    await second.authority.bump([5])
    assert.equal(await first.fill(ticket, result('old')), false)
    assertBypass(await waiting, 'contended')
  })

  scenario(
    'those who wait for an abandoned query go on by themselves, and the next one gets a ticket',
    async ({ first, second, rig }) => {
      const ticket = ticketOf(await first.lookup(ask('k')))
      const waiting = Promise.resolve(second.lookup(ask('k')))
      await fewTurns()
      first.abandon(ticket)
      assertBypass(await waiting, 'contended')
      assert.equal(await first.fill(ticket, result('void')), false)
      await put(second, 'k', 'next')
      assertHit(await first.lookup(ask('k')), 'next', rig.codec)
    },
  )

  scenario(
    'G7: a wait has an end; the next reader gets a ticket, and the slow query may still fill',
    async ({ first, second, clock, rig }) => {
      const slow = ticketOf(await first.lookup(ask('k')))
      clock.advance(400)
      const waiting = Promise.resolve(second.lookup(ask('k')))
      await fewTurns()
      clock.advance(600)
      assertBypass(await waiting, 'contended')
      const next = ticketOf(await second.lookup(ask('k')))
      second.abandon(next)
      await fewTurns()
      assert.equal(await first.fill(slow, result('slow')), true)
      assertHit(await second.lookup(ask('k')), 'slow', rig.codec)
    },
    { joinWaitMs: 1000 },
  )

  scenario('a ticket that never comes back is forgotten', async ({ first, clock }) => {
    const lost = ticketOf(await first.lookup(ask('k')))
    clock.advance(3_600_000)
    assert.equal(await first.fill(lost, result('far too late')), false)
  })

  scenario(
    'refresh gets a ticket and leaves the valid entry until its fill',
    async ({ first, second, rig }) => {
      await put(first, 'k', 'before')
      const ticket = ticketOf(await first.lookup(ask('k', { refresh: true })))
      assertHit(await second.lookup(ask('k')), 'before', rig.codec)
      assert.equal(await first.fill(ticket, result('after')), true)
      assertHit(await second.lookup(ask('k')), 'after', rig.codec)
    },
  )

  scenario(
    'two refreshes run two queries, and the older result does not replace the newer',
    async ({ first, second, rig }) => {
      const older = ticketOf(await first.lookup(ask('k', { refresh: true })))
      const newer = ticketOf(await second.lookup(ask('k', { refresh: true })))
      assert.equal(await second.fill(newer, result('newer')), true)
      assert.equal(await first.fill(older, result('older')), false)
      assertHit(await first.lookup(ask('k')), 'newer', rig.codec)
    },
  )

  scenario('a ticket fills once, its own key, in its own epoch', async ({ first, second }) => {
    const ticket = ticketOf(await first.lookup(ask('k')))
    assert.equal(await first.fill({ ...ticket, id: ticket.id + 1000 }, result(1)), false)
    assert.equal(await first.fill({ ...ticket, key: 'another' }, result(1)), false)
    assert.equal(await first.fill(ticket, result(1)), false, 'void after a misuse')
    const epoch = ticketOf(await second.lookup(ask('k')))
    assert.equal(await second.fill({ ...epoch, epoch: 'of another life' }, result(1)), false)
    const twice = ticketOf(await second.lookup(ask('k')))
    assert.equal(await second.fill(twice, result(1)), true)
    assert.equal(await second.fill(twice, result(2)), false)
    assert.equal((await first.stats()).refusedFills, 5)
  })
}
