import assert from 'node:assert/strict'
import {
  allOf,
  ask,
  assertBypass,
  assertHit,
  assertMiss,
  fewTurns,
  markOf,
  put,
  result,
  ticketOf,
} from './rig.ts'
import type { Scenario } from './rig.ts'

/** The clocks of a table, of its rows whose key is not known, and of two keys. */
const [table, unknownKey, oneKey, otherKey] = [5, 6, 7, 8]
const tableSlots = [table]

const oneRow = { program: allOf(0, 1, unknownKey, oneKey), tableSlots }
const otherRow = { program: allOf(0, 1, unknownKey, otherKey), tableSlots }

/** Writes that learn only from their answer which rows they changed, and the entries that outlive them. */
export function rowImages(scenario: Scenario): void {
  scenario(
    'G1: settle may touch slots that the mark does not cover, and what they do not touch stays',
    async ({ first, second, rig }) => {
      await put(first, 'one', 1, oneRow)
      await put(first, 'other', 2, otherRow)
      const early = ticketOf(await first.lookup(ask('early', { program: oneRow.program })))
      const mark = await second.authority.mark(markOf([table, unknownKey]))
      assertBypass(await first.lookup(ask('one', oneRow)), 'pending')
      assertBypass(await first.lookup(ask('other', otherRow)), 'pending')
      second.authority.settle(mark, [table, oneKey])
      await assertMiss(second, ask('one', oneRow))
      assertHit(await second.lookup(ask('other', otherRow)), 2, rig.codec)
      await fewTurns()
      await assertMiss(first, ask('one', oneRow))
      assertHit(await first.lookup(ask('other', otherRow)), 2, rig.codec)
      assert.equal(await first.fill(early, result('old', oneRow)), false)
    },
  )

  scenario(
    'G1: the mark is lifted only when all of them are touched, whoever asks first',
    async ({ first, second, rig }) => {
      for (let round = 0; round < 20; round++) {
        await fewTurns()
        await put(first, 'k', round, oneRow)
        assertHit(await second.lookup(ask('k', oneRow)), round, rig.codec)
        const mark = await second.authority.mark(markOf([unknownKey]))
        second.authority.settle(mark, [otherKey, oneKey])
        const answer = await first.lookup(ask('k', oneRow))
        assert.notEqual(answer.kind, 'hit')
        if (answer.kind === 'miss') first.abandon(answer.ticket)
      }
    },
  )

  scenario(
    'G3: a write of unknown outcome touches all that its mark covers',
    async ({ first, second, clock }) => {
      await put(first, 'one', 1, oneRow)
      await put(first, 'other', 2, otherRow)
      const mark = await second.authority.mark(markOf([table, unknownKey], 30_000))
      second.authority.settleLater(mark)
      await fewTurns()
      clock.advance(30_000)
      await assertMiss(first, ask('one', oneRow))
      await assertMiss(first, ask('other', otherRow))
    },
  )

  scenario(
    'G1: an answer after the settle delay still touches what the mark did not cover',
    async ({ first, second, clock }) => {
      const mark = await second.authority.mark(markOf([table, unknownKey], 30_000))
      second.authority.settleLater(mark)
      await fewTurns()
      clock.advance(30_000)
      await put(first, 'one', 'before the commit landed', oneRow)
      second.authority.settle(mark, [table, oneKey])
      await assertMiss(second, ask('one', oneRow))
    },
  )

  scenario(
    'G1: a write that met another schema counts for every query, also if it touches only what its mark does not cover',
    async ({ first, second }) => {
      const elsewhere = { program: allOf(0, 1, 9) }
      const unaware = { program: allOf(0, 9) }
      await put(first, 'unaware', 'old', unaware)
      const mark = await second.authority.mark(markOf([table, unknownKey]))
      await first.authority.bump([1])
      await fewTurns()
      assertBypass(await first.lookup(ask('k', elsewhere)), 'pending')
      second.authority.settle(mark, [oneKey])
      await fewTurns()
      await assertMiss(first, ask('unaware', unaware))
      await put(first, 'k', 'new', elsewhere)
      const next = await second.authority.mark(markOf([table, unknownKey]))
      second.authority.settle(next, [oneKey, 1]) // touches the schema itself: widens others, not itself
      await fewTurns()
      await assertMiss(first, ask('k', elsewhere))
      await put(first, 'k', 'newer', elsewhere)
    },
  )

  scenario(
    'a hit that outlived a touch of its table is counted as kept, once for each further touch',
    async ({ first, second, rig }) => {
      const kept = async (): Promise<number> => (await first.stats()).kept
      await put(first, 'one', 1, oneRow)
      await put(first, 'other', 2, otherRow)
      await put(first, 'whole', 3, { program: allOf(0, 1, table), tableSlots })
      const hits = async (): Promise<void> => {
        for (const end of [first, second, first]) {
          assertHit(await end.lookup(ask('other', otherRow)), 2, rig.codec)
        }
      }
      await hits()
      assert.equal(await kept(), 0)
      await second.authority.bump([table, oneKey])
      assert.equal(await kept(), 0, 'nobody has hit it yet')
      await hits()
      assert.equal(await kept(), 1)
      const mark = await second.authority.mark(markOf([table]))
      await hits()
      assert.equal(await kept(), 1, 'a mark is no touch')
      second.authority.settle(mark, [])
      await fewTurns()
      await hits()
      assert.equal(await kept(), 1)
      const [pending, touch] = [markOf([table]), [table, oneKey]]
      const stands = await second.authority.mark(pending)
      await second.authority.bump(touch)
      await second.authority.bump(touch)
      await hits()
      assert.equal(await kept(), 2, 'touched behind a mark')
      second.authority.settle(stands, touch)
      await fewTurns()
      await hits()
      assert.equal(await kept(), 3)
      await assertMiss(first, ask('one', oneRow))
      await assertMiss(first, ask('whole', { program: allOf(0, 1, table) }))
      await put(first, 'one', 'again', oneRow)
      assertHit(await second.lookup(ask('one', oneRow)), 'again', rig.codec)
      assert.equal(await kept(), 3, 'younger than the touch')
    },
  )
}
