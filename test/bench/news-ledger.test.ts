import { expect, test } from 'vitest'
import { Ledger } from '../../bench/scenario/news/ledger.ts'

test('an answer is stale if it shows less than had been acknowledged before its question', () => {
  const ledger = new Ledger()
  const before = ledger.now
  ledger.acknowledge('story 1', 'votes')
  const between = ledger.now
  ledger.acknowledge('story 1')
  const after = ledger.now
  const stale = (count: number, begun: number): boolean =>
    ledger.isStale({ of: 'story 1', count }, begun)
  expect([stale(0, before), stale(0, between), stale(0, after)]).toEqual([false, true, true])
  expect([stale(1, before), stale(1, between), stale(1, after)]).toEqual([false, false, true])
  // Showing more than was acknowledged is being early, not late.
  expect([stale(2, after), stale(3, before)]).toEqual([false, false])
})

test('what nobody has written to is never stale, and each thing is counted by itself', () => {
  const ledger = new Ledger()
  ledger.acknowledge('story 1')
  ledger.acknowledge('story 2')
  expect(ledger.isStale({ of: 'story 3', count: 0 }, ledger.now)).toBe(false)
  expect(ledger.isStale({ of: 'story 2', count: 1 }, ledger.now)).toBe(false)
  expect(ledger.isStale({ of: 'story 2', count: 0 }, ledger.now)).toBe(true)
})
