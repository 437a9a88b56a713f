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

/** When an entry may be served, and when a fill may be kept: stamps, pending marks, touches. */
export function validity(scenario: Scenario): void {
  scenario('a fill is a hit for every process, with its value', async ({ first, second, rig }) => {
    await put(first, 'k', { n: 1n, at: new Date(5), bytes: Buffer.from('abc') })
    const value = { n: 1n, at: new Date(5), bytes: Buffer.from('abc') }
    assertHit(await first.lookup(ask('k')), value, rig.codec)
    assertHit(await second.lookup(ask('k')), value, rig.codec)
    await put(second, 'k2', [undefined, NaN])
    assertHit(await first.lookup(ask('k2')), [undefined, NaN], rig.codec)
    assert.deepEqual((await second.stats()).tables, { t: 2 })
  })

  scenario(
    'G1: an entry filled before a settled write is not served',
    async ({ first, second }) => {
      await put(first, 'k', 'old')
      const mark = await second.authority.mark(markOf([5]))
      second.authority.settle(mark, [5])
      await assertMiss(second, ask('k'))
      await fewTurns() // the notice has arrived; until then the first end sees the mark
      await assertMiss(first, ask('k'))
    },
  )

  scenario(
    'G1: the settled mark or its touch is seen by every process, whichever asks first',
    async ({ first, second, rig }) => {
      for (let round = 0; round < 20; round++) {
        await fewTurns()
        await put(first, 'k', round)
        assertHit(await second.lookup(ask('k')), round, rig.codec)
        const mark = await second.authority.mark(markOf([5]))
        second.authority.settle(mark, [5]) // only queued: acknowledged now
        const answer = await first.lookup(ask('k'))
        assert.notEqual(answer.kind, 'hit')
        if (answer.kind === 'miss') first.abandon(answer.ticket)
      }
    },
  )

  scenario(
    'G1: a write that is under way when the schema changes counts for every query',
    async ({ first, second }) => {
      const elsewhere = { program: allOf(0, 1, 6) }
      const write = await second.authority.mark(markOf([5]))
      const undone = await second.authority.mark(markOf([7]))
      await put(first, 'k', 'old', elsewhere)
      const schemaChange = await first.authority.mark(markOf([1]))
      first.authority.settle(schemaChange, [1])
      await fewTurns()
      // The new schema is known, but not what the write does under it.
      assertBypass(await first.lookup(ask('k', elsewhere)), 'pending')
      second.authority.settle(undone, [])
      assertBypass(await second.lookup(ask('k', elsewhere)), 'pending')
      second.authority.settle(write, [5])
      await fewTurns()
      await put(first, 'k', 'new', elsewhere)
      // A mark of after the change is judged by the new schema.
      second.authority.settle(await second.authority.mark(markOf([5])), [5])
      await fewTurns()
      assert.equal((await first.lookup(ask('k', elsewhere))).kind, 'hit')
    },
  )

  scenario(
    'G3: so does one whose outcome is unknown, until that is settled',
    async ({ first, second }) => {
      const elsewhere = { program: allOf(0, 1, 6) }
      const write = await second.authority.mark(markOf([5]))
      await first.authority.bump([1])
      second.authority.settleLater(write)
      await fewTurns()
      assertBypass(await first.lookup(ask('k', elsewhere)), 'pending')
      second.authority.settle(write, [5])
      await fewTurns()
      await assertMiss(first, ask('k', elsewhere))
    },
  )

  scenario('G1: a fill that a settled write overtook is refused', async ({ first, second }) => {
    const ticket = ticketOf(await first.lookup(ask('k')))
    const mark = await second.authority.mark(markOf([5]))
    second.authority.settle(mark, [5])
    await fewTurns()
    assert.equal(await first.fill(ticket, result('old')), false)
    await assertMiss(second, ask('k'))
    assert.equal((await first.stats()).refusedFills, 1)
  })

  scenario(
    'G2: while a write is pending, readers bypass and fills are refused',
    async ({ first, second, rig }) => {
      await put(first, 'k', 'old')
      const early = ticketOf(await first.lookup(ask('early')))
      const mark = await second.authority.mark(markOf([5]))
      assertBypass(await first.lookup(ask('k')), 'pending')
      assertBypass(await second.lookup(ask('k')), 'pending')
      assertBypass(await first.lookup(ask('other key')), 'pending')
      assertBypass(await first.lookup(ask('k', { refresh: true })), 'pending')
      assert.equal(await first.fill(early, result('new or old')), false)
      await put(first, 'elsewhere', 'fine', { program: allOf(0, 1, 6) })
      assertHit(await second.lookup(ask('elsewhere')), 'fine', rig.codec)
      second.authority.settle(mark, [5])
      await assertMiss(second, ask('k'))
    },
  )

  scenario(
    'G4: a write that was rolled back leaves entries valid',
    async ({ first, second, rig }) => {
      await put(first, 'k', 'kept')
      const mark = await second.authority.mark(markOf([5, 9]))
      second.authority.settle(mark, [])
      assertHit(await second.lookup(ask('k')), 'kept', rig.codec)
    },
  )

  scenario(
    'settle touches what was touched and only lifts the rest',
    async ({ first, second, rig }) => {
      await put(first, 'a', 1, { program: allOf(0, 1, 5) })
      await put(first, 'b', 2, { program: allOf(0, 1, 6) })
      const mark = await second.authority.mark(markOf([5, 6]))
      second.authority.settle(mark, [6])
      assertHit(await second.lookup(ask('a')), 1, rig.codec)
      await assertMiss(second, ask('b', { program: allOf(0, 1, 6) }))
    },
  )

  scenario('settle may touch slots that were not marked', async ({ first, second }) => {
    await put(first, 'k', 1)
    const mark = await second.authority.mark(markOf([9]))
    second.authority.settle(mark, [5])
    await assertMiss(second, ask('k'))
  })

  scenario('a bump makes entries and fills under way invalid', async ({ first, second }) => {
    await put(first, 'k', 1)
    const early = ticketOf(await first.lookup(ask('early')))
    await second.authority.bump([5])
    await assertMiss(first, ask('k'))
    assert.equal(await first.fill(early, result(1)), false)
  })

  scenario('a touch of slot 0 makes everything invalid', async ({ first, second }) => {
    await put(first, 'a', 1, { program: allOf(0, 1, 5) })
    await put(first, 'b', 2, { program: allOf(0, 1, 6) })
    await second.authority.bump([0])
    await assertMiss(first, ask('a'))
    await assertMiss(first, ask('b', { program: allOf(0, 1, 6) }))
  })

  scenario(
    'a slot is pending until its last mark is settled, and settling twice lifts nobody else’s',
    async ({ first, second, rig }) => {
      await put(first, 'k', 1)
      const one = await first.authority.mark(markOf([5, 5]))
      const two = await second.authority.mark(markOf([5]))
      first.authority.settle(one, [])
      first.authority.settle(one, [])
      assertBypass(await first.lookup(ask('k')), 'pending')
      second.authority.settle(two, [])
      assertHit(await second.lookup(ask('k')), 1, rig.codec)
    },
  )

  scenario('the fill’s own slots decide, not those of the request', async ({ first, second }) => {
    const ticket = ticketOf(await first.lookup(ask('k', { program: allOf(0, 1) })))
    await second.authority.bump([5])
    assert.equal(await first.fill(ticket, result('old', { program: allOf(0, 1, 5) })), false)
    await put(first, 'k', 'new')
    await second.authority.bump([5])
    await assertMiss(first, ask('k', { program: allOf(0, 1) }))
  })

  scenario(
    'marks and tickets tell when the watched slot was touched last',
    async ({ first, second }) => {
      assert.equal(await second.authority.lastTouch(7), 0)
      await first.authority.bump([7])
      await first.authority.bump([8])
      const touched = await second.authority.lastTouch(7)
      assert.equal(touched > 0, true)
      const ticket = ticketOf(await second.lookup(ask('k', { watch: 7 })))
      assert.equal(ticket.watched, touched)
      const mark = await second.authority.mark({ slots: [7], watch: 7, settleDelayMs: 0 })
      assert.equal(mark.watched, touched)
      assert.equal(await second.authority.lastTouch(7), touched)
      second.authority.settle(mark, [7])
      assert.equal((await second.authority.lastTouch(7)) > touched, true)
    },
  )

  scenario(
    'a slot that does not exist is an error for a writer and never a hit for a reader',
    async ({ first }) => {
      for (const slot of [64, -1, 1.5, NaN]) {
        await assert.rejects(async () => first.authority.mark(markOf([slot])))
        await assert.rejects(async () => first.authority.bump([slot]))
        const answer = await first.lookup(ask('k'))
        assert.equal(
          await first.fill(ticketOf(answer), result(1, { program: allOf(0, slot) })),
          false,
        )
      }
    },
  )

  scenario(
    'the 1,024th mark of a slot waits for a settle, and the slot keeps its number',
    async ({ first, second }) => {
      await put(first, 'k', 1)
      const { authority } = second
      const before = await authority.lastTouch(5)
      const marks = await marksOf(authority, 1023, markOf([5]))
      const oneMore = Promise.resolve(authority.mark(markOf([5])))
      assert.equal(await stillWaits(oneMore), true)
      await Promise.resolve(authority.mark(markOf([6]))) // other slots do not wait
      const [released] = marks
      assert(released !== undefined)
      authority.settle(released, [])
      marks.push(await oneMore)
      assert.equal(await authority.lastTouch(5), before)
      for (const mark of marks) authority.settle(mark, [])
      const answer = await second.lookup(ask('k'))
      assert.equal(answer.kind, 'hit')
    },
  )
}
